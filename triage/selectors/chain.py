"""The chain of hashes through a board's ledger."""

import hashlib
import json
from datetime import UTC

from triage.engine.ledger import Entry, Undone, entry_to_json
from triage.models import LedgerEntry


def sealed_row(*, board_id: int, sequence: int, entry: Entry, previous_hash: str) -> LedgerEntry:
    """Return an entry as its row, unsaved, chained to the one before it ("" for the first)."""
    visit = entry.entry.get("visit") if isinstance(entry, Undone) else getattr(entry, "visit", None)
    row = LedgerEntry(
        board_id=board_id,
        sequence=sequence,
        at=entry.at,
        kind=entry.kind,
        visit_id=int(str(visit)) if visit else None,
        staff_id=int(entry.by) if entry.by else None,
        reason=entry.reason,
        corrects=getattr(entry, "corrects", None),
        body=entry_to_json(entry),
        previous_hash=previous_hash,
    )
    row.hash = hash_of(row)
    return row


def hash_of(row: LedgerEntry) -> str:
    """Return the sha256 that a row must have: of the hash before it and of everything it says."""
    said = [
        row.board_id,
        row.sequence,
        row.at.astimezone(UTC).isoformat(),
        row.kind,
        row.visit_id,
        row.staff_id,
        row.reason,
        row.corrects,
        row.body,
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((row.previous_hash + text).encode()).hexdigest()
