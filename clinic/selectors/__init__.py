"""Reads of the hospital itself."""
