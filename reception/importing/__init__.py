"""Files of visitors from another system: what can be read, matched and checked of them. Pure: no database."""
