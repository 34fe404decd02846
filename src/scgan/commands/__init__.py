"""Commands, one module each: arguments in, one call out."""
