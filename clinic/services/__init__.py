"""Writes of the hospital itself. One function is one thing that happens, in one transaction."""
