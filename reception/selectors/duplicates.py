"""People on file who may be the one now at the desk."""

from datetime import date

from reception import keys, names
from reception.models import Visitor, VisitorKey

LOOKED_AT = 50


def possible_duplicates(
    *, name: str, phone: str, birth_on: date | None = None, but: Visitor | None = None, limit: int = 6
) -> list[Visitor]:
    """Return visitors with the same phone (E.164), or with the same name and birth date, newest first.

    A phone may be shared by a family, so a person with the same phone is a question, never an answer.
    """
    but_these = [but.pk] if but else []
    found: list[Visitor] = []
    if phone:
        digits = [key for kind, key in keys.search_keys(name="", phone=phone, file_number="") if kind == keys.PHONE]
        recent = VisitorKey.objects.filter(kind=keys.PHONE, key__in=digits).order_by("-visitor_id")
        ids = list(recent.values_list("visitor_id", flat=True)[:LOOKED_AT])
        same_phone = Visitor.objects.filter(pk__in=ids, phone=phone).exclude(pk__in=but_these)
        found += same_phone.select_related("owner").order_by("-pk")[:limit]
    if birth_on and len(found) < limit:
        born = Visitor.objects.filter(birth_on=birth_on, keys__kind=keys.NAME, keys__key=names.fold(name))
        others = born.exclude(pk__in=[one.pk for one in found] + but_these)
        found += others.select_related("owner").order_by("-pk")[: limit - len(found)]
    return found
