"""A year of a hospital, day by day through the rooms' own services, and its reckoning by hand. See README.md."""
