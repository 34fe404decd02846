"""scgan: images a person can steer."""
