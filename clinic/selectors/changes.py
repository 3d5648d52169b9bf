"""What somebody else changed in a thing since a form was drawn, as the audit log tells it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import AuditEntry

# What an action changes where its entry does not name the fields.
_CHANGES: Mapping[str, tuple[str, ...]] = {
    "clinic.set_roles": ("roles",),
    "clinic.set_hours": ("hours",),
    "consultations.set_discount_limits": ("limits",),
}
_NAMES: Mapping[str, Promise] = {
    "roles": _("Roles"),
    "hours": _("Opening hours"),
    "limits": _("Discount limits"),
    "forms": _("Forms to be signed"),
}


@dataclass(frozen=True, slots=True)
class Missed:
    """What was changed since: by whom last (empty: not known), which fields by name, and the latest entry."""

    who: str
    fields: tuple[str, ...]
    latest: int


def latest_change(model: type[Model], pk: int) -> int:
    """Return the number of the latest entry about a thing, 0 when there is none."""
    entries = AuditEntry.objects.filter(object_type=model._meta.model_name, object_id=str(pk)).order_by("-pk")
    return entries.values_list("pk", flat=True).first() or 0


def missed_since(thing: Model, seen: int, actions: Iterable[str]) -> Missed | None:
    """Return what these actions changed in a thing after entry `seen`; None: nothing."""
    entries = list(
        AuditEntry.objects.filter(
            object_type=thing._meta.model_name, object_id=str(thing.pk), pk__gt=seen, action__in=list(actions)
        )
        .select_related("staff")
        .order_by("-pk")
    )
    if not entries:
        return None
    fields = [name for entry in entries for name in entry.detail.get("changed") or _CHANGES.get(entry.action, ())]
    names = tuple(dict.fromkeys(_name(thing, field) for field in fields))
    return Missed(str(entries[0].staff or ""), names, entries[0].pk)


def _name(thing: Model, field: str) -> str:
    if field in _NAMES:
        return str(_NAMES[field])
    try:
        return str(getattr(thing._meta.get_field(field), "verbose_name", field))
    except FieldDoesNotExist:
        return field
