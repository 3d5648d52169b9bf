"""Reads of the consultation room, each filtered by who asks."""
