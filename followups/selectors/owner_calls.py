"""The lists of calls that belong to one person; every answer is limited to what the person who asks may work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from urllib.parse import urlencode

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Staff
from clinic.roles import Capability
from clinic.words import reads_chinese
from consultations.models import Consultation, Treatment
from followups.models import OwnerCall, OwnerCallTry
from followups.selectors.calls import UPCOMING_DAYS

_Kind = OwnerCall.Kind
_State = OwnerCall.State
# Who sees more than her own calls: of her team, and of those whom nobody owns.
SUPERVISORS = frozenset({Capability.ANSWER_ESCALATIONS, Capability.SUPERVISE_CALL_BACKS})


class OwnTab(StrEnum):
    """The lists of an owner, and that of her supervisor."""

    NO_DEAL = _Kind.NO_DEAL.value
    NEXT_SESSION = _Kind.NEXT_SESSION.value
    BIRTHDAY = _Kind.BIRTHDAY.value
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Place:
    """Which list somebody is at: the tab, what is due by today or what comes next, and whose (None: all she sees)."""

    tab: OwnTab = OwnTab.NO_DEAL
    when: Literal["due", "coming"] = "due"
    owner_id: int | None = None

    @property
    def query(self) -> str:
        """Return how an address names it."""
        given = {"tab": self.tab.value, "when": "" if self.when == "due" else self.when, "whose": self.owner_id or ""}
        return urlencode({name: value for name, value in given.items() if value})


def supervises(staff: Staff) -> bool:
    """Say whether this person sees calls of others."""
    return bool(SUPERVISORS & staff.capabilities)


def own_tabs_of(staff: Staff) -> list[OwnTab]:
    """Return the lists this person has."""
    return [tab for tab in OwnTab if tab is not OwnTab.UNREACHED or supervises(staff)]


def owner_calls_seen_by(staff: Staff) -> QuerySet[OwnerCall]:
    """Return the calls of the person's branch that she works, with all a row shows.

    Her own; of a consulting supervisor her team's too; of the service supervisor those of visitors whom nobody owns.
    """
    seen = Q(pk__in=())
    if staff.may(Capability.WORK_OWN_QUEUE):
        seen |= Q(owner=staff)
    if staff.may(Capability.ANSWER_ESCALATIONS):
        seen |= Q(owner__isnull=False)
    if staff.may(Capability.SUPERVISE_CALL_BACKS):
        seen |= Q(owner=None)
    return OwnerCall.objects.filter(seen, branch_id=staff.branch_id).select_related(
        "visitor", "owner", "held_by", "branch"
    )


def _in_tab(tab: OwnTab, today: date, when: str = "due") -> Q:
    if tab is OwnTab.UNREACHED:
        return Q(state=_State.DONE, state_reason=OwnerCall.Reason.UNREACHED)
    days = Q(call_on__lte=today)
    if when == "coming":
        days = Q(call_on__gt=today, call_on__lte=today + timedelta(days=UPCOMING_DAYS))
    return Q(state=_State.OPEN, kind=tab.value) & days


def own_list(*, staff: Staff, place: Place, now: datetime) -> QuerySet[OwnerCall]:
    """Return a list in the order to call: the longest due first; calls promised for later in the day last."""
    rows = owner_calls_seen_by(staff).filter(_in_tab(place.tab, staff.branch.today(now), place.when))
    if place.owner_id is not None:
        rows = rows.filter(owner_id=place.owner_id)
    if place.tab is OwnTab.UNREACHED:
        return rows.order_by("closed_at", "id")
    return rows.alias(
        later=Case(When(call_at__gt=now, then=Value(1)), default=Value(0), output_field=IntegerField())
    ).order_by("later", "call_on", "call_at", "id")


def free_owner_calls(*, staff: Staff, place: Place, now: datetime) -> QuerySet[OwnerCall]:
    """Return the cards of a list that nobody else holds and whose hour has come, in the order to call."""
    return own_list(staff=staff, place=place, now=now).filter(
        Q(state=_State.OPEN),
        Q(held_until=None) | Q(held_until__lte=now) | Q(held_by=staff),
        Q(call_at=None) | Q(call_at__lte=now),
    )


def own_shown_first(*, staff: Staff, now: datetime) -> OwnTab:
    """Return the first of a person's lists on which somebody stands; who did not buy when nobody does anywhere."""
    counts = own_counts(staff=staff, now=now)
    return next((tab for tab, number in counts.items() if number), OwnTab.NO_DEAL)


def own_counts(*, staff: Staff, now: datetime) -> dict[OwnTab, int]:
    """Return how many cards each list holds by today, in one query."""
    today = staff.branch.today(now)
    wanted = Q(state=_State.OPEN, call_on__lte=today)
    if supervises(staff):
        wanted |= _in_tab(OwnTab.UNREACHED, today)
    numbers = (
        owner_calls_seen_by(staff)
        .select_related(None)
        .filter(wanted)
        .aggregate(**{tab.value: Count("id", filter=_in_tab(tab, today)) for tab in own_tabs_of(staff)})
    )
    return {OwnTab(name): number for name, number in numbers.items()}


def owners_among(staff: Staff) -> QuerySet[Staff]:
    """Return whose open calls a supervisor sees."""
    hers = owner_calls_seen_by(staff).select_related(None).filter(owner=OuterRef("pk"), state=_State.OPEN)
    return Staff.objects.filter(Exists(hers))


@dataclass(frozen=True, slots=True)
class About:
    """What a call is about, in words, with the day it counts from (None: not known any more)."""

    text: str
    day: date | None = None
    project: str = ""


def about_of(calls: Iterable[OwnerCall]) -> dict[int, About]:
    """Return by the ids of calls what each is about, in the language of the reader; two queries however many."""
    calls = list(calls)
    numbers = {call.pk: int(call.about.split()[-1]) for call in calls}
    of = {kind: {numbers[call.pk] for call in calls if call.kind == kind} for kind in _Kind.values}
    treatments = (
        Treatment.objects.select_related("project").in_bulk(of[_Kind.NEXT_SESSION]) if of[_Kind.NEXT_SESSION] else {}
    )
    talks = Consultation.objects.only("day").in_bulk(of[_Kind.NO_DEAL]) if of[_Kind.NO_DEAL] else {}
    found = {}
    for call in calls:
        number = numbers[call.pk]
        if call.kind == _Kind.NEXT_SESSION:
            treatment = treatments[number]
            found[call.pk] = About(
                _("%(project)s, next visit on %(day)s")
                % {"project": treatment.project, "day": date_format(treatment.next_visit_on, "SHORT_DATE_FORMAT")}
                if treatment.next_visit_on
                else str(treatment.project),
                treatment.next_visit_on,
                str(treatment.project),
            )
        elif call.kind == _Kind.NO_DEAL:
            found[call.pk] = About(call.reason, talks[number].day)
        else:
            born = call.visitor.birth_on
            turns = _("turns %(age)s") % {"age": number - born.year} if born else ""
            found[call.pk] = About(turns, call.due_on)
    return found


def earlier_tries(call: OwnerCall) -> QuerySet[OwnerCallTry]:
    """Return all tries of owners' calls ever made for the visitor of a card, newest first."""
    return OwnerCallTry.objects.filter(call__visitor_id=call.visitor_id).select_related("staff", "call").order_by("-id")


def owner_script(call: OwnerCall, about: About, staff: Staff) -> list[str]:
    """Return what is said on a call, line by line, in the language of the page, with names and days filled in."""
    polite = {"female": "女士", "male": "先生"}.get(call.visitor.gender, "") if reads_chinese() else ""
    words = {
        "visitor": call.visitor.name + polite,
        "staff": staff.display_name,
        "hospital": str(call.branch),
        "day": date_format(about.day, "DATE_FORMAT") if about.day else "…",
        "project": about.project,
    }
    lines = {
        _Kind.NO_DEAL: (
            _("Hello %(visitor)s, this is %(staff)s from %(hospital)s. You were here on %(day)s; is it a good moment?"),
            _("You wanted to think it over. Which questions have come up since?"),
            _("If you would like to look at it once more, I keep a time for you. Which day suits you?"),
        ),
        _Kind.NEXT_SESSION: (
            _("Hello %(visitor)s, this is %(staff)s from %(hospital)s."),
            _("Your next visit for %(project)s is planned for %(day)s. How has it been since the last time?"),
            _("Has anything changed in your health, or are you taking any medicine? Shall I book a time for you?"),
        ),
        _Kind.BIRTHDAY: (
            _("Hello %(visitor)s, this is %(staff)s from %(hospital)s."),
            _("All of us wish you a happy birthday!"),
            _("How are you, and is there anything we can do for you?"),
        ),
    }
    return [line % words for line in lines[_Kind(call.kind)]]
