"""Pages and fragments of the reception room."""
