"""Audit entries as their reader is told them: names for keys, words for codes, and no raw data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinic.detail_words import CODE_WORDS, DETAIL_WORDS, OF_STAFF, OF_VISITORS
from clinic.models import AuditEntry, Staff
from clinic.templatetags.desk import colon
from clinic.words import reads_chinese

# A content mark or another long key is told apart by its beginning.
MARK = 12


@dataclass(frozen=True, slots=True)
class Told:
    """An entry with the name of its object, and its details as label and text."""

    entry: AuditEntry
    name: str
    details: Sequence[tuple[str, str]]


class _Names:
    """Names of the people and of the objects that some entries speak of. A query for each kind there is."""

    def __init__(self, entries: Sequence[AuditEntry]) -> None:
        people: set[int] = set()
        objects: dict[str, set[int]] = {}
        for entry in entries:
            if entry.object_id.isdecimal():
                objects.setdefault(entry.object_type, set()).add(int(entry.object_id))
            for name, value in entry.detail.items():
                if name in OF_STAFF:
                    people |= set(_keys(value))
                elif name in OF_VISITORS:
                    objects.setdefault("visitor", set()).update(_keys(value))
        self.people: dict[int, str] = {}
        if people:
            self.people = dict(Staff.objects.filter(pk__in=people).values_list("pk", "display_name"))
        self.objects: dict[tuple[str, int], str] = {}
        for kind, keys in objects.items():
            model = model_named(kind)
            field = getattr(model, "named_by", "")
            if model is not None and field:
                named = model._default_manager.filter(pk__in=keys).values_list("pk", field)
                self.objects |= {(kind, pk): str(name) for pk, name in named}

    def of(self, kind: str, key: str) -> str:
        """Return what an object is called: by the field its model is `named_by`, else by its key or its beginning."""
        return self.objects.get((kind, int(key)), key) if key.isdecimal() else key[:MARK]


def told(entries: Iterable[AuditEntry]) -> list[Told]:
    """Return entries as their reader is told them, in the same order."""
    rows = list(entries)
    names = _Names(rows)
    return [Told(entry, names.of(entry.object_type, entry.object_id), list(_details(entry, names))) for entry in rows]


@cache
def model_named(name: str) -> type[Model] | None:
    """Return the model an entry calls its object by; None for one there is no more."""
    return next((model for model in apps.get_models() if model._meta.model_name == name), None)


def _details(entry: AuditEntry, names: _Names) -> Iterator[tuple[str, str]]:
    model = model_named(entry.object_type)
    for name, value in entry.detail.items():
        if value in (None, "", [], {}) or (name.endswith("_en") and name[:-3] in entry.detail):
            continue
        if isinstance(value, Mapping):
            yield (
                _label(name, model),
                pgettext("between clauses", ", ").join(
                    f"{_label(inner, model)}{colon()}{_text(inner, said, model, names)}"
                    for inner, said in value.items()
                ),
            )
        else:
            said = value if reads_chinese() else entry.detail.get(f"{name}_en") or value
            yield _label(name, model), _text(name, said, model, names)


def _label(name: str, model: type[Model] | None) -> str:
    if name.isdecimal() and int(name) in WEEKDAYS:
        return str(WEEKDAYS[int(name)])
    if name in DETAIL_WORDS:
        return str(DETAIL_WORDS[name])
    field = _field(name, model)
    if field is not None:
        return str(field.verbose_name)
    return _label(name.removesuffix("_id"), model) if name.endswith("_id") else name


def _text(name: str, value: Any, model: type[Model] | None, names: _Names) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _(", ").join(_text(name, one, model, names) for one in value if one not in (None, ""))
    if name in ("fields", "changed"):
        return _label(str(value), model)
    if name == "weekdays":
        return str(WEEKDAYS.get(value, value))
    if name == "hash":
        return str(value)[:MARK]
    if name in OF_STAFF and (keys := list(_keys(value))):
        return names.people.get(keys[0], str(value))
    if name in OF_VISITORS:
        return names.of("visitor", str(value))
    said = str(value)
    if said in (codes := CODE_WORDS.get(name, {})):
        return str(codes[said])
    field = _field(name, model)
    choices = dict(field.flatchoices) if field is not None else {}
    return str(choices.get(said, said))


def _field(name: str, model: type[Model] | None) -> "Field[Any, Any] | None":
    try:
        field = model._meta.get_field(name) if model is not None else None
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) else None


def _keys(value: object) -> Iterator[int]:
    """Return the whole numbers in a value, however deep in lists; a number written as text is one too."""
    if isinstance(value, list):
        for one in value:
            yield from _keys(one)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, str) and value.isdecimal():
        yield int(value)
