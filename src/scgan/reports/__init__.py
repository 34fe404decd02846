"""HTML pages about models and runs."""
