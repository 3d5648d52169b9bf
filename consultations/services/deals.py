"""Deals: written down with their lines and shares, and corrected by entries that take the place of others (O4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Project, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability, Role
from clinic.services import audit, outbox
from consultations import credit
from consultations.models import Consultation, Deal, DealAccount, DealLine, DealShare, Treatment
from consultations.selectors import standings
from consultations.selectors.deals import effective_deals, may_correct
from consultations.services.friends import forget_friend
from reception import services as reception
from reception.models import Standing, Visit, Visitor
from triage.models import Decision

_Outcome = Consultation.Outcome
SALES, EXECUTION = DealShare.Part.SALES, DealShare.Part.EXECUTION
Shares = Mapping[str, Mapping[int, Decimal]]
MOST_LINES = 30
# What ten digits before the point cannot hold.
TOO_MUCH = Decimal(10) ** 10


class Line(NamedTuple):
    """One project that was bought: for how much, in yuan, and how many sessions of it."""

    project: Project
    amount: Decimal
    sessions: int = 1


@dataclass(slots=True)
class Held:
    """A deal that is locked with its visitor: how it stands, and what her deals said before anything changed."""

    visitor: Visitor
    account: DealAccount
    current: Deal
    standing: Standing


def money(amount: Decimal) -> str:
    """Return an amount as sentences say it: 3,200.00."""
    return number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)


def sum_of(lines: Sequence[Line]) -> Decimal:
    """Return what the lines of a deal come to.

    Raises Refused `projects_missing`, `too_many_lines`, `project_twice`, `sessions_missing`, `amount_negative` and
    `amount_too_large`.
    """
    if not lines:
        raise Refused(_("Choose what was bought."), code="projects_missing")
    if len(lines) > MOST_LINES:
        raise Refused(_("A deal has at most thirty lines. Record the rest as a further deal."), code="too_many_lines")
    seen: set[int] = set()
    for line in lines:
        if line.project.pk in seen:
            raise Refused(
                _("%(project)s stands here twice. Put it into one line.") % {"project": line.project},
                code="project_twice",
            )
        seen.add(line.project.pk)
        if line.sessions < 1:
            raise Refused(_("Of every project at least one session is bought."), code="sessions_missing")
        if line.amount < 0:
            raise Refused(_("The amount cannot be negative."), code="amount_negative")
    total = sum((line.amount for line in lines), Decimal(0))
    if total >= TOO_MUCH:
        raise Refused(_("That is more than a deal can come to. Check the amounts."), code="amount_too_large")
    return total


def lines_of(deal: Deal) -> list[Line]:
    """Return the lines of a deal as they were written; of an old deal without lines its projects, the first for all."""
    lines = [Line(one.project, one.amount, one.sessions) for one in deal.lines.select_related("project").order_by("pk")]
    if lines:
        return lines
    projects = list(deal.projects.order_by("rank"))
    return [Line(project, deal.amount if number == 0 else Decimal(0)) for number, project in enumerate(projects)]


def shares_of(deal: Deal) -> dict[str, dict[int, Decimal]]:
    """Return who has which share of each part of a deal, by the ids of people."""
    found: dict[str, dict[int, Decimal]] = {SALES: {}, EXECUTION: {}}
    for part, staff, share in deal.shares.values_list("part", "staff_id", "share"):
        found[part][staff] = share
    return found


def write_deal(deal: Deal, lines: Sequence[Line], shares: Shares) -> Deal:
    """Write a deal with its lines and shares; the caller has locked the visitor and checked both."""
    deal.save(force_insert=True)
    DealLine.objects.bulk_create(
        DealLine(deal=deal, project=line.project, sessions=line.sessions, amount=line.amount) for line in lines
    )
    deal.projects.set([line.project for line in lines])
    write_shares(deal, shares)
    return deal


def write_shares(deal: Deal, shares: Shares) -> None:
    """Write who is credited with which part of a deal."""
    DealShare.objects.bulk_create(
        DealShare(deal=deal, part=part, staff_id=staff, share=share)
        for part, people in shares.items()
        for staff, share in people.items()
    )


def hold(deal: Deal) -> Held:
    """Lock the visitor of a deal and the balance of its chain; return how both stand now."""
    whose = DealAccount.objects.values_list("visitor_id", flat=True).get(deal=deal.first)
    while True:
        visitor = Visitor.objects.select_for_update(no_key=True).get(pk=whose)
        account = DealAccount.objects.select_for_update(no_key=True).get(deal=deal.first)
        if account.visitor_id == visitor.pk:
            return Held(visitor, account, account.current, standings.standing_of(visitor))
        # Her record was merged into another while this waited.
        whose = account.visitor_id


def hold_current(deal: Deal) -> Held:
    """Lock as `hold` does; raise Stale `corrected` with how it stands when this deal was corrected meanwhile."""
    held = hold(deal)
    if held.current.pk != deal.pk:
        now_is = _("void") if held.current.void else "¥" + money(held.current.amount)
        raise Stale(
            _("This deal was corrected meanwhile. It now says: %(now)s.") % {"now": now_is},
            code="corrected",
            detail={"deal": held.current.pk},
        )
    return held


def tell(held: Held) -> None:
    """Write left what changed for the visitor, and tell the screens."""
    standing = standings.standing_after(held.visitor, held.standing)
    if standing != held.visitor.standing:
        reception.record_standing(visitor=held.visitor, standing=standing)
    outbox.announce(topics=[topics.visitor(held.visitor.pk), topics.deals(held.account.branch_id)])


@transaction.atomic
def correct_deal(*, deal: Deal, lines: Sequence[Line], reason: str, staff: Staff, now: datetime) -> Deal:
    """Put another entry in the place of a deal: other lines, the same shares; what was paid for it stays paid.

    Raises Refused `reason_missing`, `not_yours`, `nothing_changed`, `received_more` when more was received than it
    comes to now, `sessions_taken` when fewer sessions would be left than are taken, and as `sum_of`; Stale `corrected`
    when it was corrected meanwhile.
    """
    total = sum_of(lines)
    held = _to_correct(deal, reason, staff, now)
    if sorted(lines, key=_by_project) == sorted(lines_of(held.current), key=_by_project) and not held.current.void:
        raise Refused(_("This is what the deal says already."), code="nothing_changed")
    if total < held.account.received:
        raise Refused(
            _("%(received)s were received already, %(more)s more than that. Note the refund first.")
            % {"received": money(held.account.received), "more": money(held.account.received - total)},
            code="received_more",
        )
    corrected = replace_entry(held, reason, staff, now, lines=lines, amount=total)
    audit.record(
        action="consultations.correct_deal", now=now, staff=staff, target=corrected, detail={"reason": corrected.reason}
    )
    _outcome_follows(corrected, corrected.reason)
    tell(held)
    return corrected


@transaction.atomic
def void_deal(*, deal: Deal, reason: str, staff: Staff, now: datetime) -> Deal:
    """Say that nothing was bought after all: an entry of nothing in the place of the deal.

    A consultation without any other deal has no outcome any more; one that is over came to no deal, for this reason, or
    to what the visitor was passed on for.
    Raises Refused `reason_missing`, `not_yours`, `void_already`, `still_received` until the money was given back, and
    `sessions_taken`; Stale `corrected` when it was corrected meanwhile.
    """
    held = _to_correct(deal, reason, staff, now)
    if held.current.void:
        raise Refused(_("This deal is void already."), code="void_already")
    if held.account.received > 0:
        raise Refused(
            _("%(received)s were received for it. Note the refund first.") % {"received": money(held.account.received)},
            code="still_received",
        )
    voided = replace_entry(held, reason, staff, now, lines=[], amount=Decimal(0), void=True)
    audit.record(
        action="consultations.void_deal", now=now, staff=staff, target=voided, detail={"reason": voided.reason}
    )
    _outcome_follows(voided, voided.reason)
    tell(held)
    return voided


@transaction.atomic
def share_deal(
    *,
    deal: Deal,
    part: str,
    people: Sequence[tuple[Staff, Decimal | None]],
    reason: str,
    staff: Staff,
    now: datetime,
) -> Deal:
    """Say who is credited with a part of a deal: people with their shares (1 is the whole), or all None for equal ones.

    Who carries it out is written down once by whoever may correct it or is credited with the sale. Everything else is
    a correction by a consulting supervisor, with a reason. Returns the deal that counts from now on. Raises Refused
    `people_missing`, `person_twice`, `shares_sum`, `not_yours`, `reason_missing`, `nothing_changed`; Stale `corrected`.
    """
    shares = _checked_shares(people)
    held = hold_current(deal)
    had = shares_of(held.current)
    if had[part] == shares:
        raise Refused(_("The shares are as they were."), code="nothing_changed")
    if part == EXECUTION and not had[EXECUTION] and not held.current.void:
        _refuse_strangers(held.current, had[SALES], staff)
        write_shares(held.current, {EXECUTION: shares})
        changed = held.current
    else:
        if not staff.may(Capability.CORRECT_DEALS):
            raise Refused(_("Shares are changed by a consulting supervisor."), code="not_yours")
        reason = _reason(reason)
        changed = replace_entry(held, reason, staff, now, shares=had | {part: shares})
    detail = {"part": part, "reason": reason.strip()}
    audit.record(action="consultations.share_deal", now=now, staff=staff, target=changed, detail=detail)
    tell(held)
    return changed


def _by_project(line: Line) -> int:
    return line.project.pk


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it is corrected."), code="reason_missing")
    return reason


def _to_correct(deal: Deal, reason: str, staff: Staff, now: datetime) -> Held:
    _reason(reason)
    held = hold_current(deal)
    entered_at = held.current.corrected_at or held.current.made_at
    entered_by = held.current.corrector_id or held.current.made_by_id
    if not may_correct(staff, by=entered_by, at=entered_at, now=now):
        raise Refused(
            _("Your own deals are yours to correct on the same day. Ask your consulting supervisor."), code="not_yours"
        )
    return held


def replace_entry(
    held: Held,
    reason: str,
    staff: Staff,
    now: datetime,
    *,
    lines: Sequence[Line] | None = None,
    amount: Decimal | None = None,
    shares: Shares | None = None,
    void: bool = False,
    decision: Decision | None = None,
) -> Deal:
    """Write the entry that takes the place of the locked deal; what is None stays as it is."""
    old = held.current
    new = Deal(
        consultation_id=old.consultation_id,
        visitor_id=old.visitor_id,
        branch_id=old.branch_id,
        kind=old.kind,
        amount=old.amount if amount is None else amount,
        made_at=old.made_at,
        made_by_id=old.made_by_id,
        original_id=old.first,
        corrects=old,
        void=void or (old.void and lines is None),
        reason=reason.strip(),
        corrected_at=now,
        corrector=staff,
        decision=decision,
    )
    kept = [] if new.void else lines_of(old)
    held.current = write_deal(new, kept if lines is None else lines, shares_of(old) if shares is None else shares)
    _sessions_follow(old, new)
    return held.current


def _sessions_follow(old: Deal, new: Deal) -> None:
    """Let the sessions that were taken of a deal be sessions of the entry in its place. The visitor is locked.

    Raises Refused `sessions_taken` when more were taken than there are now.
    """
    after = {line.project_id: line for line in new.lines.all()}
    live = ~Q(treatments__state=Treatment.State.CANCELLED)
    before = old.lines.select_related("project").annotate(
        taken=Count("treatments", filter=live), last=Max("treatments__session", filter=live)
    )
    for line in before:
        follower = after.get(line.project_id)
        if line.taken and (follower is None or follower.sessions < line.last):
            raise Refused(
                _(
                    "Session %(number)s of %(project)s is taken. It cannot say fewer: leave at least that many, or "
                    "cancel those treatments first."
                )
                % {"project": line.project, "number": line.last},
                code="sessions_taken",
            )
        if follower is not None:
            Treatment.objects.filter(deal_line=line).update(deal_line=follower)


def _checked_shares(people: Sequence[tuple[Staff, Decimal | None]]) -> dict[int, Decimal]:
    if not people:
        raise Refused(_("Name at least one person."), code="people_missing")
    if len({person.pk for person, _share in people}) < len(people):
        raise Refused(_("Somebody stands here twice. Put her into one line."), code="person_twice")
    if all(share is None for _person, share in people):
        equal = credit.equally(str(person.pk) for person, _share in people)
        return {int(person): share for person, share in equal.items()}
    shares = {person.pk: share or Decimal(0) for person, share in people}
    if sum(shares.values()) != 1 or min(shares.values()) <= 0:
        raise Refused(
            _("The shares come to %(sum)s %%. Together they must be exactly 100 %%, and each more than nothing.")
            % {"sum": number_format(sum(shares.values()) * 100, decimal_pos=2)},
            code="shares_sum",
        )
    return shares


def _refuse_strangers(deal: Deal, sales: Mapping[int, Decimal], staff: Staff) -> None:
    if staff.pk not in sales and staff.pk != deal.made_by_id and not staff.may(Capability.CORRECT_DEALS):
        raise Refused(_("Who sold it, or a consulting supervisor, says who carries it out."), code="not_yours")


def _outcome_follows(deal: Deal, reason: str) -> None:
    """Let the consultation say what its deals come to now; who was passed on after a deal came to that instead."""
    visit = Visit.objects.select_for_update(no_key=True).get(consultations=deal.consultation_id)
    consultation = Consultation.objects.select_for_update(no_key=True).get(pk=deal.consultation_id)
    consultation.visit = visit
    bought = effective_deals().filter(consultation=consultation).exists()
    was, passed_on = consultation.outcome, _passed_on(consultation)
    if bought:
        forget_friend(consultation)
        consultation.outcome, consultation.no_deal_reason = _Outcome.DEAL, ""
    elif consultation.state == Consultation.State.FINISHED:
        consultation.outcome = passed_on or _Outcome.NO_DEAL
        consultation.no_deal_reason = "" if passed_on else reason
    else:
        consultation.outcome = ""
    if consultation.outcome != was:
        # What belonged to the outcome before goes with it; whom she was passed on to stays.
        consultation.call_again_on = consultation.decided_by = None
        if not passed_on:
            consultation.outcome_note, consultation.passed_to = "", None
        consultation.version += 1
        consultation.save()
        outbox.announce(topics=[topics.queue(consultation.consultant_id)])


def _passed_on(consultation: Consultation) -> str:
    """Return what a consultation came to when its visitor went on to another (K3, K4, K7); empty when she did not."""
    if consultation.finished_at is None:
        return ""
    moves = Decision.objects.filter(
        visit=consultation.visit_id, made_by=consultation.consultant_id, made_at=consultation.finished_at
    )
    rule = moves.filter(rule__in=["K3", "K4", "K7"]).order_by("-pk").values_list("rule", flat=True).first()
    if rule is None:
        return ""
    if rule == "K4":
        return _Outcome.ANOTHER
    to = consultation.passed_to
    return _Outcome.REFERRED if rule == "K7" and to is not None and Role.DOCTOR in to.roles else _Outcome.TRANSFERRED
