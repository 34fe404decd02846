"""Networks, as plain modules without any training."""
