"""Screens of the complaints and of their weekly reports."""
