"""What an entry of the ledger is: something that happened, which knows what it makes of the board."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar

from ..facts.board import Board
from ..records import dataclass


class LedgerError(ValueError):
    """The entry does not fit the board: it was decided on another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(ABC):
    """What every entry has: when (aware), who did it (opaque id), and why where a reason is asked for."""

    kind: ClassVar[str] = ""

    at: datetime
    by: str = ""
    reason: str = ""

    @abstractmethod
    def applied(self, board: Board, sequence: int) -> Board:
        """The board after this entry, which is number `sequence`; raises LedgerError when it does not fit."""

    def reverted(self, board: Board, sequence: int) -> Board:
        """The board as if this entry, number `sequence`, had not been; raises LedgerError where K8 does not reach."""
        raise LedgerError(f"{self.kind} cannot be undone")
