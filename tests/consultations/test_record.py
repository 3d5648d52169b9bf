"""The record of a consultation: sections kept while they are typed, from two windows at once."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, OutboxEvent
from clinic.problems import Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation
from tests.conftest import MakeClient
from tests.consultations.conftest import Morning

pytestmark = pytest.mark.django_db
SECTIONS = Consultation.SECTIONS


def send(client: Client, pk: int, **typed: str) -> Any:
    """Send sections as a window does; `seen_…` is empty unless it is given."""
    seen = {f"seen_{name}": "" for name in typed if not name.startswith("seen_")}
    return client.post(reverse("consultations:record", args=[pk]), seen | typed, headers={"HX-Request": "true"})


def test_sections_are_kept_as_typed(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.take(morning.arrive())
    answer = send(client_as(morning.first), consultation.pk, wishes=" 自然一点\r\n", assessment="皮肤偏薄")
    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    consultation.refresh_from_db()
    kept = {name: getattr(consultation, name) for name in SECTIONS}
    assert kept == {"wishes": " 自然一点\n", "history": "", "assessment": "皮肤偏薄", "notes": ""}
    assert consultation.written_at is not None


def test_two_windows_in_different_sections_do_not_meet(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.take(morning.arrive())
    client = client_as(morning.first)
    send(client, consultation.pk, wishes="one")
    answer = send(client, consultation.pk, notes="other")
    assert answer.status_code == 200
    assert answer.json()["sections"] == {"wishes": "one", "history": "", "assessment": "", "notes": "other"}


def test_a_section_another_window_wrote_is_told_and_the_others_are_saved(
    morning: Morning, client_as: MakeClient
) -> None:
    consultation = morning.take(morning.arrive())
    client = client_as(morning.first)
    send(client, consultation.pk, wishes="theirs")
    answer = send(client, consultation.pk, wishes="mine", notes="also mine")
    assert answer.status_code == 409
    assert answer.json()["theirs"] == {"wishes": "theirs"}
    consultation.refresh_from_db()
    assert (consultation.wishes, consultation.notes) == ("theirs", "also mine")

    chosen = send(client, consultation.pk, wishes="mine", seen_wishes="theirs")
    assert chosen.status_code == 200
    consultation.refresh_from_db()
    assert consultation.wishes == "mine"


def test_the_same_request_sent_again_changes_nothing(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.take(morning.arrive())
    client = client_as(morning.first)
    answers = [send(client, consultation.pk, notes="once").json() for _again in range(3)]
    assert [one["version"] for one in answers] == [1, 1, 1]
    assert not any(one["theirs"] for one in answers)


@pytest.mark.parametrize("text", ["x" * 4001, "a\0b"])
def test_what_cannot_be_saved_says_which_section(morning: Morning, client_as: MakeClient, text: str) -> None:
    consultation = morning.take(morning.arrive())
    answer = send(client_as(morning.first), consultation.pk, history=text, notes="fine")
    assert answer.status_code == 422
    assert list(answer.json()["wrong"]) == ["history"]
    consultation.refresh_from_db()
    assert consultation.notes == ""


def test_four_thousand_characters_fit_and_text_is_only_text(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.take(morning.arrive())
    client = client_as(morning.first)
    assert send(client, consultation.pk, notes="麻" * 4000, wishes="\n<b>O'Brien</b>\n").status_code == 200
    page = client.get(reverse("consultations:consultation", args=[consultation.pk])).content.decode()
    assert "\n\n&lt;b&gt;O&#x27;Brien&lt;/b&gt;\n</textarea>" in page


def test_the_card_is_a_hint_and_not_copied(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive()
    visit.visitor.wishes = "想做双眼皮"
    visit.visitor.save()
    consultation = morning.take(visit)
    client = client_as(morning.first)
    address = reverse("consultations:consultation", args=[consultation.pk])
    assert "想做双眼皮" in client.get(address).content.decode()
    consultation.refresh_from_db()
    assert consultation.wishes == ""
    send(client, consultation.pk, wishes="宽一点")
    page = client.get(address).content.decode()
    assert "想做双眼皮" not in page[page.index('id="record') : page.index('id="outcome')]


def test_who_has_the_visitor_no_more_is_told(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.take(morning.arrive())
    Consultation.objects.filter(pk=consultation.pk).update(state="withdrawn")
    answer = send(client_as(morning.first), consultation.pk, notes="late")
    assert answer.status_code == 409
    assert "no longer with you" in answer.json()["refused"]


def test_anothers_record_is_not_there_and_readers_only_read(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.take(morning.arrive())
    send(client_as(morning.first), consultation.pk, assessment="适合")
    assert send(client_as(morning.second), consultation.pk, notes="x").status_code == 404
    reader = client_as(Role.CONSULTING_SUPERVISOR)
    assert send(reader, consultation.pk, notes="x").status_code == 403
    text = reader.get(reverse("consultations:record_text", args=[consultation.pk]))
    assert "适合" in text.content.decode()
    page = reader.get(reverse("consultations:consultation", args=[consultation.pk])).content.decode()
    assert "record-form" not in page
    assert "适合" in page


def test_typing_is_announced_each_time_and_audited_once(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.take(morning.arrive())
    client = client_as(morning.first)
    OutboxEvent.objects.all().delete()
    send(client, consultation.pk, notes="a")
    send(client, consultation.pk, notes="ab", seen_notes="a")
    topics = [row.topics for row in OutboxEvent.objects.all()]
    assert topics == [[f"record-{consultation.pk}"]] * 2
    assert AuditEntry.objects.filter(action="consultations.write_record").count() == 1


def test_saving_costs_the_same_however_much_is_written(
    morning: Morning, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    consultation = morning.take(morning.arrive())
    client = client_as(morning.first)
    send(client, consultation.pk, notes="first")
    with django_assert_num_queries(9):
        send(client, consultation.pk, **dict.fromkeys(SECTIONS, "麻" * 4000), seen_notes="first")
    with django_assert_num_queries(3):
        client.get(reverse("consultations:record", args=[consultation.pk]))


# --- two windows, whatever they do in whatever order ---


@dataclass
class Window:
    """What a window knows: what stands in it, what the server said last, and what another window wrote over that."""

    text: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SECTIONS, ""))
    base: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SECTIONS, ""))
    theirs: dict[str, str] = field(default_factory=dict)


STEPS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["type", "save", "lose the answer", "read", "keep mine", "take theirs"]),
        st.sampled_from(SECTIONS[:2]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_two_windows_type_is_never_lost(morning: Morning, mine: Consultation, steps: list[Any]) -> None:
    windows = (Window(), Window())
    # Every text a window has taken in; only what it knows may it replace.
    known = [{(name, "") for name in SECTIONS} for _window in windows]
    with transaction.atomic():
        for number, (which, act, section) in enumerate(steps):
            window = windows[which]
            before = Consultation.objects.get(pk=mine.pk)
            if act == "type":
                window.text[section] += f"{'ab'[which]}{number} "
                known[which].add((section, window.text[section]))
            elif act in ("save", "lose the answer"):
                _save(morning, mine, window, answered=act == "save")
            elif act == "read":
                _take(window, Consultation.objects.get(pk=mine.pk))
            elif section in window.theirs:
                window.base[section] = window.theirs.pop(section)
                if act == "take theirs":
                    window.text[section] = window.base[section]
            after = Consultation.objects.get(pk=mine.pk)
            for name in SECTIONS:
                known[which].add((name, window.base[name]))
                if getattr(after, name) != getattr(before, name):
                    assert (name, getattr(before, name)) in known[which], "replaced what it had never seen"
        for _round in range(2):
            for window in windows:
                _save(morning, mine, window, answered=True)
        saved = Consultation.objects.get(pk=mine.pk)
        for window in windows:
            for name in SECTIONS:
                assert window.text[name] == getattr(saved, name) or name in window.theirs
        transaction.set_rollback(True)


def _save(morning: Morning, consultation: Consultation, window: Window, *, answered: bool) -> None:
    typed = {
        name: text for name, text in window.text.items() if text != window.base[name] and name not in window.theirs
    }
    written = services.write_record(
        consultation=consultation, typed=typed, seen=window.base, staff=morning.first, now=morning.now
    )
    if answered:
        for name in typed:
            if name not in written.theirs:
                window.base[name] = typed[name]
        _take(window, written.consultation)


def _take(window: Window, current: Consultation) -> None:
    for name in SECTIONS:
        text = getattr(current, name)
        if text in (window.base[name], window.text[name]) or window.text[name] == window.base[name]:
            window.text[name] = text if window.text[name] == window.base[name] else window.text[name]
            window.base[name] = text
            window.theirs.pop(name, None)
        else:
            window.theirs[name] = text


@pytest.fixture
def mine(morning: Morning) -> Consultation:
    """A consultation that two windows write in."""
    return morning.take(morning.arrive())


def test_a_service_refuses_for_somebody_else(morning: Morning, mine: Consultation) -> None:
    with pytest.raises(Stale, match="moved_away"):
        services.write_record(
            consultation=mine, typed={"notes": "x"}, seen={"notes": ""}, staff=morning.second, now=morning.now
        )
