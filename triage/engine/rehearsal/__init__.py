"""A day played through the rules in memory: read from YAML, or put together from what really happened."""
