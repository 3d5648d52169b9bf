"""Plays a day: event by event through the same rules and the same ledger as the desk. Nothing is kept."""

from .desk import Desk, Impossible, Line, Visit
from .player import Player

__all__ = ["Desk", "Impossible", "Line", "Player", "Visit"]
