"""Founding: reads the charter, calls the others, seals the first leaf."""
