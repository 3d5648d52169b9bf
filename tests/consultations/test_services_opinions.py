"""Second opinions and panels: asked, answered, asked twice, from two windows."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinic.models import AuditEntry, OutboxEvent
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, Participant
from consultations.selectors import people, queue, records
from reception.models import Standing
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from triage import services as triage

pytestmark = pytest.mark.django_db


def common(morning: Morning, consultation: Consultation) -> dict[str, Any]:
    return {"consultation": consultation, "staff": consultation.consultant, "now": morning.now}


def ask(morning: Morning, held: Consultation, question: str = "能做吗？") -> Participant:
    return services.ask_opinion(doctor=morning.doctor, question=question, **common(morning, held))


def answer(morning: Morning, asked: Participant, text: str = "可以做", version: int | None = None) -> Participant:
    return services.answer_opinion(
        participant=asked, opinion=text, expected_version=version or asked.version, staff=asked.staff, now=morning.now
    )


def test_a_doctor_is_asked_once_and_hears_of_it(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    before = OutboxEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    asked = ask(morning, held)
    told = {topic for row in OutboxEvent.objects.filter(pk__gt=before) for topic in row.topics}
    assert {f"queue-{morning.doctor.pk}", f"staff-{morning.doctor.pk}", f"visitor-{held.visitor_id}"} <= told
    assert ask(morning, held, "还是能做吗？") == asked
    assert list(queue.asked_of(morning.doctor, morning.now)) == [asked]
    assert records.consultations_seen_by(morning.doctor).get() == held


def test_a_question_is_taken_back_before_it_is_answered(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    ask(morning, held)
    common_ = common(morning, held)
    with pytest.raises(Refused, match="not_yours"):
        services.withdraw_opinion(doctor=morning.doctor, **(common_ | {"staff": morning.second}))
    before = OutboxEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    for _twice in range(2):
        services.withdraw_opinion(doctor=morning.doctor, **common_)
    assert not queue.asked_of(morning.doctor, morning.now) and not Participant.objects.exists()
    told = {topic for row in OutboxEvent.objects.filter(pk__gt=before) for topic in row.topics}
    assert {f"queue-{morning.doctor.pk}", f"visitor-{held.visitor_id}"} <= told
    entry = AuditEntry.objects.get(action="consultations.withdraw_opinion")
    assert entry.detail == {"doctor": str(morning.doctor.pk), "question": "能做吗？"}
    asked = ask(morning, held)
    answer(morning, asked)
    with pytest.raises(Stale, match="answered"):
        services.withdraw_opinion(doctor=morning.doctor, **common_)


def test_who_sits_in_a_panel_is_not_taken_back(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    services.call_panel(members=[morning.doctor], had_first=[held.consultant], **common(morning, held))
    with pytest.raises(Refused, match="takes_part"):
        services.withdraw_opinion(doctor=morning.doctor, **common(morning, held))
    assert Participant.objects.filter(staff=morning.doctor).exists()


def test_nobody_is_asked_about_what_is_over(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    asked = ask(morning, held)
    morning.part(held)
    assert list(queue.asked_of(morning.doctor, morning.now)) == [asked], "she has just left: it may still help"
    tomorrow = morning.now + timedelta(days=1)
    assert not queue.asked_of(morning.doctor, tomorrow)
    assert queue.opinions_seen_by(morning.doctor).get() == asked, "her page of it still opens"
    Consultation.objects.filter(pk=held.pk).update(state="in_room")
    assert list(queue.asked_of(morning.doctor, tomorrow)) == [asked], "in the room since before midnight"
    Consultation.objects.filter(pk=held.pk).update(state="withdrawn")
    assert not queue.asked_of(morning.doctor, morning.now)


def test_an_answer_is_words_and_stands(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    asked = ask(morning, held)
    with pytest.raises(Refused, match="opinion_missing"):
        answer(morning, asked, " \n ")
    done = answer(morning, asked, " 可以做 ")
    assert (done.opinion, done.answered_at) == ("可以做", morning.now)
    assert answer(morning, asked, "可以做").version == done.version, "sent twice, written once"
    with pytest.raises(Stale, match="answered"):
        answer(morning, asked, "不可以做")
    assert not queue.asked_of(morning.doctor, morning.now)
    (told,) = records.participants_of(held)
    assert told.opinion == "可以做"


def test_a_question_that_changed_meanwhile_is_told(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    asked = ask(morning, held)
    services.refer_to_doctor(doctor=morning.doctor, reason="请您接手", **common(morning, held))
    with pytest.raises(Stale, match="changed") as stale:
        answer(morning, asked)
    assert "请您接手" in str(stale.value.message)
    assert Participant.objects.get().part == "referred"


def test_an_answer_of_nobody_else(morning: Morning) -> None:
    asked = ask(morning, morning.enter(morning.arrive()))
    with pytest.raises(Participant.DoesNotExist):
        services.answer_opinion(
            participant=asked, opinion="x", expected_version=asked.version, staff=morning.second, now=morning.now
        )


def test_only_a_doctor_at_work_is_asked_and_only_from_the_room(morning: Morning, staff_with: MakeStaff) -> None:
    taken = morning.take(morning.arrive())
    with pytest.raises(Refused, match="not_in_room"):
        ask(morning, taken)
    held = services.enter_room(consultation=taken, staff=morning.first, now=morning.now)
    with pytest.raises(Refused, match="not_at_work"):
        services.ask_opinion(doctor=morning.second, question="", **common(morning, held))
    desk = triage.open_board(
        branch=morning.branch, desk="surgery", day=morning.board.day, consultants=[morning.doctor],
        present=[morning.doctor], staff=morning.clerk, now=morning.now,
    )  # fmt: skip
    for state, offered in (("busy", "busy"), ("out", "out"), ("free", "free")):
        triage.set_seat_state(board=desk, consultant=morning.doctor, state=state, staff=morning.clerk, now=morning.now)
        assert [(one.staff, one.state) for one in people.doctors_at_work(morning.first, morning.now)] == [
            (morning.doctor, offered)
        ]
    triage.set_seat_state(board=desk, consultant=morning.doctor, state="off", staff=morning.clerk, now=morning.now)
    assert people.doctors_at_work(morning.first, morning.now) == []
    with pytest.raises(Refused, match="not_at_work"):
        ask(morning, held)


def panel(morning: Morning, held: Consultation, *members: Any, first: Any = None, **more: Any) -> list[Participant]:
    return services.call_panel(
        members=members, had_first=[held.consultant] if first is None else first, **common(morning, held), **more
    )


def test_a_panel_is_several_people_and_the_consultant_is_one_of_them(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    rows = panel(morning, held, morning.doctor, morning.second, first=[morning.first, morning.doctor], question="隆鼻")
    assert [(row.staff, row.had_first) for row in rows] == [
        (morning.first, True), (morning.doctor, True), (morning.second, False),
    ]  # fmt: skip
    assert {row.part for row in rows} == {"panel"}
    everybody = (morning.first, morning.doctor, morning.second)
    assert [len(queue.asked_of(one, morning.now)) for one in everybody] == [0, 1, 1]


def test_an_opinion_that_is_being_written_is_still_asked_for_when_others_are_called(
    morning: Morning, staff_with: MakeStaff
) -> None:
    held = morning.enter(morning.arrive())
    asked = ask(morning, held)
    panel(morning, held, staff_with(Role.DOCTOR, display_name="孙医生"))
    answer(morning, asked)
    asked.refresh_from_db()
    assert asked.part == "second_opinion" and asked.answered_at is not None


def test_who_was_asked_before_joins_the_panel_and_a_panel_grows(morning: Morning, staff_with: MakeStaff) -> None:
    held = morning.enter(morning.arrive())
    answer(morning, ask(morning, held))
    panel(morning, held, morning.doctor)
    third = staff_with(Role.DOCTOR, display_name="孙医生")
    rows = panel(morning, held, third, first=[morning.doctor])
    assert [(row.staff, row.had_first, row.opinion) for row in rows] == [
        (morning.first, False, ""), (morning.doctor, True, "可以做"), (third, False, ""),
    ]  # fmt: skip


@pytest.mark.parametrize("case", ["nobody", "first_missing", "elsewhere", "away"])
def test_a_panel_that_cannot_be(morning: Morning, staff_with: MakeStaff, case: str) -> None:
    held = morning.enter(morning.arrive())
    nurse = staff_with(Role.NURSE)
    given, code = {
        "nobody": (((), None), "members_missing"),
        "first_missing": (((morning.doctor,), ()), "first_missing"),
        "elsewhere": (((morning.doctor,), [morning.second]), "first_elsewhere"),
        "away": (((nurse,), None), "not_at_work"),
    }[case]
    members, first = given
    with pytest.raises(Refused, match=code):
        panel(morning, held, *members, first=first)
    assert not Participant.objects.exists()


def test_who_had_her_first_is_marked_beforehand_from_the_records(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    assert records.panel_so_far(held, morning.first) == {"members": [], "had_first": [str(morning.first.pk)]}
    held.visitor.owner, held.visitor.standing = morning.second, Standing.NO_DEAL
    assert records.panel_so_far(held, morning.first) == {
        "members": [str(morning.second.pk)], "had_first": [str(morning.second.pk)],
    }  # fmt: skip


def test_an_answer_without_words_is_refused_by_the_database(morning: Morning) -> None:
    asked = ask(morning, morning.enter(morning.arrive()))
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.filter(pk=asked.pk).update(answered_at=morning.now)
