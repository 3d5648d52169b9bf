"""What an agent sees of the visitors she announced: that they came, whether they bought, and nothing more."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Staff
from clinic.roles import Role
from consultations.models import Consultation, Deal
from reception.models import Appointment, PreReport, Visit
from reception.services import close_pre_report
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.appointments import pre_report
from tests.factories.consultations import ConsultationFactory, VisitFactory, VisitorFactory, make_deal

pytestmark = pytest.mark.django_db
FIGURES = ("announced", "came", "consulted", "deals")


@pytest.fixture
def agent(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.PHONE_AGENT, display_name="网电小谢")


def announce(
    morning: Morning,
    agent: Staff,
    name: str = "苏晚",
    *,
    came: bool = False,
    entered: bool = True,
    bought: bool = False,
    credited: Staff | None = None,
    at: datetime | None = None,
) -> PreReport:
    """Let an agent announce somebody with a booking; `came` and what follows happen a day later."""
    at = at or morning.now - timedelta(days=5)
    visitor = VisitorFactory.create(name=name, registered_in=morning.branch)
    report = pre_report(morning.branch, agent, visitor=visitor, now=at)
    then = at + timedelta(days=1)
    made = Appointment.objects.create(
        branch=morning.branch,
        visitor=visitor,
        name=name,
        day=morning.branch.today(then),
        starts=time(10),
        minutes=30,
        group="surgery",
        weight=1,
        agent=agent,
        pre_report=report,
        made_at=at,
        made_by=agent,
    )
    PreReport.objects.filter(pk=report.pk).update(state="booked")
    if came:
        visit = VisitFactory.create(
            consultant=morning.first,
            visitor=visitor,
            arrived_at=then,
            entered_at=then if entered else None,
            state=Visit.State.FINISHED if entered else Visit.State.LEFT,
            announced_by=credited or agent,
        )
        Appointment.objects.filter(pk=made.pk).update(state="arrived", visit=visit)
        PreReport.objects.filter(pk=report.pk).update(state="came")
        if entered:
            consultation = ConsultationFactory.create(
                visit=visit,
                state=Consultation.State.FINISHED,
                outcome="deal" if bought else "no_deal",
                no_deal_reason="" if bought else "太贵",
                notes="离过婚",
            )
            if bought:
                make_deal(consultation, amount=23456)
    return report


def page(client: Client, **asked: str) -> str:
    answer = client.get(reverse("consultations:announced"), asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def figures(html: str) -> list[int]:
    return [int(one) for one in re.findall(r'<strong class="num">(\d+)</strong>', html)]


def names(html: str) -> set[str]:
    return set(re.findall(r'<th scope="row" class="name-cell"><a href="[^"]*">([^<]*)</a>', html))


def everybody(morning: Morning, agent: Staff, other: Staff) -> None:
    announce(morning, agent, "买了甲", came=True, bought=True)
    announce(morning, agent, "没买乙", came=True)
    announce(morning, agent, "没进丙", came=True, entered=False)
    announce(morning, agent, "别人丁", came=True, bought=True, credited=other)
    announce(morning, agent, "没来戊")
    Appointment.objects.filter(name="没来戊").update(state="no_show")
    announce(morning, agent, "要来己", at=morning.now - timedelta(hours=1))
    pre_report(morning.branch, agent, name="线索庚", now=morning.now)
    close_pre_report(
        report=pre_report(morning.branch, agent, name="放弃辛", now=morning.now),
        reason="不来了",
        staff=agent,
        now=morning.now,
    )
    announce(morning, other, "他的壬", came=True, bought=True)


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("", {"买了甲", "没买乙", "没进丙", "别人丁", "没来戊", "要来己", "放弃辛"}),
        ("nonsense", {"买了甲", "没买乙", "没进丙", "别人丁", "没来戊", "要来己", "放弃辛"}),
        ("came", {"买了甲", "没买乙", "没进丙"}),
        ("consulted", {"买了甲", "没买乙"}),
        ("deal", {"买了甲"}),
        ("expected", {"要来己"}),
        ("no_show", {"没来戊"}),
        ("closed", {"放弃辛"}),
    ],
)
def test_her_list_by_state(
    morning: Morning, agent: Staff, staff_with: MakeStaff, client_as: MakeClient, state: str, wanted: set[str]
) -> None:
    everybody(morning, agent, staff_with(Role.PHONE_AGENT, display_name="网电小郑"))
    html = page(client_as(agent), state=state)
    assert names(html) == wanted
    assert figures(html) == [8, 3, 2, 1]
    assert "1 of them not booked yet" in html
    tab = re.search(r'aria-current="page">[^<]*<span class="num">(\d+)</span>', html)
    assert tab and int(tab[1]) == len(wanted)


def test_neither_amounts_nor_notes_nor_reasons(
    morning: Morning, agent: Staff, staff_with: MakeStaff, client_as: MakeClient
) -> None:
    everybody(morning, agent, staff_with(Role.PHONE_AGENT, display_name="网电小郑"))
    html = page(client_as(agent))
    assert "王欣" in html and "credited to 网电小郑" in html
    for secret in ("23,456", "23456", "¥", "太贵", "离过婚", "他的壬"):
        assert secret not in html, secret
    only_hers = page(client_as(agent), state="deal")
    assert only_hers.count("王欣") == 1


def test_another_month(morning: Morning, agent: Staff, client_as: MakeClient) -> None:
    announce(morning, agent, "上月甲", came=True, at=morning.now - timedelta(days=25))
    announce(morning, agent, "本月乙")
    client = client_as(agent)
    assert names(page(client)) == {"本月乙"}
    assert names(page(client, month="2026-02")) == {"上月甲"}
    assert "Nobody you announced in this month" in page(client, month="2025-01")
    for nonsense in ("2026-13", "x", "9999-12", "2026-02-01"):
        assert names(page(client, month=nonsense)) == {"本月乙"}, nonsense


def test_a_month_is_the_branchs(morning: Morning, agent: Staff, client_as: MakeClient) -> None:
    first = datetime.combine(date(2026, 3, 1), datetime.min.time(), morning.branch.zone)
    announce(morning, agent, "三月甲", at=first)
    announce(morning, agent, "二月乙", at=first - timedelta(seconds=1))
    client = client_as(agent)
    assert names(page(client, month="2026-03")) == {"三月甲"}
    assert names(page(client, month="2026-02")) == {"二月乙"}


def test_a_visit_that_two_of_her_reports_led_to_counts_once(
    morning: Morning, agent: Staff, client_as: MakeClient
) -> None:
    report = announce(morning, agent, came=True, bought=True)
    pre_report(morning.branch, agent, visitor=report.visitor, now=report.made_at + timedelta(minutes=5))
    html = page(client_as(agent))
    assert figures(html) == [2, 1, 1, 1]


def test_somebody_not_on_file_when_announced_is_found_by_her_phone(
    morning: Morning, agent: Staff, client_as: MakeClient
) -> None:
    pre_report(morning.branch, agent, name="新人", phone="14500008888", now=morning.now - timedelta(days=2))
    visitor = VisitorFactory.create(name="新人", phone="+8614500008888", registered_in=morning.branch)
    VisitFactory.create(
        consultant=morning.first,
        visitor=visitor,
        arrived_at=morning.now,
        announced_by=agent,
        entered_at=morning.now,
        state=Visit.State.IN_ROOM,
    )
    html = page(client_as(agent), state="came")
    assert names(html) == {"新人"} and "In the room" in html
    assert "145****8888" in html and "14500008888" not in html


@pytest.mark.parametrize(("other_claims", "figure"), [(False, 1), (True, 0)])
def test_whom_the_desk_did_not_ask_is_hers_unless_another_claims_her(
    morning: Morning,
    agent: Staff,
    staff_with: MakeStaff,
    client_as: MakeClient,
    other_claims: bool,
    figure: int,
) -> None:
    report = announce(morning, agent, came=True, bought=True)
    Visit.objects.update(announced_by=None)
    if other_claims:
        pre_report(morning.branch, staff_with(Role.PHONE_AGENT), visitor=report.visitor, now=report.made_at)
    html = page(client_as(agent))
    assert figures(html) == [1, figure, figure, figure]
    assert ("not credited to you" in html) is other_claims


def test_who_comes_again_is_counted(morning: Morning, agent: Staff, client_as: MakeClient) -> None:
    report = announce(morning, agent, came=True, bought=True)
    for days in (1, 2):
        VisitFactory.create(
            consultant=morning.first,
            visitor=report.visitor,
            arrived_at=morning.now - timedelta(days=days),
            announced_by=agent,
            state=Visit.State.FINISHED,
        )
    assert '<td class="num">2</td>' in page(client_as(agent))


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.CONSULTANT, Role.MANAGER])
def test_it_is_an_agents_page(client_as: MakeClient, role: Role) -> None:
    for name in ("announced", "announced_panel"):
        assert client_as(role).get(reverse(f"consultations:{name}")).status_code == 403


@pytest.mark.parametrize("rows", [1, 50])
def test_the_page_asks_the_same_at_one_and_at_fifty(
    morning: Morning,
    agent: Staff,
    client_as: MakeClient,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        announce(
            morning,
            agent,
            f"苏{number}",
            came=True,
            bought=True,
            at=morning.now - timedelta(days=5, minutes=40 * number),
        )
    client = client_as(agent)
    page(client)
    with django_assert_num_queries(11):
        assert len(names(page(client))) == rows
    assert Deal.objects.count() == rows
