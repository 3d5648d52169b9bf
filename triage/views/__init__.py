"""Screens of the boards, the proposals, the decisions, and the questions that wait for a name."""
