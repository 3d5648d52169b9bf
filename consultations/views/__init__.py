"""Pages and fragments of the consultation room."""
