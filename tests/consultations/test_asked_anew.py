"""Who is asked another question answers it anew, and who sits in a panel stays in it."""

from typing import Any

import pytest
from django.urls import reverse

from clinic.models import AuditEntry, Staff
from clinic.problems import Stale
from consultations import services
from consultations.models import Participant
from consultations.selectors import queue
from tests.conftest import MakeClient
from tests.consultations.conftest import Morning
from tests.consultations.deal_scenes import buy, shares_of
from tests.consultations.test_services_opinions import answer, ask, common, panel

pytestmark = pytest.mark.django_db


def asked_anew(morning: Morning, held: Any, doctor: Staff, how: str) -> None:
    if how == "panel":
        panel(morning, held, doctor, question="能同时做双眼皮吗？")
    else:
        services.refer_to_doctor(doctor=doctor, reason="能同时做双眼皮吗？", **common(morning, held))


@pytest.mark.parametrize("how", ["panel", "referred"])
def test_another_question_is_answered_anew(morning: Morning, client_as: MakeClient, how: str) -> None:
    held = morning.enter(morning.arrive())
    answer(morning, ask(morning, held))
    asked_anew(morning, held, morning.doctor, how)
    asked = Participant.objects.get(staff=morning.doctor)
    assert list(queue.asked_of(morning.doctor, morning.now)) == [asked]
    page = client_as(morning.doctor).get(reverse("consultations:opinion", args=[asked.pk])).text
    assert "能同时做双眼皮吗" in page and "可以做</textarea>" in page, "what she said before is where she goes on"
    done = answer(morning, asked, "可以，一起做")
    assert (done.opinion, done.question) == ("可以，一起做", "能同时做双眼皮吗？")
    assert AuditEntry.objects.filter(action="consultations.answer_opinion").latest("pk").detail == {"opinion": "可以做"}
    with pytest.raises(Stale, match="answered"):
        answer(morning, done, "不可以")


def test_the_same_question_is_not_answered_twice(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    answer(morning, ask(morning, held))
    panel(morning, held, morning.doctor, question="能做吗？")
    assert not queue.asked_of(morning.doctor, morning.now)


def test_who_is_referred_to_out_of_a_panel_keeps_her_part(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    panel(morning, held, morning.doctor, question="隆鼻")
    services.refer_to_doctor(doctor=morning.doctor, reason="请您看看", **common(morning, held))
    row = Participant.objects.get(staff=morning.doctor)
    assert (row.part, row.question) == ("panel", "请您看看")
    held.refresh_from_db()
    assert (held.outcome, held.passed_to) == ("referred", morning.doctor)
    assert shares_of(buy(morning, held)) == {morning.first.pk: "0.3000", morning.doctor.pk: "0.7000"}
