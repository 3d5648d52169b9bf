"""Two records of one person: what of both would stay, what was merged into a visitor, and which pairs look like one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Field, ForeignKey, ForeignObjectRel, Model, Q, QuerySet, TextField
from django.utils.translation import gettext as _
from pghistory.models import Event
from phonenumber_field.modelfields import PhoneNumberField

from clinic.templatetags.desk import masked_phone
from reception.models import Merge, PossibleDuplicate, Standing, Visit, Visitor, VisitorKey

SURVIVOR, OTHER, BOTH = "survivor", "other", "both"
# What belongs to a record itself, whoever's it is.
OF_THE_RECORD = frozenset(
    {
        "id",
        "file_number",
        "registered_at",
        "registered_by",
        "registered_in",
        "last_visit_on",
        "level",
        "merged_into",
        "consulted_by",
    }
)
_OWN_TABLES: tuple[type[Model], ...] = (VisitorKey, Merge, PossibleDuplicate)


def records_of(visitor: Visitor) -> QuerySet[Visitor]:
    """Return the visitor's record and those merged into it, for what stays with the record it was written for."""
    return Visitor.objects.filter(Q(pk=visitor.pk) | Q(merged_into=visitor.pk))


def records_merged_into(visitor: Visitor) -> QuerySet[Visitor]:
    """Return the records merged into a visitor's, the latest first."""
    return Visitor.objects.filter(merged_into=visitor.pk)


def merges_of(visitor: Visitor) -> QuerySet[Merge]:
    """Return how the records now in a visitor's came there, the latest first."""
    merges = Merge.objects.filter(other__merged_into=visitor.pk, taken_back_at=None)
    return merges.select_related("other", "merged_by")


def latest_merge_of(record: Visitor) -> Merge | None:
    """Return the last time a record was merged into another, taken back or not; None: it never was."""
    return Merge.objects.select_related("survivor", "other").filter(other=record).order_by("-pk").first()


def merged_sentence(record: Visitor) -> str:
    """Return into whom a merged record was merged, when and by whom."""
    merge = record.merges.select_related("survivor", "merged_by__branch").get(taken_back_at=None)
    into = record.merged_into
    assert into is not None
    return _("%(name)s (%(number)s) was merged into %(into)s (%(into_number)s) by %(who)s on %(when)s.") % {
        "name": record.name,
        "number": record.file_number,
        "into": into.name,
        "into_number": into.file_number,
        "who": merge.merged_by,
        "when": merge.merged_at.astimezone(merge.merged_by.branch.zone).strftime("%Y-%m-%d %H:%M"),
    }


def may_be_taken_back(merge: Merge, now: datetime) -> bool:
    """Say whether a merging can still be undone: within a day, and unless the survivor was merged on since."""
    young = now < merge.merged_at + Merge.TAKE_BACK_WITHIN
    return young and merge.taken_back_at is None and merge.other.merged_into_id == merge.survivor_id


@dataclass(frozen=True, slots=True)
class Belongings:
    """The rows of a table that name a visitor in one column. `sealed`: the database lets nobody change them."""

    model: type[Model]
    field: "ForeignKey[Any, Any]"
    sealed: bool
    only_one: bool

    @property
    def address(self) -> str:
        """Return table and column, by which they are found again."""
        return f"{self.model._meta.label}.{self.field.name}"

    @property
    def label(self) -> str:
        """Return what they are called on a screen."""
        many = str(self.model._meta.verbose_name_plural)
        return (
            many if self.field.name == "visitor" else f"{many} ({getattr(self.field, 'verbose_name', self.field.name)})"
        )

    def of(self, *visitors: Visitor) -> QuerySet[Any]:
        """Return the rows that name one of the visitors."""
        return self.model._base_manager.filter(**{f"{self.field.name}__in": visitors})


def belongings() -> Iterator[Belongings]:
    """Return all tables of all rooms that name visitors; keys, history and mergings take care of themselves."""
    for relation in Visitor._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.many_to_many or relation.related_model is None:
            continue
        model, field = relation.related_model, relation.field
        assert isinstance(model, type) and isinstance(field, ForeignKey)
        if model in _OWN_TABLES or issubclass(model, Event):
            continue
        triggers = getattr(model._meta, "triggers", ())
        sealed = any(trigger.name.startswith("append_only") for trigger in triggers)
        yield Belongings(model, field, sealed, only_one=bool(relation.one_to_one))


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field in which two records differ: both values as shown, and what is suggested to keep."""

    name: str
    label: str
    survivor: str
    other: str
    suggested: str
    can_keep_both: bool


@dataclass(frozen=True, slots=True)
class Amount:
    """How many rows of a kind each of two records has. `stays`: they stay with the other record and are shown here."""

    label: str
    survivor: int
    other: int
    stays: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What merging `other` into `survivor` would do. `trouble`: why it cannot be done now, empty when it can."""

    survivor: Visitor
    other: Visitor
    differences: list[FieldDifference]
    amounts: list[Amount]
    trouble: str


def mergeable_fields() -> list["Field[Any, Any]"]:
    """Return the fields of which one value stays when two records become one, in the order of the card."""
    return [field for field in Visitor._meta.concrete_fields if field.name not in OF_THE_RECORD]


def merge_preview(survivor: Visitor, other: Visitor) -> Preview:
    """Return what would become of two records. A query for each table that names visitors, however many rows."""
    differences = [
        FieldDifference(
            name=field.name,
            label=str(field.verbose_name),
            survivor=_shown(survivor, field),
            other=_shown(other, field),
            suggested=_suggested(survivor, other, field),
            can_keep_both=isinstance(field, TextField),
        )
        for field in mergeable_fields()
        if getattr(survivor, field.attname) != getattr(other, field.attname)
    ]
    return Preview(
        survivor=survivor,
        other=other,
        differences=differences,
        amounts=[amount for kind in belongings() if (amount := _amount(kind, survivor, other))],
        trouble=both_here(survivor, other),
    )


def both_here(survivor: Visitor, other: Visitor) -> str:
    """Return a sentence when each of two records has an open visit, nothing otherwise."""
    visits = list(
        Visit.objects.filter(visitor__in=[survivor, other], state__in=Visit.OPEN_STATES)
        .select_related("branch", "visitor")
        .order_by("arrived_at")
    )
    if len({visit.visitor_id for visit in visits}) < 2:
        return ""
    where = [
        _("%(number)s %(name)s at %(branch)s on %(day)s, “%(state)s”")
        % {
            "number": visit,
            "name": visit.visitor.name,
            "branch": visit.branch,
            "day": visit.day.isoformat(),
            "state": visit.get_state_display(),
        }
        for visit in visits
    ]
    return _("Both have an open visit: %(visits)s. End one of them, or make it void, before you merge.") % {
        "visits": _(", ").join(where)
    }


def _amount(kind: Belongings, survivor: Visitor, other: Visitor) -> Amount | None:
    of_each = dict(kind.of(survivor, other).order_by().values_list(kind.field.name).annotate(Count("pk")))
    if not of_each:
        return None
    has = of_each.get(survivor.pk, 0), of_each.get(other.pk, 0)
    return Amount(kind.label, *has, stays=kind.sealed or (kind.only_one and all(has)))


def _shown(visitor: Visitor, field: "Field[Any, Any]") -> str:
    value = getattr(visitor, field.name)
    if isinstance(field, PhoneNumberField):
        return masked_phone(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.choices:
        return str(getattr(visitor, f"get_{field.name}_display")())
    return "" if value is None else str(value)


_STANDINGS = list(Standing)


def _suggested(survivor: Visitor, other: Visitor, field: "Field[Any, Any]") -> str:
    ours, theirs = getattr(survivor, field.attname), getattr(other, field.attname)
    if field.name == "standing":
        further = _STANDINGS.index(Standing(theirs)) > _STANDINGS.index(Standing(ours))
        return OTHER if further else SURVIVOR
    if not ours or ours == Visitor.Gender.UNKNOWN:
        return OTHER
    return BOTH if isinstance(field, TextField) and theirs else SURVIVOR
