"""What several screens use."""

from typing import Any

Context = dict[str, Any]

# The states in which somebody can be named to receive a visit.
HERE = ("free", "busy", "in_room", "suspended")
