"""The plan of a consultation, and what is quoted for it.

Below the limit of who quotes, the price is asked for and not set: `PlanItem.quoted_price` is always an allowed one.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Project, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.repeats import content_of, made_before
from consultations import prices
from consultations.models import Consultation, DiscountRequest, PlanItem
from consultations.selectors.plans import limit_of
from consultations.selectors.records import given_away
from reception.models import Visit

State = Consultation.State
Asked = DiscountRequest.State
MOST_ITEMS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One item as it is said: `quoted` in yuan for all sessions, `why` only when it lies below one's limit."""

    project: Project
    planned: str = ""
    sessions: int = 1
    risks: str = ""
    risks_explained: bool = False
    alternatives: str = ""
    alternatives_explained: bool = False
    quoted: Decimal | None = None
    why: str = ""


@transaction.atomic
def add_plan_item(
    *,
    consultation: Consultation,
    what: Planned,
    staff: Staff,
    now: datetime,
    request_key: UUID | None = None,
) -> PlanItem:
    """Plan one more project in a consultation, at the end of the plan.

    A price below her limit is asked for with `what.why` and stays unset until it is approved.

    Raises Refused `not_in_room`, `plan_full`, `not_offered`, `risks_missing`, `alternatives_missing`, `above_list` or
    `beyond_limit` (no `why`); Stale `moved_away`, or `request_used` when the key was used for something else.
    """
    current = _worked_on(consultation, staff)
    content = content_of(
        consultation=current,
        **{name: getattr(what, name) for name in Planned.__slots__},
    )
    if again := made_before(
        PlanItem.objects.all(),
        request_key,
        content,
        used_for=lambda made: _("This item was added already; what was changed since is not. Change it in the plan."),
    ):
        return again
    places = list(PlanItem.objects.filter(consultation=current, removed_at=None).values_list("position", flat=True))
    if len(places) >= MOST_ITEMS:
        raise Refused(_("A plan has at most fifty items. Remove one first."), code="plan_full")
    item = PlanItem(
        consultation=current,
        position=max(places, default=0) + 1,
        request_key=request_key,
        request_content=content if request_key else "",
        added_at=now,
        added_by=staff,
    )
    asked = _write(item, what, staff, now, new=True)
    item.save()
    _ask(item, asked, what.why, staff, now)
    _record(item, staff, now, action="consultations.add_plan_item")
    return item


@transaction.atomic
def change_plan_item(*, item: PlanItem, what: Planned, expected_version: int, staff: Staff, now: datetime) -> PlanItem:
    """Say an item anew. A request for a discount that no longer fits is withdrawn; the same said twice is said once.

    Raises what `add_plan_item` does; Stale `removed`, or `changed` when the item is not at `expected_version`.
    """
    current = _locked(item, staff)
    if _said(current) == what:
        return current
    if current.version != expected_version:
        raise Stale(
            _("This item was changed in another window. Look at it again before you save."),
            code="changed",
            detail={"version": current.version},
        )
    asked = _write(current, what, staff, now, new=False)
    current.version += 1
    current.save()
    _ask(current, asked, what.why, staff, now)
    _record(current, staff, now, action="consultations.change_plan_item")
    return current


@transaction.atomic
def remove_plan_item(*, item: PlanItem, staff: Staff, now: datetime) -> PlanItem:
    """Take an item out of the plan; it stays on record as removed. Removed twice is removed once.

    Raises Refused `not_in_room` and Stale `moved_away` as `add_plan_item`.
    """
    current = _locked(item, staff, removed_is_fine=True)
    if current.removed_at is not None:
        return current
    current.removed_at, current.removed_by = now, staff
    current.version += 1
    current.save(update_fields=["removed_at", "removed_by", "version"])
    _withdraw(current, now)
    _record(current, staff, now, action="consultations.remove_plan_item")
    return current


@transaction.atomic
def move_plan_item(*, item: PlanItem, earlier: bool, staff: Staff, now: datetime) -> PlanItem:
    """Change places with the neighbour before (`earlier`) or after; the first and the last stay where they are.

    Raises Refused `not_in_room`, Stale `moved_away` or `removed`.
    """
    current = _locked(item, staff)
    others = PlanItem.objects.filter(consultation_id=current.consultation_id, removed_at=None)
    if earlier:
        neighbour = others.filter(position__lt=current.position).order_by("-position").first()
    else:
        neighbour = others.filter(position__gt=current.position).order_by("position").first()
    if neighbour is None:
        return current
    current.position, neighbour.position = neighbour.position, current.position
    for one in (current, neighbour):
        one.save(update_fields=["position"])
    _record(current, staff, now, action="consultations.move_plan_item")
    return current


@transaction.atomic
def answer_discount(
    *, request: DiscountRequest, approve: bool, answer: str, staff: Staff, now: datetime
) -> DiscountRequest:
    """Approve a price below somebody's limit, which quotes it, or refuse it with a reason.

    Raises Stale `answered` when it no longer waits; Refused `own_request`, `answer_missing` (a refusal says why) or
    `beyond_own_limit` when the price lies below this person's limit, too.
    """
    Consultation.objects.select_for_update(of=("self",), no_key=True).get(plan_items=request.item_id)
    item = PlanItem.objects.select_for_update(no_key=True).get(pk=request.item_id)
    current = (
        DiscountRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("answered_by", "asked_by")
        .get(pk=request.pk)
    )
    if current.state != Asked.WAITING:
        raise Stale(_answered(current), code="answered")
    if current.asked_by_id == staff.pk:
        raise Refused(_("Somebody else decides about what you asked for yourself."), code="own_request")
    answer = answer.strip()
    if not approve and not answer:
        raise Refused(_("Say why it is refused."), code="answer_missing")
    least = limit_of(staff)
    if approve and not prices.within(current.wanted_price, current.list_total, least):
        raise Refused(
            _("This lies below your own limit of %(percent)s %% of the list price. A manager decides.")
            % {"percent": format(least.normalize(), "f")},
            code="beyond_own_limit",
        )
    current.state = Asked.APPROVED if approve else Asked.REFUSED
    current.answer, current.answered_at, current.answered_by = answer, now, staff
    current.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    if approve:
        item.quoted_price = current.wanted_price
        item.version += 1
        item.save(update_fields=["quoted_price", "version"])
    action = "consultations.approve_discount" if approve else "consultations.refuse_discount"
    audit.record(
        action=action,
        now=now,
        staff=staff,
        target=current,
        detail={"price": str(current.wanted_price), "percent": str(current.percent), "answer": answer},
    )
    outbox.announce(
        topics=[
            topics.discounts(current.branch_id),
            topics.staff(current.asked_by_id),
            topics.plan(item.consultation_id),
        ]
    )
    return current


@transaction.atomic
def see_discount_answer(*, request: DiscountRequest, staff: Staff, now: datetime) -> None:
    """Note that the person who asked has seen the answer, so that its notice goes; anybody else's is left alone."""
    seen = DiscountRequest.objects.filter(pk=request.pk, asked_by=staff, seen_at=None).exclude(state=Asked.WAITING)
    if seen.update(seen_at=now):
        audit.record(action="consultations.see_discount_answer", now=now, staff=staff, target=request)
        outbox.announce(topics=[topics.staff(staff.pk)])


def withdraw_discounts(consultation: Consultation, now: datetime) -> None:
    """Let nobody be asked any more for a price in a locked consultation whose visitor is with another by now."""
    asked = DiscountRequest.objects.filter(item__consultation=consultation, state=Asked.WAITING)
    if asked.update(state=Asked.WITHDRAWN, answered_at=now):
        outbox.announce(topics=[topics.discounts(consultation.branch_id), topics.plan(consultation.pk)])


def _worked_on(consultation: Consultation, staff: Staff) -> Consultation:
    visit = Visit.objects.select_for_update(no_key=True).get(pk=consultation.visit_id)
    current = Consultation.objects.select_for_update(no_key=True).get(pk=consultation.pk)
    current.visit = visit
    gone = current.state in (State.DECLINED, State.WITHDRAWN) or given_away(current)
    if current.consultant_id != staff.pk or gone:
        raise Stale(_("This visitor is no longer with you; the plan was not changed."), code="moved_away")
    if current.state not in (State.IN_ROOM, State.FINISHED):
        raise Refused(_("The visitor has not come into your room yet."), code="not_in_room")
    return current


def _locked(item: PlanItem, staff: Staff, *, removed_is_fine: bool = False) -> PlanItem:
    consultation = _worked_on(item.consultation, staff)
    current = PlanItem.objects.select_for_update(of=("self",), no_key=True).select_related("project").get(pk=item.pk)
    current.consultation = consultation
    if current.removed_at is not None and not removed_is_fine:
        raise Stale(_("This item was removed from the plan in another window."), code="removed")
    return current


def _said(item: PlanItem) -> Planned:
    """Return an item as it was last said; a price that is waited for was said with its reason."""
    waiting = item.discount_requests.filter(state=Asked.WAITING).first()
    return Planned(
        project=item.project,
        planned=item.planned,
        sessions=item.sessions,
        risks=item.risks,
        risks_explained=item.risks_explained_at is not None,
        alternatives=item.alternatives,
        alternatives_explained=item.alternatives_explained_at is not None,
        quoted=waiting.wanted_price if waiting else item.quoted_price,
        why=waiting.reason if waiting else "",
    )


def _write(item: PlanItem, what: Planned, staff: Staff, now: datetime, *, new: bool) -> Decimal | None:
    """Set the item as it is said; return the price that has to be asked for, if it has to be."""
    if not what.project.offered and (new or item.project_id != what.project.pk):
        raise Refused(_("%(project)s is not offered here.") % {"project": what.project}, code="not_offered")
    if what.risks_explained and not what.risks:
        raise Refused(_("Write down the risks that were explained."), code="risks_missing")
    if what.alternatives_explained and not what.alternatives:
        raise Refused(_("Write down the alternatives that were explained."), code="alternatives_missing")
    other_terms = new or item.project_id != what.project.pk or item.sessions != what.sessions
    other_price = other_terms or what.quoted != _said(item).quoted
    for name, words, explained in (
        ("risks", what.risks, what.risks_explained),
        ("alternatives", what.alternatives, what.alternatives_explained),
    ):
        as_before = getattr(item, name) == words and getattr(item, f"{name}_explained_at") is not None
        setattr(item, name, words)
        if not (explained and as_before):
            setattr(item, f"{name}_explained_at", now if explained else None)
            setattr(item, f"{name}_explained_by", staff if explained else None)
    item.project, item.planned, item.sessions = what.project, what.planned, what.sessions
    if not other_price:
        return None
    if not new:
        _withdraw(item, now)
    item.list_price = what.project.list_price
    if other_terms:
        item.quoted_price = None
    return _price(item, what, staff)


def _price(item: PlanItem, what: Planned, staff: Staff) -> Decimal | None:
    """Quote what is within her limit; return what lies below it and is asked for."""
    listed = item.list_total
    if what.quoted is not None and listed is not None:
        if what.quoted > listed:
            raise Refused(_("A quotation is never above the list price."), code="above_list")
        least = limit_of(staff)
        if not prices.within(what.quoted, listed, least):
            if not what.why.strip():
                raise Refused(
                    _(
                        "Your limit is %(percent)s %% of the list price. Say why she should have it for less: "
                        "your supervisor is asked at once."
                    )
                    % {"percent": format(least.normalize(), "f")},
                    code="beyond_limit",
                )
            return what.quoted
    item.quoted_price = what.quoted
    return None


def _ask(item: PlanItem, wanted: Decimal | None, why: str, staff: Staff, now: datetime) -> None:
    listed = item.list_total
    if wanted is None or listed is None:
        return
    request = DiscountRequest.objects.create(
        branch_id=item.consultation.branch_id,
        item=item,
        wanted_price=wanted,
        list_total=listed,
        reason=why.strip(),
        asked_at=now,
        asked_by=staff,
    )
    audit.record(
        action="consultations.ask_discount",
        now=now,
        staff=staff,
        target=request,
        detail={"price": str(wanted), "percent": str(request.percent), "reason": request.reason},
    )
    outbox.announce(topics=[topics.discounts(request.branch_id)])


def _withdraw(item: PlanItem, now: datetime) -> None:
    waiting = DiscountRequest.objects.filter(item=item, state=Asked.WAITING)
    if waiting.update(state=Asked.WITHDRAWN, answered_at=now):
        outbox.announce(topics=[topics.discounts(item.consultation.branch_id)])


def _answered(request: DiscountRequest) -> str:
    if request.state == Asked.WITHDRAWN:
        return _("%(who)s has withdrawn this request.") % {"who": request.asked_by}
    return _("%(who)s has answered already: %(answer)s.") % {
        "who": request.answered_by,
        "answer": request.get_state_display(),
    }


def _record(item: PlanItem, staff: Staff, now: datetime, *, action: str) -> None:
    detail = {
        "project": item.project.code,
        "sessions": item.sessions,
        "price": "" if item.quoted_price is None else str(item.quoted_price),
    }
    audit.record(action=action, now=now, staff=staff, target=item, detail=detail)
    outbox.announce(topics=[topics.plan(item.consultation_id), topics.visitor(item.consultation.visitor_id)])
