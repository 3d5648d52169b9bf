"""A visitor calls although no call of hers is due: what she says is kept, and who is not well reaches the doctor."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic.models import Branch, Department, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from followups import selectors
from followups.models import CallAttempt, CallBack, UrgentReview
from followups.selectors import Tab
from followups.services import answer_review, record_attempt, record_talk, settle_concern, tell_visitor
from reception.services.visitors import write_keys
from tests.conftest import MakeClient, MakeStaff
from tests.factories.followups import a_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(branch: Branch, staff_with: MakeStaff) -> Staff:
    return staff_with(Role.DOCTOR, department=Department.objects.get(branch=branch, kind="surgery"))


@pytest.fixture
def agent(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CUSTOMER_SERVICE)


@pytest.fixture
def made(branch: Branch, doctor: Staff, agent: Staff, now: datetime) -> CallBack:
    """The call of day 2, made a moment ago; the next one is that of the first month."""
    call = a_call(branch, now=now, doctor=doctor)
    write_keys(call.visitor)
    record_attempt(call_back=call, result="reached", recovery="normal", staff=agent, now=now)
    return CallBack.objects.get(pk=call.pk)


def next_call(made: CallBack) -> CallBack:
    return CallBack.objects.get(treatment=made.treatment_id, step__code="month-1")


def kept(call: CallBack) -> Any:
    return CallBack.objects.filter(pk=call.pk).values("state", "state_reason", "call_on", "tries", "closed_at").get()


@pytest.mark.parametrize("which", ["made", "ahead"])
def test_what_she_says_is_kept_and_the_call_stays_as_it_is(
    which: str, made: CallBack, agent: Staff, now: datetime
) -> None:
    call = made if which == "made" else next_call(made)
    before = kept(call)
    talk = record_talk(
        call_back=call, recovery="normal", notes=" 问能不能洗澡 ", version=call.version, staff=agent, now=now
    )
    assert (talk.direction, talk.result, talk.recovery, talk.notes) == ("in", "reached", "normal", "问能不能洗澡")
    assert kept(call) == before
    assert not UrgentReview.objects.exists()


@pytest.mark.parametrize("which", ["made", "ahead"])
def test_who_is_not_well_reaches_the_doctor_and_no_later_call_is_lost(
    which: str, made: CallBack, doctor: Staff, agent: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    call = made if which == "made" else next_call(made)
    record_talk(call_back=call, recovery="abnormal", notes="发烧39度", staff=agent, now=now)
    review = UrgentReview.objects.get()
    assert (review.doctor, review.attempt.call_back) == (doctor, call)
    assert selectors.review_notice(doctor).asked == [review]
    supervisor = staff_with(Role.SERVICE_SUPERVISOR)
    listed = list(selectors.worklist(staff=supervisor, tab=Tab.SUPERVISOR, now=now))
    assert listed == ([made] if which == "made" else [])
    assert next_call(made).risk >= CallBack.RAISED_RISK
    if which == "made":
        with pytest.raises(Refused, match="review_waits"):
            settle_concern(call_back=call, note="看过", staff=supervisor, now=now)
    answer_review(review=review, answer="come_now", staff=doctor, now=now)
    tell_visitor(review=UrgentReview.objects.get(), staff=agent, now=now)
    assert not selectors.worklist(staff=supervisor, tab=Tab.SUPERVISOR, now=now).exists()
    assert CallBack.objects.get(pk=made.pk).state == "done"
    assert next_call(made).state == "open"


def test_what_is_refused(made: CallBack, branch: Branch, doctor: Staff, agent: Staff, now: datetime) -> None:
    for recovery, notes, code in (("", "x", "recovery_missing"), ("normal", "  ", "note_missing")):
        with pytest.raises(Refused, match=code):
            record_talk(call_back=made, recovery=recovery, notes=notes, staff=agent, now=now)
    with pytest.raises(Stale, match="moved"):
        record_talk(call_back=made, recovery="normal", notes="x", version=made.version - 1, staff=agent, now=now)
    due = a_call(branch, now=now, doctor=doctor)
    with pytest.raises(Stale, match="due"):
        record_talk(call_back=due, recovery="normal", notes="x", staff=agent, now=now)
    soon = next_call(made)
    with pytest.raises(Stale, match="due"):
        record_talk(
            call_back=soon, recovery="normal", notes="x", staff=agent,
            now=now + timedelta(days=(soon.call_on - branch.today(now)).days - selectors.UPCOMING_DAYS),
        )  # fmt: skip
    assert CallAttempt.objects.filter(direction="in").count() == 0


def test_from_her_name_to_the_doctor_on_the_screen(
    client_as: MakeClient, made: CallBack, agent: Staff, now: datetime
) -> None:
    client = client_as(agent)
    found = client.post(reverse("followups:inbound"), {"q": made.visitor.name}).content.decode()
    card = f"{reverse('followups:card', args=[made.pk])}?direction=in"
    assert card in found
    shown = client.get(card).content.decode()
    address = reverse("followups:talk", args=[made.pk])
    assert address in shown and "she says" in shown.lower()
    typed = {"version": made.version, "recovery": "abnormal", "notes": "", "direction": "in"}
    answer = client.post(address, typed)
    assert answer.status_code == 422
    assert "Write down what she said." in answer.content.decode()
    record_talk(call_back=made, recovery="normal", notes="问吃药", staff=agent, now=now)
    answer = client.post(address, typed | {"notes": "O'Brien <b>"})
    html = answer.content.decode()
    assert (answer.status_code, UrgentReview.objects.exists()) == (422, False)
    assert "问吃药" in html and "O&#x27;Brien &lt;b&gt;</textarea>" in html
    made.refresh_from_db()
    assert f'name="version" value="{made.version}"' in html
    answer = client.post(address, typed | {"notes": "O'Brien <b>", "version": made.version})
    assert answer.status_code == 302
    again = client.post(address, typed | {"notes": "O'Brien <b>", "version": made.version})
    assert (again.status_code, CallAttempt.objects.filter(direction="in").count()) == (422, 2)
    assert UrgentReview.objects.get().attempt.notes == "O'Brien <b>"
    assert "O&#x27;Brien &lt;b&gt;" in client.get(reverse("followups:card", args=[made.pk])).content.decode()
