"""People on file who may be the one now at the desk, and pairs on file that may be one person."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from reception import keys, names
from reception.models import PossibleDuplicate, Visitor, VisitorKey

LOOKED_AT = 50


def possible_duplicates(
    *,
    name: str,
    phone: str,
    birth_on: date | None = None,
    but: Visitor | None = None,
    limit: int = 6,
    name_alone: bool = False,
) -> list[Visitor]:
    """Return visitors with the same phone (E.164), or with the same name and birth date, newest first.

    Whom a record with such a phone or name was merged into counts as well. A phone may be shared by a family, so a
    person with the same phone is a question, never an answer. `name_alone`: when there is neither phone nor birth date
    to tell two people of a name apart, all of that name count, who was here last first.
    """
    but_these = [but.pk] if but else []
    found: list[Visitor] = []
    if phone:
        digits = [key for kind, key in keys.search_keys(name="", phone=phone, file_number="") if kind == keys.PHONE]
        recent = VisitorKey.objects.filter(kind=keys.PHONE, key__in=digits).order_by("-last_on", "-visitor_id")
        ids = list(recent.values_list("visitor_id", flat=True)[:LOOKED_AT])
        same_phone = Q(phone=phone) | Q(merged_records__phone=phone)
        found += _newest(Visitor.objects.filter(same_phone, pk__in=ids).exclude(pk__in=but_these), limit)
    if birth_on and len(found) < limit:
        named = VisitorKey.objects.filter(kind=keys.NAME, key=names.fold(name), visitor=OuterRef("person"))
        born = Visitor.objects.filter(birth_on=birth_on).annotate(person=Coalesce("merged_into_id", "pk"))
        ids = list(born.filter(Exists(named)).order_by("-pk").values_list("person", flat=True)[:LOOKED_AT])
        others = Visitor.objects.filter(pk__in=ids).exclude(pk__in=[one.pk for one in found] + but_these)
        found += _newest(others, limit - len(found))
    if name_alone and not phone and not birth_on:
        found += _namesakes(name, but_these, limit)
    return found


def _namesakes(name: str, but_these: list[int], limit: int) -> list[Visitor]:
    recent = VisitorKey.objects.filter(kind=keys.NAME, key=names.fold(name)).exclude(visitor__in=but_these)
    ids = list(recent.order_by("-last_on", "-visitor_id").values_list("visitor_id", flat=True)[:limit])
    by_pk = Visitor.objects.select_related("owner").in_bulk(ids)
    return [by_pk[pk] for pk in ids]


def _newest(visitors: QuerySet[Visitor], limit: int) -> list[Visitor]:
    return list(visitors.select_related("owner").order_by("-pk").distinct()[:limit])


def reason_of(one: Visitor, two: Visitor) -> str:
    """Return why two records may be one person: the same phone says more than the same name and birth date."""
    reason = PossibleDuplicate.Reason
    return reason.PHONE if one.phone and one.phone == two.phone else reason.PERSON


def pair_named(pk: int) -> PossibleDuplicate | None:
    """Return a pair of records, decided on or not; None when there is none of this number."""
    return PossibleDuplicate.objects.select_related("first", "second").filter(pk=pk).first()


def open_pairs() -> QuerySet[PossibleDuplicate]:
    """Return the pairs nobody has decided on, the latest noticed first, with both records and their owners."""
    return (
        PossibleDuplicate.objects.filter(dismissed_at=None, first__merged_into=None, second__merged_into=None)
        .select_related("first__owner", "second__owner")
        .order_by("-pk")
    )
