"""Rows that are written together: one trip to the database for all of them instead of one for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from clinic.statements import Statement, insertion, run
from clinic.statements import change as changing

Row = TypeVar("Row", bound=Model)

_held: ContextVar[list[Model | Statement] | None] = ContextVar("held", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Hold back what `write`, `change` and `carry_out` are given meanwhile, and send it at the end, in that order.

    Must be inside a transaction. Until the end the rows have no key and no query sees them. An error leaves the block
    without anything sent. A block inside another is part of it.
    """
    if _held.get() is not None:
        yield
        return
    held: list[Model | Statement] = []
    token = _held.set(held)
    try:
        yield
    finally:
        _held.reset(token)
    if held:
        _send(held)


def write(row: Row) -> Row:
    """Insert a new row, now or with the others, and return it. Not for models whose history is kept."""
    held = _held.get()
    if held is None:
        row.save(force_insert=True)
    else:
        held.append(row)
    return row


def change(row: Model, *names: str) -> None:
    """Write these fields of a row, as they are now, at once or with the others. Not where history is kept."""
    held = _held.get()
    if held is None:
        row.save(update_fields=names)
    else:
        held.append(changing(row, *names))


def carry_out(statement: Statement) -> None:
    """Run a statement whose answer nobody reads, now or with the others. Not where history is kept."""
    held = _held.get()
    if held is None:
        run(statement)
    else:
        held.append(statement)


def held_back(model: type[Row]) -> list[Row]:
    """Return the rows of a model that wait to be sent, and may still be changed."""
    return [row for row in _held.get() or () if isinstance(row, model)]


def _send(held: list[Model | Statement]) -> None:
    answers = run(*[insertion(one) if isinstance(one, Model) else one for one in held])
    for one, answer in zip(held, answers, strict=True):
        if isinstance(one, Model):
            (one.pk,) = answer.fetchone() or (None,)
            one._state.adding, one._state.db = False, DEFAULT_DB_ALIAS
