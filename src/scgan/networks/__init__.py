"""The networks: plain modules, no training in them."""
