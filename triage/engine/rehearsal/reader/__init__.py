"""Reads a day from YAML. Everything that is wrong with it is found in one go, each with its line."""

from .mistakes import Mistake, NotADay
from .whole import read_day

__all__ = ["Mistake", "NotADay", "read_day"]
