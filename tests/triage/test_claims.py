"""O2 and O3 live: which agent a visitor is credited to when she stands at the desk, and the words for it."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from clinic.models import Branch
from clinic.roles import Role
from reception import services
from reception.models import Standing, Visit, Visitor
from tests.conftest import MakeClient, MakeStaff
from tests.factories.appointments import pre_report
from tests.factories.reception import VisitorFactory, make_clerk
from triage import services as triage
from triage.engine.credit import PreReport, claimant, gives_credit
from triage.engine.policy import policy_from_json
from triage.models import Board, Decision, Policy
from triage.selectors.claims import claims_to_visit

LONG_AGO = date(2020, 1, 1)
DAY = date(2026, 3, 11)


def opened(branch: Branch, staff_with: MakeStaff, now: datetime, **rules: object) -> Board:
    Policy.objects.create(branch=branch, version=1, starts_on=LONG_AGO, preset="standard", settings=rules)
    seated = [staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT)]
    return triage.open_board(
        branch=branch, day=branch.today(now), consultants=seated, present=seated, staff=make_clerk(branch), now=now
    )


def decided(branch: Branch, visitor: Visitor, now: datetime) -> tuple[Visit, dict[str, object]]:
    """Register and allocate; return the visit, and the arrival among the facts of its decision."""
    clerk = make_clerk(branch)
    visit = services.register_arrival(visitor=visitor, branch=branch, projects=[], staff=clerk, now=now)
    triage.allocate_visit(visit=visit, expected_sequence=None, staff=clerk, now=now)
    arrival: dict[str, object] = Decision.objects.get(visit=visit).facts["arrival"]
    return visit, arrival


@pytest.mark.parametrize(("claims", "winner"), [("earliest", 0), ("follow_up", 1)])
def test_o2_two_agents_claim_the_same_visitor(
    branch: Branch, staff_with: MakeStaff, now: datetime, claims: str, winner: int
) -> None:
    opened(branch, staff_with, now, claims=claims)
    agents = [staff_with(Role.PHONE_AGENT, display_name=name) for name in ("谢雨", "冯露")]
    visitor = VisitorFactory()
    pre_report(branch, agents[0], visitor=visitor, now=now - timedelta(days=20))
    second = pre_report(branch, agents[1], visitor=visitor, now=now - timedelta(days=9))
    services.follow_up_pre_report(
        report=second, kind="follow_up", text="聊过", staff=agents[1], now=now - timedelta(days=2)
    )
    visit, arrival = decided(branch, visitor, now)
    assert (arrival["agent"], arrival["pre_reported"]) == (str(agents[winner].pk), True)
    settled = claims_to_visit(visit)
    assert settled is not None
    assert (settled.agent_id, settled.agent) == (agents[winner].pk, agents[winner].display_name)
    assert ("earliest record" in settled.why) is (winner == 0)
    assert ("followed up last" in settled.why) is (winner == 1)


def test_o2_no_phone_number_on_file_no_claim(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    opened(branch, staff_with, now)
    visitor = VisitorFactory(phone="")
    pre_report(branch, staff_with(Role.PHONE_AGENT), visitor=visitor, now=now - timedelta(days=1))
    visit, arrival = decided(branch, visitor, now)
    assert arrival["agent"] is None
    settled = claims_to_visit(visit)
    assert settled is not None and settled.agent_id is None and "No phone number" in settled.why


@pytest.mark.parametrize(
    ("days", "followed", "credited"), [(89, None, True), (100, None, False), (100, 30, True), (200, 100, False)]
)
def test_o3_younger_than_three_months_or_followed_up_within_them(
    branch: Branch, staff_with: MakeStaff, now: datetime, days: int, followed: int | None, credited: bool
) -> None:
    opened(branch, staff_with, now)
    agent, visitor = staff_with(Role.PHONE_AGENT), VisitorFactory()
    report = pre_report(branch, agent, visitor=visitor, now=now - timedelta(days=days))
    if followed is not None:
        services.follow_up_pre_report(
            report=report, kind="follow_up", text="聊过", staff=agent, now=now - timedelta(days=followed)
        )
    visit, arrival = decided(branch, visitor, now)
    assert arrival["agent"] == (str(agent.pk) if credited else None)
    settled = claims_to_visit(visit)
    assert settled is not None and settled.claims[0].gives is credited
    assert ("but followed up on" in settled.claims[0].why) is (followed == 30)


def test_o3_who_came_while_it_counted_and_never_bought_stays_credited(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    opened(branch, staff_with, now)
    agent, clerk = staff_with(Role.PHONE_AGENT), make_clerk(branch)
    for bought in (False, True):
        visitor = VisitorFactory()
        pre_report(branch, agent, visitor=visitor, now=now - timedelta(days=200))
        services.register_arrival(
            visitor=visitor, branch=branch, projects=[], staff=clerk, now=now - timedelta(days=180)
        )
        standing = Standing.PAID if bought else Standing.NO_DEAL
        services.record_standing(visitor=visitor, standing=standing)
        visit, arrival = decided(branch, visitor, now)
        assert arrival["agent"] == (None if bought else str(agent.pk))
        settled = claims_to_visit(visit)
        assert settled is not None and settled.claims[0].gives is not bought


def test_a_report_of_her_phone_counts_and_one_written_after_she_came_does_not(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    opened(branch, staff_with, now)
    first, late = staff_with(Role.PHONE_AGENT), staff_with(Role.PHONE_AGENT)
    pre_report(branch, first, name="苏晚", phone="+8613911112222", now=now - timedelta(days=3))
    visitor = VisitorFactory(phone="13911112222")
    visit = services.register_arrival(visitor=visitor, branch=branch, projects=[], staff=make_clerk(branch), now=now)
    pre_report(branch, late, visitor=visitor, now=now + timedelta(minutes=1))
    triage.allocate_visit(visit=visit, expected_sequence=None, staff=make_clerk(branch), now=now + timedelta(minutes=2))
    assert Decision.objects.get(visit=visit).facts["arrival"]["agent"] == str(first.pk)
    settled = claims_to_visit(visit)
    assert settled is not None and [claim.agent for claim in settled.claims] == [first.display_name]


def test_what_the_desk_was_told_beats_what_was_written_down(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    opened(branch, staff_with, now)
    written, told = staff_with(Role.PHONE_AGENT), staff_with(Role.PHONE_AGENT)
    visitor, clerk = VisitorFactory(), make_clerk(branch)
    pre_report(branch, written, visitor=visitor, now=now - timedelta(days=3))
    visit = services.register_arrival(
        visitor=visitor, branch=branch, projects=[], circumstances={"announced_by": told}, staff=clerk, now=now
    )
    triage.allocate_visit(visit=visit, expected_sequence=None, staff=clerk, now=now)
    assert Decision.objects.get(visit=visit).facts["arrival"]["agent"] == str(told.pk)


def test_the_desk_reads_who_is_credited_and_why(
    branch: Branch, staff_with: MakeStaff, client_as: MakeClient, now: datetime
) -> None:
    opened(branch, staff_with, now)
    agent, visitor = staff_with(Role.PHONE_AGENT, display_name="谢雨"), VisitorFactory()
    pre_report(branch, agent, visitor=visitor, said="问 <b>双眼皮</b>", now=now - timedelta(days=3))
    desk = client_as(Role.RECEPTION)
    page = desk.post(reverse("triage:claims"), {"visitor": visitor.pk}).content.decode()
    assert f'data-announced-by="{agent.pk}"' in page
    assert "谢雨 is credited: hers is the only pre-report that counts (O3)." in page
    assert "&lt;b&gt;双眼皮" in page
    assert desk.post(reverse("triage:claims"), {"visitor": VisitorFactory().pk}).status_code == 204
    assert desk.post(reverse("triage:claims"), {"phone": "12"}).status_code == 204
    visit = services.register_arrival(visitor=visitor, branch=branch, projects=[], staff=make_clerk(branch), now=now)
    proposal = desk.get(reverse("triage:proposal", args=[visit.pk])).content.decode()
    assert reverse("triage:visit_claims", args=[visit.pk]) in proposal
    assert "谢雨 is credited" in desk.get(reverse("triage:visit_claims", args=[visit.pk])).content.decode()


def test_o3_the_engine_knows_who_came_while_it_counted() -> None:
    came = PreReport("agent", date(2025, 10, 1), came=date(2025, 12, 31))
    assert gives_credit(came, DAY)
    assert not gives_credit(PreReport("agent", date(2025, 10, 1), came=date(2026, 1, 1)), DAY)  # three months by then
    assert not gives_credit(PreReport("agent", date(2025, 10, 1), came=DAY), DAY)  # this is that first visit
    assert claimant([came], DAY, policy_from_json("standard")) == "agent"
