"""My queue in the browser: what is shown, what is refused, and to whom."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Project
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation
from reception.models import Visit, Visitor, VisitProject
from tests.conftest import MakeClient
from tests.consultations.conftest import Morning
from tests.factories.consultations import ConsultationFactory, TreatmentFactory, VisitFactory
from triage import services as triage
from triage.selectors.boards import state_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_the_next_visitor_with_what_she_wants(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive("张小美", morning.nose, morning.eyes)
    page = client_as(morning.first).get(reverse("consultations:queue")).content.decode()
    assert "张小美" in page
    assert str(morning.nose) in page
    assert f'data-unseen="{visit.pk} "' in page
    assert reverse("consultations:accept", args=[visit.pk]) in page


def test_nobody_waiting_says_so(morning: Morning, client_as: MakeClient) -> None:
    page = client_as(morning.second).get(reverse("consultations:queue")).content.decode()
    assert "Nobody is waiting for you" in page


def test_the_project_is_hidden_until_she_accepts_where_the_policy_says_so(
    morning: Morning, client_as: MakeClient
) -> None:
    morning.run_by({"hide_project": True})
    visit = morning.arrive("张小美", morning.nose)
    client = client_as(morning.first)

    before = client.get(reverse("consultations:queue")).content.decode()
    assert str(morning.nose) not in before
    assert "shown after you accept" in before

    answer = client.post(reverse("consultations:accept", args=[visit.pk]), follow=True)
    assert str(morning.nose) in answer.content.decode()


def test_what_she_comes_for_is_told_nowhere_before_she_is_accepted(morning: Morning, client_as: MakeClient) -> None:
    morning.run_by({"hide_project": True})
    Project.objects.filter(pk=morning.nose.pk).update(name="ZZNOSE", name_en="ZZNOSE")
    morning.nose.refresh_from_db()
    visit = morning.arrive("张小美", morning.nose)
    hers = visit.visitor_id
    TreatmentFactory.create(visitor=visit.visitor, doctor=morning.doctor, project=morning.eyes)
    client = client_as(morning.first)
    pages = {
        "decision": reverse("triage:decision", args=[visit.pk]),
        "why": reverse("triage:why", args=[visit.pk]),
        "visitor": reverse("reception:visitor", args=[hers]),
        "story": reverse("reception:visitor_story", args=[hers]),
        "photographs": reverse("consultations:photographs", args=[hers]),
        "treatment": reverse("consultations:treatment_new", args=[hers]),
    }
    answers = {name: client.get(url) for name, url in pages.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == {
        **dict.fromkeys(pages, 404),
        "decision": 200,
        "why": 200,
    }
    assert all("ZZNOSE" not in answer.content.decode() for answer in answers.values())
    assert "shown after you accept" in answers["decision"].content.decode()
    assert "ZZNOSE" in client_as(morning.clerk).get(pages["decision"]).content.decode()

    client.post(reverse("consultations:accept", args=[visit.pk]))
    for name in ("decision", "visitor", "story"):
        answer = client.get(pages[name])
        assert answer.status_code == 200 and (name == "visitor" or "ZZNOSE" in answer.content.decode()), name


def test_her_own_visitors_project_of_today_is_told_when_she_accepts(morning: Morning, client_as: MakeClient) -> None:
    morning.run_by({"hide_project": True})
    Project.objects.filter(pk=morning.nose.pk).update(name="ZZNOSE", name_en="ZZNOSE")
    morning.nose.refresh_from_db()
    visit = morning.arrive("张小美", morning.nose)
    Visitor.objects.filter(pk=visit.visitor_id).update(owner=morning.first, wishes="ZZWISH")
    client = client_as(morning.first)
    pages = [reverse(name, args=[visit.visitor_id]) for name in ("reception:visitor", "reception:visitor_story")]
    before = "".join(client.get(url).content.decode() for url in pages)
    assert "张小美" in before and "ZZNOSE" not in before and "ZZWISH" not in before
    client.post(reverse("consultations:accept", args=[visit.pk]))
    after = "".join(client.get(url).content.decode() for url in pages)
    assert "ZZNOSE" in after and "ZZWISH" in after


def test_accept_opens_the_consultation(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive()
    client = client_as(morning.first)
    answer = client.post(reverse("consultations:accept", args=[visit.pk]), headers=HTMX)
    consultation = Consultation.objects.get()
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == reverse("consultations:consultation", args=[consultation.pk])


def test_accept_after_it_moved_says_what_changed(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive()
    client = client_as(morning.first)
    triage.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now)
    answer = client.post(reverse("consultations:accept", args=[visit.pk]), headers=HTMX)
    assert answer.status_code == 409
    assert "is no longer with you" in answer.content.decode()
    assert answer["HX-Retarget"] == "#messages"
    assert not Consultation.objects.exists()


@pytest.mark.parametrize("name", ["accept", "decline", "seen"])
def test_anothers_visitor_does_not_exist_for_me(morning: Morning, client_as: MakeClient, name: str) -> None:
    visit = morning.arrive()
    answer = client_as(morning.second).post(reverse(f"consultations:{name}", args=[visit.pk]), {"reason": "x"})
    assert answer.status_code == 404
    visit.refresh_from_db()
    assert (visit.consultant, visit.state) == (morning.first, Visit.State.WAITING)


def test_every_control_of_the_queue_has_a_name_that_the_focus_finds_again(
    morning: Morning, client_as: MakeClient
) -> None:
    client, panel = client_as(morning.first), reverse("consultations:queue_panel")
    visit, follows = morning.arrive("张小美"), morning.arrive("王小美")
    Visit.objects.filter(pk=follows.pk).update(consultant=morning.first)
    follows.refresh_from_db()

    def controls() -> list[str]:
        page = client.get(panel).content.decode()
        tags = re.findall(r"<(?:button|summary|a|span(?= [^>]*tabindex))\b[^>]*>", page)
        ids = [found[1] if (found := re.search(r' id="([\w-]+)"', tag)) else tag for tag in tags]
        assert not [one for one in ids if one.startswith("<")], ids
        assert len(set(ids)) == len(ids)
        return ids

    waiting = controls()
    if f"accept-{visit.pk}" not in waiting:
        visit, follows = follows, visit
    assert {f"accept-{visit.pk}", f"decline-{visit.pk}", f"seen-{visit.pk}", f"accept-row-{follows.pk}"} <= set(waiting)
    client.post(reverse("consultations:seen", args=[visit.pk]))
    assert f"seen-{visit.pk}" in controls(), "what says that it was seen stands where the button stood"
    held = morning.take(visit)
    assert {f"enter-{held.pk}", f"call-{held.pk}", f"open-{held.pk}"} <= set(controls())
    services.enter_room(consultation=held, staff=morning.first, now=morning.now)
    assert f"go-on-{visit.pk}" in controls()
    morning.part(held)
    assert f"done-{held.pk}" in controls()


def test_seen_stops_the_notice(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive()
    client = client_as(morning.first)
    assert "is waiting for you" in client.get(reverse("consultations:alert")).content.decode()
    on_the_queue = {"HX-Current-URL": "http://testserver" + reverse("consultations:queue")}
    assert client.get(reverse("consultations:alert"), headers=on_the_queue).content == b""
    answer = client.post(reverse("consultations:seen", args=[visit.pk]), headers=HTMX | {"HX-Target": "queue"})
    assert 'data-unseen=""' in answer.content.decode()
    assert "is waiting for you" not in client.get(reverse("consultations:alert")).content.decode()


def test_decline_asks_why_and_keeps_the_reason(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive()
    client = client_as(morning.first)
    address = reverse("consultations:decline", args=[visit.pk])
    assert client.get(address, headers=HTMX).status_code == 200
    empty = client.post(address, {"reason": ""}, headers=HTMX)
    assert empty.status_code == 422
    assert "Why do you decline?" in empty.content.decode()
    done = client.post(address, {"reason": "my cousin"}, headers=HTMX)
    assert done["HX-Redirect"] == reverse("consultations:queue")
    assert Consultation.objects.get().decline_reason == "my cousin"


def test_a_forbidden_decline_is_said_in_words_and_told_to_the_supervisor(
    morning: Morning, client_as: MakeClient
) -> None:
    morning.run_by({"decline": "forbidden"})
    visit = morning.arrive()
    consultant, supervisor = client_as(morning.first), client_as(Role.CONSULTING_SUPERVISOR)
    told = reverse("consultations:forbidden_declines")
    assert supervisor.get(told).content.strip() == b""
    address = reverse("consultations:decline", args=[visit.pk])
    assert "may not be declined" in consultant.get(address, headers=HTMX).content.decode()
    answer = consultant.post(address, {"reason": "tired"}, headers=HTMX)
    assert answer.status_code == 422
    assert "The consulting supervisor has been told." in answer.content.decode()

    visit.refresh_from_db()
    assert (visit.state, visit.consultant) == ("waiting", morning.first)
    notice = supervisor.get(told).content.decode()
    assert "王欣" in notice and "tired" in notice
    morning.take(visit)
    assert supervisor.get(told).content.strip() == b""


@pytest.mark.parametrize(
    ("given", "busy", "presence"),
    [
        ({"state": "busy", "minutes": "20"}, True, "on"),
        ({"state": "free"}, False, "on"),
        ({"state": "out", "until": "11:45"}, False, "out"),
        ({"state": "out", "until": ""}, False, "out"),
    ],
)
def test_my_state_reaches_the_board(
    morning: Morning, client_as: MakeClient, given: dict[str, str], busy: bool, presence: str
) -> None:
    answer = client_as(morning.first).post(reverse("consultations:free_in"), given, headers=HTMX)
    assert answer.status_code == 200
    morning.board.refresh_from_db()
    seat = state_of(morning.board).seat(str(morning.first.pk))
    assert seat is not None
    assert (seat.busy, seat.presence.value) == (busy, presence)
    if given.get("until"):
        assert seat.until == morning.now.replace(hour=3, minute=45)
        assert "until 11:45" in answer.content.decode()
    if "minutes" in given:
        assert seat.free_at is not None
        assert timedelta(minutes=19) < seat.free_at - morning.now < timedelta(minutes=21)


@pytest.mark.parametrize(
    "given",
    [
        {"state": "busy", "minutes": "0"},
        {"state": "busy", "minutes": "soon"},
        {"state": "out", "until": "25:99"},
        {"state": "out", "until": "09:00"},
        {"state": "asleep"},
        {},
    ],
)
def test_an_unclear_state_changes_nothing(morning: Morning, client_as: MakeClient, given: dict[str, str]) -> None:
    answer = client_as(morning.first).post(reverse("consultations:free_in"), given, headers=HTMX)
    assert answer.status_code == 422
    morning.board.refresh_from_db()
    assert morning.board.sequence == 1


def test_without_a_seat_the_desk_is_to_be_asked(morning: Morning, client_as: MakeClient, staff_with: object) -> None:
    answer = client_as(Role.CONSULTANT).post(reverse("consultations:free_in"), {"state": "free"}, headers=HTMX)
    assert answer.status_code == 422
    assert "no seat" in answer.content.decode()


def test_a_visitor_forgotten_in_the_room_yesterday_can_be_finished(morning: Morning, client_as: MakeClient) -> None:
    visit = VisitFactory.create(
        consultant=morning.first, state=Visit.State.IN_ROOM, arrived_at=morning.now - timedelta(days=1)
    )
    forgotten = ConsultationFactory.create(visit=visit, state=Consultation.State.IN_ROOM)
    page = client_as(morning.first).get(reverse("consultations:queue")).content.decode()
    assert reverse("consultations:consultation", args=[forgotten.pk]) in page
    morning.part(forgotten)
    visit.refresh_from_db()
    assert visit.state == Visit.State.FINISHED


def test_the_count_beside_my_queue(morning: Morning, client_as: MakeClient) -> None:
    client = client_as(morning.first)
    assert client.get(reverse("consultations:count")).content == b""
    morning.arrive()
    assert client.get(reverse("consultations:count")).content == b"1"


def fill(morning: Morning, visits: int) -> None:
    for _number in range(visits):
        visit = VisitFactory.create(consultant=morning.first)
        VisitProject.objects.create(visit=visit, project=morning.nose, position=1)
        done = VisitFactory.create(consultant=morning.first, state=Visit.State.FINISHED)
        ConsultationFactory.create(
            visit=done, state=Consultation.State.FINISHED, outcome="no_deal", no_deal_reason="price"
        )


@pytest.mark.parametrize("visits", [1, 50])
def test_the_queue_costs_the_same_for_one_and_for_fifty(
    morning: Morning,
    client_as: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    visits: int,
) -> None:
    fill(morning, visits)
    client = client_as(morning.first)
    client.get(reverse("consultations:queue"))
    with django_assert_num_queries(9):
        page = client.get(reverse("consultations:queue"))
    assert page.content.decode().count("data-since") == visits
    with django_assert_num_queries(9):
        client.get(reverse("consultations:queue_panel"), headers=HTMX)
