"""Studio: a page to paint masks, drag points and choose attributes, and its HTTP API."""
