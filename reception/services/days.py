"""The day of the register is verified, signed by four parties and closed (R3)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Counter, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.turns import one_at_a_time
from reception.models import DayClose, DaySignature, Party, RegisterSheet, Visit
from reception.selectors.days import (
    RegisterNow,
    branches_with_unclosed_days,
    house_has_closed,
    is_on_a_closed_sheet,
    latest_signatures,
    newest_sheet,
    parties_of,
    register_now,
)
from reception.selectors.sheets import Row, hash_of, rows_of, visits_of_sheet


@transaction.atomic
def sign_day(*, branch: Branch, day: date, party: str, seen: str, staff: Staff, now: datetime) -> DaySignature:
    """Sign what the register says of a day for a party, and return the signature.

    Of a closed day to which somebody was added since, that is the closed sheet and who was added.
    `seen` is the hash of the sheet the person verified. Raises Refused `not_party` when her roles do not sign for it,
    `other_party` when she has signed this day for another one, `no_visits` when nobody came; Stale `day_closed`,
    `changed` when the register says something else by now, `signed` when somebody has signed the same for the party.
    """
    wanted = _party(party)
    _alone(branch, day)
    if wanted not in parties_of(staff):
        raise Refused(_("Your roles do not sign for this party. Choose another."), code="not_party")
    says = _refuse_closed(branch, day)
    signed = DaySignature.objects.filter(branch=branch, day=day)
    if (other := signed.filter(staff=staff).exclude(party=wanted).first()) is not None:
        raise Refused(
            _("You have signed this day for %(party)s. Somebody else has to sign for %(other)s.")
            % {"party": other.get_party_display(), "other": wanted.label},
            code="other_party",
        )
    rows = says.rows
    if not rows:
        raise Refused(_("Nobody came on this day: there is nothing to sign."), code="no_visits")
    if says.hash != seen:
        raise Stale(
            _("The register has changed since you looked at it. Look at what it says now, then sign."), code="changed"
        )
    sheet = _sheet(branch, day, rows, now)
    if (before := signed.filter(sheet=sheet, party=wanted).select_related("staff").first()) is not None:
        raise Stale(
            _("%(name)s has signed this for %(party)s already.") % {"name": before.staff, "party": wanted.label},
            code="signed",
        )
    signature = DaySignature.objects.create(
        branch=branch, day=day, party=wanted, sheet=sheet, staff=staff, signed_at=now
    )
    audit.record(
        action="reception.sign_day",
        now=now,
        staff=staff,
        branch=branch,
        target=signature,
        detail={"day": day.isoformat(), "party": wanted.value, "hash": sheet.hash},
    )
    _tell(branch)
    return signature


@transaction.atomic
def close_day(*, branch: Branch, day: date, staff: Staff, now: datetime) -> DayClose:
    """Close a day that four parties have signed; return the closing. From then on it changes only by amendment (R4).

    No arrival and no visit of the day moves meanwhile: whoever is registered later is not on the closed sheet. She is
    signed for, and the day closed once more, in the same way.
    Raises Stale `day_closed`; Refused `house_open` before the hour of closing, `open_visits` (naming them) while
    visits are not over, `unsigned` (naming the parties) while not all four have signed what the register says now.
    """
    _alone(branch, day)
    if not house_has_closed(branch, day, now):
        raise Refused(
            _("The house is still open today. Close the register when the last visitor has been entered."),
            code="house_open",
        )
    # Numbers are given under this lock (`next_number`), so the last one here is the last on the sheet.
    list(Counter.objects.select_for_update().filter(branch=branch, series=Visit.SERIES, period=day.isoformat()))
    list(Visit.objects.select_for_update(no_key=True).filter(branch=branch, day=day).order_by("pk"))
    says = _refuse_closed(branch, day)
    if still := [visit for visit in says.visits if visit.state in Visit.OPEN_STATES]:
        raise Refused(
            _("These visits are not over: %(numbers)s. Have them finished, or say that they left; then close.")
            % {"numbers": numbers_of(still)},
            code="open_visits",
            detail={"visits": [visit.pk for visit in still]},
        )
    if not says.visits:
        raise Refused(_("Nobody came on this day: there is nothing to close."), code="no_visits")
    content = says.hash
    signatures = latest_signatures(branch, day)
    missing = [
        str(party.label) for party in Party if party not in signatures or signatures[party].sheet.hash != content
    ]
    if missing:
        raise Refused(
            _("Not signed as the register is now: %(parties)s.") % {"parties": _(", ").join(missing)}, code="unsigned"
        )
    sheet = signatures[Party.DESK].sheet
    closing = DayClose.objects.create(
        branch=branch,
        day=day,
        sheet=sheet,
        last_number=sheet.last_number,
        closed_at=now,
        closed_by=staff,
    )
    audit.record(
        action="reception.close_day",
        now=now,
        staff=staff,
        branch=branch,
        target=closing,
        detail={"day": day.isoformat(), "hash": sheet.hash, "visits": len(says.visits)},
    )
    _tell(branch)
    return closing


@transaction.atomic
def end_forgotten_visits(*, branch: Branch, day: date, staff: Staff, now: datetime) -> list[Visit]:
    """End the visits of a past day that nobody ended, so that the day can be signed; return them.

    Who was in a room, or is with somebody at a department, has finished; everybody else has left, as when she comes
    again. Raises Refused `today` for a day that is not over: there the desk ends each visit itself.
    """
    if day >= branch.today(now):
        raise Refused(_("Visits of today are ended at the desk, each by itself."), code="today")
    _alone(branch, day)
    still = Visit.objects.select_for_update(no_key=True).filter(branch=branch, day=day, state__in=Visit.OPEN_STATES)
    ended = list(still.order_by("number"))
    for visit in ended:
        end_forgotten(visit, staff=staff, now=now)
    if ended:
        outbox.announce(topics=[topics.register(branch.pk), *(topics.visitor(visit.visitor_id) for visit in ended)])
    return ended


def end_forgotten(visit: Visit, *, staff: Staff | None, now: datetime) -> None:
    """End a locked visit of an earlier day: who is with somebody has finished, everybody else has left."""
    if visit.state == Visit.State.IN_ROOM or _is_with_somebody(visit):
        visit.state, visit.finished_at = Visit.State.FINISHED, now
    else:
        visit.state, visit.left_at = Visit.State.LEFT, now
        tell_of_leaving(visit)
    visit.version += 1
    visit.save(update_fields=["state", "finished_at", "left_at", "version"])
    audit.record(action="reception.end_forgotten_visit", now=now, staff=staff, branch=visit.branch, target=visit)


def _is_with_somebody(visit: Visit) -> bool:
    """Say whether a department has her with somebody; what she is at the front desk does not say so."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select exists (select from ({import_string(settings.RECEIVED)}) as received where visit_id = %s)",  # noqa: S608
            [visit.pk],
        )
        (found,) = cursor.fetchone()
    return bool(found)


def tell_of_leaving(visit: Visit) -> None:
    """Let rooms to the right settle what a visit came to that was over before anybody received her last."""
    outbox.announce(topics=[topics.visitor(visit.visitor_id)], event="visit_left", payload={"visit_id": visit.pk})


def tell_of_void(visit: Visit) -> None:
    """Let rooms to the right end what they have a visitor for whose entry was made void."""
    told = [topics.register(visit.branch_id), topics.visitor(visit.visitor_id)]
    outbox.announce(topics=told, event="visit_void", payload={"visit_id": visit.pk})


def refuse_if_signed(visit: Visit) -> None:
    """Raise Stale `day_closed` when a visit that is over stands on the sheet of a closed day.

    A visit that is not over cannot: a day with open visits is not closed. The database refuses it as well.
    """
    if visit.state not in Visit.OPEN_STATES and is_on_a_closed_sheet(visit):
        raise Stale(
            _("The register of that day is signed and closed. It changes only by an amendment."), code="day_closed"
        )


# Under which names a column that is amended stands in a row of the sheet.
_STANDS_AS = {"visit_type": ("type",), "consultant_id": ("consultant", "consultant_id")}


def frozen_again(
    *, closing: DayClose, visit: Visit, columns: Iterable[str], entered: Visit | None, now: datetime
) -> RegisterSheet:
    """Return the sheet of a closed day after an amendment: a further version, which differs in just these columns.

    `entered`: the visit that was entered again for this one. Everything else stays as it was signed, although a name
    or a card says something else by now (R4).
    """
    changed = [visit.pk] if entered is None else [visit.pk, entered.pk]
    says = {row["visit"]: row for row in rows_of(visits_of_sheet(closing.branch, closing.day).filter(pk__in=changed))}
    names = [name for column in columns for name in _STANDS_AS.get(column, (column,))]
    amended = {name: says[visit.pk][name] for name in names}
    rows = [row | amended if row["visit"] == visit.pk else row for row in newest_sheet(closing).rows]
    if entered is not None:
        rows.append(says[entered.pk])
    return _new_sheet(closing.branch, closing.day, rows, now)


@transaction.atomic
def remind_of_unclosed_days(*, now: datetime) -> int:
    """Have the screens of a house look again for days that are over and not closed; return how many there are.

    What is shown is read when it is shown, so reminding twice is reminding once.
    """
    late = branches_with_unclosed_days(now)
    if late:
        outbox.announce(topics=[topics.days(branch.pk) for branch, _days in late])
    return sum(len(days) for _branch, days in late)


def numbers_of(visits: Sequence[Visit]) -> str:
    """Return the queue numbers of visits for a sentence; of very many the first."""
    named = _(", ").join(str(visit) for visit in visits[:20])
    return (
        named
        if len(visits) <= 20
        else _("%(numbers)s and %(more)s more")
        % {
            "numbers": named,
            "more": len(visits) - 20,
        }
    )


def _party(text: str) -> Party:
    try:
        return Party(text)
    except ValueError:
        raise Refused(_("Choose for which party you sign."), code="not_party") from None


def _alone(branch: Branch, day: date) -> None:
    one_at_a_time(f"register {branch.pk} {day.isoformat()}")


def _refuse_closed(branch: Branch, day: date) -> RegisterNow:
    """Return what the register says now; raise Stale `day_closed` when it is closed with all of that."""
    says = register_now(branch, day)
    if says.closing is not None and says.is_closed:
        raise Stale(_("%(name)s has closed this day already.") % {"name": says.closing.closed_by}, code="day_closed")
    return says


def _sheet(branch: Branch, day: date, rows: Sequence[Row], now: datetime) -> RegisterSheet:
    """Return the sheet of a day that says just this, made when there is none: who signs the same signs one sheet."""
    same = RegisterSheet.objects.filter(branch=branch, day=day, hash=hash_of(rows)).order_by("number").first()
    return same or _new_sheet(branch, day, rows, now)


def _new_sheet(branch: Branch, day: date, rows: Sequence[Row], now: datetime) -> RegisterSheet:
    last = RegisterSheet.objects.filter(branch=branch, day=day).aggregate(last=Max("number"))["last"] or 0
    return RegisterSheet.objects.create(
        branch=branch,
        day=day,
        number=last + 1,
        rows=rows,
        hash=hash_of(rows),
        last_number=max(row["number"] for row in rows),
        taken_at=now,
    )


def _tell(branch: Branch) -> None:
    outbox.announce(topics=[topics.register(branch.pk), topics.days(branch.pk)])
