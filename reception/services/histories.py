"""The history of visitors' cards written set by set, for changes of thousands of rows at once.

The history's own triggers look up their context for every row, and that takes longer with each row of a transaction.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pgtrigger
from django.apps import apps
from django.db.backends.utils import CursorWrapper
from pghistory.models import Context

_OWN_TRIGGERS = ("reception.Visitor:insert_insert", "reception.Visitor:update_update")
_EVENT = apps.get_model("reception", "VisitorEvent")._meta
_KEPT = [f'"{field.column}"' for field in _EVENT.concrete_fields if not field.column.startswith("pgh_")]


@contextmanager
def history_by_sets(cursor: CursorWrapper) -> Iterator[None]:
    """Keep the history's own triggers still in this transaction meanwhile, as pgtrigger has its triggers ask."""
    names = [trigger.get_pgid(model) for model, trigger in pgtrigger.registered(*_OWN_TRIGGERS)]
    cursor.execute("select set_config('pgtrigger.ignore', %s, true)", ["{" + ",".join(names) + "}"])
    yield
    cursor.execute("select set_config('pgtrigger.ignore', '{}', true)")


def remember(label: str, rows: str) -> str:
    """Return the statement that writes history for the visitors `v` of a set of rows; `%(context)s` is its context.

    `label` is insert or update, `rows` what follows `from reception_visitor v, `: fixed text of the caller's.
    """
    return (
        f"insert into {_EVENT.db_table} (pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, {', '.join(_KEPT)})"  # noqa: S608
        f" select now(), '{label}', v.id, %(context)s, {', '.join('v.' + one for one in _KEPT)}"
        f" from reception_visitor v, {rows}"
    )


def new_context(said: Mapping[str, Any]) -> uuid.UUID:
    """Return a new context of history: who, when, and by what."""
    return Context.objects.create(id=uuid.uuid4(), metadata=dict(said)).pk
