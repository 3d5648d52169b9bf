"""A day of arrivals of a kind is rehearsed as it happened."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from clinic.models import Branch, Staff
from clinic.roles import Role
from reception.models import Standing, Visit, Visitor
from tests.factories.triage import Morning, VisitorFactory, make_consultant, make_supervisor, open_morning
from tests.triage.compared import agrees
from tests.triage.live_day import correct
from tests.triage.scenes import (
    brought_by,
    given,
    seat,
    with_her,
)
from triage import services
from triage.selectors.corrections import Kind
from triage.selectors.facts import Said


def group(morning: Morning, **told: Any) -> None:
    lead = morning.arrive("eyes", told=told)  # type: ignore[arg-type]
    morning.allocate(lead)
    for announced in (None, seat(morning, 3)):
        companion = morning.arrive("skin", told={"group_lead": lead, "announced_by": announced})
        morning.allocate(companion)


def friend(morning: Morning) -> None:
    """Somebody enquires for a friend, who comes later the same day, while whoever answered is busy."""
    absent: Visitor = VisitorFactory.create(registered_in=morning.branch)
    enquiry = given(morning, told={"other_reason": "for_friend", "friend": absent})
    morning.serve(enquiry)
    visit = given(morning, person=absent)
    assert (visit.type_rule, visit.owner) == ("C8", with_her(enquiry))
    services.name_consultant(
        visit=visit, consultant=seat(morning, 3), by="supervisor", reason="会说英语", turn="counted",
        staff=morning.clerk, now=morning.later(),
    )  # fmt: skip


def agent(morning: Morning) -> Staff:
    return make_consultant(morning.branch, "网电", Role.PHONE_AGENT)


def senior_phone(morning: Morning) -> None:
    """Nobody is free for a long time: her own phone consultant receives, who has no seat."""
    announced_by = agent(morning)
    for person in morning.consultants:
        morning.say(person, "busy")
    visit = given(morning, told={"announced_by": announced_by})
    morning.later(11)
    services.name_consultant(
        visit=visit, consultant=announced_by, by="supervisor", staff=morning.clerk, now=morning.now
    )
    morning.serve(visit)
    for person in morning.consultants:
        morning.say(person, "free")


def designations(morning: Morning) -> None:
    for place, by in enumerate(Visit.DesignatedBy.values):
        for turn in ("", "counted"):
            given(
                morning, owner=seat(morning, 3) if turn else None,
                standing=Standing.DEPOSIT if turn else Standing.NEW,
                told={"designated": seat(morning, place % 4), "designated_by": by, "designated_turn": turn},
            )  # fmt: skip
            morning.later(3)


def referrals(morning: Morning) -> None:
    seat(morning, 1).stand_in = seat(morning, 3)
    seat(morning, 1).save()
    morning.say(seat(morning, 1), "out")
    for by in Visit.ReferralBy.values:
        for referrer in (None, brought_by(morning, 2), brought_by(morning, 1), brought_by(morning, 0, 3)):
            given(morning, told={"referrer": referrer, "referral_by": by})
            morning.later(2)


def others(morning: Morning) -> None:
    for reason in Visit.OtherReason.values:
        for announced_by in (None, seat(morning, 0)):
            given(morning, told={"other_reason": reason, "announced_by": announced_by})
            morning.later()


def ages(morning: Morning) -> None:
    for born in (date(2012, 5, 1), date(1950, 5, 1), date(1990, 5, 1)):
        for alone in (False, True):
            visit = given(morning, birth_on=born, told={"without_guardian": alone})
            Visitor.objects.filter(pk=visit.visitor_id).update(birth_on=date(1990, 5, 1))
            if visit.consultant is not None:
                correct(morning, visit, Kind.CHANGE_CONSULTANT)


def histories(morning: Morning) -> None:
    given(morning, told={"claims_history": True})
    given(morning, told={"claims_history": True}, owner=seat(morning, 2), standing=Standing.PAID)
    given(morning, told={"emergency": True})
    given(morning, card_declined=True)
    given(morning, told={"announced_by": agent(morning)})
    declined = given(morning, told={"emergency": True, "claims_history": True})
    if declined.consultant is not None:
        services.record_decline(visit=declined, reason="不适", staff=morning.clerk, now=morning.later())


def what_changes_meanwhile(morning: Morning) -> None:
    """The referrer finds another owner, and the visitor refuses to wait, before the visit is given out again."""
    referrer = brought_by(morning, 2)
    visit = given(morning, told={"referrer": referrer, "referral_by": "visitor"})
    Visitor.objects.filter(pk=referrer.pk).update(owner=seat(morning, 3), consulted_by=[seat(morning, 3).pk])
    services.record_decline(visit=visit, reason="不适", staff=morning.clerk, now=morning.later())
    assert with_her(visit) == seat(morning, 3)
    morning.say(seat(morning, 1), "busy")
    impatient = given(
        morning, said=Said(refuses_wait=True), told={"designated": seat(morning, 1), "designated_by": "visitor"}
    )
    services.record_decline(visit=impatient, reason="不适", staff=morning.clerk, now=morning.later())
    impatient.refresh_from_db()
    assert (impatient.rule, impatient.consultant) != ("A4", seat(morning, 1)), "she has said that she will not wait"


DAYS: dict[str, tuple[Callable[[Morning], object], dict[str, Any]]] = {
    "a group with a lead": (group, {}),
    "a group, each on her own": (group, {"group": "each"}),
    "a group that wants one consultant": (
        lambda morning: group(morning, group_wants=seat(morning, 2)), {"group": "each"},
    ),
    "a friend who was enquired for": (friend, {}),
    "her own phone consultant": (senior_phone, {"senior_phone": True}),
    "designations": (designations, {}),
    "designations that count": (designations, {"designation": "counted", "staff_introduction": "designation"}),
    "referrals": (referrals, {}),
    "other reasons": (others, {}),
    "other reasons in rotation": (others, {"other_in_rotation": True}),
    "ages": (ages, {}),
    "histories": (histories, {}),
    "histories, simply typed": (histories, {"typing": "simple"}),
    "what changes meanwhile": (what_changes_meanwhile, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", DAYS)
def test_r13_a_day_of_such_arrivals_is_rehearsed_the_same(branch: Branch, case: str) -> None:
    day, rules = DAYS[case]
    morning = open_morning(branch, **rules)
    make_supervisor(morning)
    day(morning)
    for _ in range(4):
        given(morning)
    agrees(morning)
