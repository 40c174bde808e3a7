"""Madang: a platform co-operative in a box."""

__version__ = "0.1.0"
