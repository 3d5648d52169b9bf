"""What is asked in a call and kept: answers that are not normal, suggestions, promises, and when she calls."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.models import AuditEntry, Branch, BranchDay, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.selectors.personal_data import Wanted
from consultations.models import Photograph
from followups.models import CallAnswer, CallAttempt, CallBack, CallBar, CallRules, PlanQuestion, PlanStep
from followups.models.plans import SCALE
from followups.personal_data import sections
from followups.selectors.plans import step_from, steps_of
from followups.services import (
    bar_calls,
    build_call_backs,
    lift_bar,
    publish_plan,
    put_back,
    record_attempt,
    take_card,
    write_call_days,
)
from reception.services.visitors import write_keys
from tests.conftest import MakeClient, MakeStaff
from tests.factories.followups import a_call, another_project
from tests.factories.photographs import a_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_as: MakeClient) -> Client:
    return client_as(Role.CUSTOMER_SERVICE)


@pytest.fixture
def agent(client: Client) -> Staff:
    return client.staff  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def call(branch: Branch, now: datetime) -> CallBack:
    made = a_call(branch, now=now)
    write_keys(made.visitor)
    return made


def question(call: CallBack, code: str) -> PlanQuestion:
    return PlanQuestion.objects.get(step=call.step, code=code)


def said(call: CallBack, **answers: str) -> dict[int, str]:
    return {question(call, code).pk: answer for code, answer in answers.items()}


def posted(call: CallBack, **answers: str) -> dict[str, str]:
    return {f"answer_{pk}": answer for pk, answer in said(call, **answers).items()}


def reach(call: CallBack, staff: Staff, now: datetime, **more: Any) -> CallAttempt:
    told: dict[str, Any] = {"result": "reached", "recovery": "normal", "staff": staff, "now": now} | more
    return record_attempt(call_back=call, **told)


def again(call: CallBack) -> CallBack:
    return CallBack.objects.select_related("branch", "visitor").get(pk=call.pk)


def test_every_starting_call_asks_and_every_answer_that_warns_is_one_of_its_kind() -> None:
    for step in PlanStep.objects.filter(plan__version=1).prefetch_related("questions"):
        questions = step.questions.all()
        assert questions, step.code
        for one in questions:
            assert not one.warns_at or one.takes(one.warns_at)
            assert one.name and one.name_en and one.name != one.name_en


def test_answers_are_kept_with_the_call(call: CallBack, agent: Staff, now: datetime) -> None:
    made = reach(
        call,
        agent,
        now,
        answers=said(call, pain="3", fever="no", bleeding=""),
        suggestions=" 电话早一点打 ",
    )
    assert made.suggestions == "电话早一点打"
    assert {one.question.code: (one.answer, one.warns) for one in made.answers.all()} == {
        "pain": ("3", False),
        "fever": ("no", False),
    }
    with pytest.raises(Error), transaction.atomic():
        CallAnswer.objects.filter(attempt=made).update(answer="10")


@pytest.mark.parametrize(("pain", "fever", "warns"), [("6", "no", False), ("7", "no", True), ("0", "yes", True)])
def test_a_normal_recovery_with_an_answer_that_is_not_needs_a_note(
    call: CallBack, agent: Staff, now: datetime, pain: str, fever: str, warns: bool
) -> None:
    answers = said(call, pain=pain, fever=fever)
    if warns:
        with pytest.raises(Refused) as refused:
            reach(call, agent, now, answers=answers, notes=" ")
        assert refused.value.code == "note_missing" and again(call).state == "open"
        assert CallAttempt.objects.count() == CallAnswer.objects.count() == 0
    made = reach(call, agent, now, answers=answers, notes="已退烧" if warns else "")
    assert made.recovery == "normal" and again(call).concern == ""


def test_an_abnormal_recovery_needs_no_note(call: CallBack, agent: Staff, now: datetime) -> None:
    reach(call, agent, now, recovery="abnormal", answers=said(call, fever="yes"))
    assert again(call).concern == "abnormal"


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"pain": "11"}, "answer_wrong"),
        ({"pain": "yes"}, "answer_wrong"),
        ({"fever": "1"}, "answer_wrong"),
        ({"fever": "YES"}, "answer_wrong"),
    ],
)
def test_what_is_no_answer_is_refused(
    call: CallBack, agent: Staff, now: datetime, answers: Mapping[str, str], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        reach(call, agent, now, answers=said(call, **answers))
    assert refused.value.code == code


def test_questions_of_another_call_are_refused(call: CallBack, agent: Staff, now: datetime) -> None:
    other = CallBack.objects.get(treatment=call.treatment, code="month-1")
    with pytest.raises(Refused) as refused:
        reach(call, agent, now, answers=said(other, pain="3"))
    assert refused.value.code == "answer_unknown"


@pytest.mark.parametrize("more", [{"answers": True}, {"suggestions": "早一点打"}])
def test_only_who_was_reached_says_anything(call: CallBack, agent: Staff, now: datetime, more: dict[str, Any]) -> None:
    if more.get("answers"):
        more = {"answers": said(call, pain="3")}
    with pytest.raises(Refused) as refused:
        record_attempt(call_back=call, result="no_answer", staff=agent, now=now, **more)
    assert refused.value.code == "reached_only"


@given(kind=st.sampled_from(["yes_no", "scale"]), answer=st.text(max_size=4), warns_at=st.sampled_from(["", "1", "10"]))
def test_no_answer_that_is_taken_breaks_what_warns(kind: str, answer: str, warns_at: str) -> None:
    one = PlanQuestion(kind=kind, warns_at=warns_at if kind == "scale" else "yes")
    if one.takes(answer):
        assert isinstance(one.warns(answer), bool) and answer in (*SCALE, "yes", "no")


def test_the_card_asks_and_shows_what_was_answered(client: Client, call: CallBack, agent: Staff, now: datetime) -> None:
    card = reverse("followups:card", args=[call.pk])
    assert "Temperature above 38 °C?" not in client.get(card).content.decode()
    take_card(call_back=call, staff=agent, now=now)
    html = client.get(card).content.decode()
    assert "Temperature above 38 °C?" in html and html.count("data-warns") == 4 and html.count("key-warns") == 3
    wrong = {"version": 1, "result": "reached", "recovery": "normal", **posted(call, pain="9", fever="yes")}
    answer = client.post(reverse("followups:attempt", args=[call.pk]), wrong)
    html = answer.content.decode()
    assert answer.status_code == 422 and "An answer is not normal. Write why" in html and 'href="#id_notes"' in html
    assert '<option value="9" data-warns selected>' in html
    kept = wrong | {"recovery": "abnormal", "suggestions": "早一点打"}
    assert client.post(reverse("followups:attempt", args=[call.pk]), kept).status_code == 302
    html = client.get(card).content.decode()
    assert "Temperature above 38 °C? <strong>Yes</strong>" in html.replace("\n", "") and "早一点打" in html
    chinese = client.get(card, headers={"accept-language": "zh-hans"}).content.decode()
    assert "体温超过38℃？" in chinese and "<strong>是</strong>" in chinese


def test_the_copy_of_her_data_and_her_story_tell_what_she_answered(
    client: Client, call: CallBack, agent: Staff, now: datetime, branch: Branch
) -> None:
    reach(call, agent, now, answers=said(call, pain="3"), suggestions="早一点打", notes="恢复得好")
    calls = sections(Wanted((call.visitor_id,), branch.zone))[0]
    assert CallAnswer in calls.tells_of
    assert any("恢复得好\nSuggestion: 早一点打\nPain, 0 to 10: 3" in row for row in calls.rows)
    story = client.get(reverse("reception:visitor_story", args=[call.visitor_id])).content.decode()
    assert "Pain, 0 to 10: 3" in story and "Suggestion: 早一点打" in story


def test_a_promised_time_is_marked_and_a_day_alone_is_not(
    client: Client, call: CallBack, agent: Staff, now: datetime
) -> None:
    at = datetime(2026, 3, 11, 15, 30, tzinfo=call.branch.zone)
    record_attempt(call_back=call, result="later", call_at=at, staff=agent, now=now)
    assert (again(call).promised, again(call).call_at) == (True, at)
    for name, args in (("worklist", []), ("card", [call.pk])):
        assert "promised for 03-11 15:30" in client.get(reverse(f"followups:{name}", args=args)).content.decode()
    record_attempt(call_back=call, result="no_answer", staff=agent, now=at)
    assert (again(call).promised, again(call).call_at is not None) == (False, True)
    assert "promised for" not in client.get(reverse("followups:worklist")).content.decode()
    record_attempt(call_back=call, result="later", call_on=date(2026, 3, 13), staff=agent, now=at)
    assert again(call).promised is False


def test_a_promise_ends_with_what_it_was_made_for(
    call: CallBack, agent: Staff, staff_with: MakeStaff, now: datetime, branch: Branch
) -> None:
    at = datetime(2026, 3, 12, 15, 30, tzinfo=branch.zone)

    def promise() -> None:
        record_attempt(call_back=call, result="later", call_at=at, staff=agent, now=now)
        assert again(call).promised

    promise()
    call.treatment.treated_on = date(2026, 3, 10)
    call.treatment.save()
    build_call_backs(now=now)
    assert (again(call).promised, again(call).call_at) == (False, None)
    promise()
    bar = bar_calls(visitor=call.visitor, reason="do_not_call", branch=branch, staff=agent, now=now)
    assert not again(call).promised
    lift_bar(bar=bar, staff=agent, now=now)
    promise()
    record_attempt(call_back=call, result="wrong_number", staff=agent, now=now)
    assert not again(call).promised
    put_back(call_back=call, call_on=date(2026, 3, 12), staff=agent, now=now)
    promise()
    reach(call, agent, now)
    assert not again(call).promised


@pytest.mark.parametrize(
    ("hour", "minute", "code"),
    [(9, 29, "later_hours"), (9, 30, ""), (12, 30, ""), (20, 0, ""), (20, 1, "later_hours"), (3, 0, "later_hours")],
)
def test_a_promise_lies_within_the_hours_of_calling(
    call: CallBack, agent: Staff, now: datetime, branch: Branch, hour: int, minute: int, code: str
) -> None:
    CallRules.objects.create(branch=branch, rest_from="12:00", rest_until="14:00")
    at = datetime(2026, 3, 12, hour, minute, tzinfo=branch.zone)
    if code:
        with pytest.raises(Refused) as refused:
            record_attempt(call_back=call, result="later", call_at=at, staff=agent, now=now)
        assert refused.value.code == code and "9:30" in str(refused.value.message)
    else:
        record_attempt(call_back=call, result="later", call_at=at, staff=agent, now=now)
        assert again(call).call_at == at


def test_nothing_is_promised_for_a_day_without_calls(
    call: CallBack, agent: Staff, now: datetime, branch: Branch
) -> None:
    BranchDay.objects.create(branch=branch, day=date(2026, 3, 12), kind=BranchDay.Kind.CLOSED, name="停业")
    write_call_days(branch)
    with pytest.raises(Refused) as refused:
        record_attempt(call_back=call, result="later", call_on=date(2026, 3, 12), staff=agent, now=now)
    assert refused.value.code == "later_closed" and "13" in str(refused.value.message)


def test_a_step_has_tries_and_a_pause_of_its_own(branch: Branch, agent: Staff, now: datetime) -> None:
    own = [step_from(row) for row in steps_of(PlanStep.objects.filter(code="day-2").earliest("pk").plan)]
    own[0] = replace(own[0], most_tries=2, pause_no_answer=2 * 1440)
    publish_plan(department_kind="surgery", steps=own, starts_on=branch.today(now), staff=agent, now=now)
    call = a_call(branch, now=now, treated_on=branch.today(now))
    record_attempt(call_back=call, result="no_answer", staff=agent, now=now)
    assert again(call).call_at == now + timedelta(days=2)
    record_attempt(call_back=call, result="no_answer", staff=agent, now=now + timedelta(days=2))
    assert again(call).concern == "unreached"


RESULTS = [
    # result, more, state, reason, concern, bar
    ("reached", {"recovery": "normal"}, "done", "reached", "", ""),
    ("no_answer", {}, "open", "", "", ""),
    ("busy", {}, "open", "", "", ""),
    ("later", {"call_on": date(2026, 3, 12)}, "open", "", "", ""),
    ("wrong_number", {}, "open", "", "wrong_number", ""),
    ("refused", {}, "done", "refused", "", ""),
    ("do_not_call", {}, "done", "do_not_call", "", "do_not_call"),
    ("admitted", {}, "open", "", "admitted", ""),
    ("deceased", {}, "done", "deceased", "", "deceased"),
]


@pytest.mark.parametrize("direction", ["out", "in"])
@pytest.mark.parametrize(("result", "more", "state", "reason", "concern", "bar"), RESULTS)
def test_every_result_has_an_end_of_its_own(
    call: CallBack,
    agent: Staff,
    now: datetime,
    result: str,
    more: dict[str, Any],
    state: str,
    reason: str,
    concern: str,
    bar: str,
    direction: str,
) -> None:
    sent: dict[str, Any] = {
        "call_back": call,
        "result": result,
        "direction": direction,
        "staff": agent,
        "now": now,
    } | more
    if direction == "in" and result in ("no_answer", "busy"):
        with pytest.raises(Refused, match="inbound_result"):
            record_attempt(**sent)
        return
    made = record_attempt(**sent)
    row = again(call)
    assert (row.state, row.state_reason, row.concern) == (state, reason, concern)
    assert made.direction == direction and row.tries == (direction == "out")
    assert "".join(CallBar.objects.filter(ended_at=None).values_list("reason", flat=True)) == bar
    later = CallBack.objects.filter(treatment=call.treatment).exclude(pk=call.pk)
    assert set(later.values_list("state_reason", flat=True)) == {bar}
    detail = AuditEntry.objects.get(action="followups.record_attempt").detail
    assert detail.get("direction", "out") == direction


def test_she_calls_and_her_card_is_taken_at_once(
    client: Client, branch: Branch, agent: Staff, now: datetime, call: CallBack
) -> None:
    visitor = call.visitor
    record_attempt(call_back=call, result="no_answer", staff=agent, now=now)
    inbound = reverse("followups:inbound")
    assert 'action="/call-backs/inbound/"' in client.get(reverse("followups:worklist")).content.decode()
    phone = visitor.phone.as_e164
    for text in (phone[-8:], "王小美", "wangxiaomei", "wxm"):
        html = client.post(inbound, {"q": text}).content.decode()
        assert html.count("Take the card") == 1 and "Day 2 after surgery" in html, text
        assert phone.removeprefix("+86") not in html.replace(" ", "")
    answer = client.post(reverse("followups:take", args=[call.pk]), {"direction": "in"})
    address = answer.headers["Location"]
    html = client.get(address).content.decode()
    assert "She called: it counts as no try." in html and 'name="direction" value="in"' in html
    assert 'value="no_answer"' not in html and "<kbd>1</kbd><span>Reached</span>" in html
    sent = {"version": again(call).version, "direction": "in", "result": "reached", "recovery": "normal"}
    assert client.post(reverse("followups:attempt", args=[call.pk]), sent).status_code == 302
    assert (again(call).tries, again(call).attempts.latest("pk").direction) == (1, "in")
    assert client.post(reverse("followups:attempt", args=[call.pk]), sent | {"result": "busy"}).status_code == 422
    html = client.post(inbound, {"q": "王小美"}).content.decode()
    assert "No call waits for her now." in html and "The next one is on 2026-04-09" in html
    assert f"{reverse('complaints:open')}?visitor={visitor.pk}" in html and "No answer" in html


def test_a_card_somebody_else_holds_can_be_read(
    client: Client, call: CallBack, staff_with: MakeStaff, now: datetime
) -> None:
    take_card(call_back=call, staff=staff_with(Role.CUSTOMER_SERVICE, display_name="吴月"), now=now)
    html = client.post(reverse("followups:inbound"), {"q": "王小美"}).content.decode()
    assert "吴月" in html and "Take the card" not in html and reverse("followups:card", args=[call.pk]) in html


def test_the_most_urgent_card_comes_first_and_none_of_another_branch(
    client: Client, branch: Branch, other_branch: Branch, now: datetime, call: CallBack
) -> None:
    elsewhere = a_call(other_branch, now=now, visitor=call.visitor)
    urgent = a_call(branch, now=now, visitor=call.visitor, project=another_project(branch, 1))
    CallBack.objects.filter(pk=urgent.pk).update(risk=9)
    html = client.post(reverse("followups:inbound"), {"q": "王小美"}).content.decode()
    first, second = (reverse("followups:take", args=[one.pk]) for one in (urgent, call))
    assert html.index(first) < html.index(second)
    assert reverse("followups:take", args=[elsewhere.pk]) not in html


def test_nobody_fits(client: Client) -> None:
    assert "Nobody on file fits" in client.post(reverse("followups:inbound"), {"q": "没有这人"}).content.decode()
    assert "Who is calling?" in client.get(reverse("followups:inbound")).content.decode()


def test_photographs_she_sent_are_kept_for_her_treatment(
    client: Client, call: CallBack, agent: Staff, now: datetime
) -> None:
    address, raw = reverse("followups:photographs", args=[call.pk]), a_picture()

    def send() -> Any:
        picture = SimpleUploadedFile("IMG_0001.jpg", raw, "image/jpeg")
        sent = {"pictures": [picture], "taken_on": "2026-03-11", "view": "front"}
        return client.post(address, sent, headers={"HX-Request": "true"})

    answer = send()
    assert answer.status_code == 422 and "Take the card first" in answer.content.decode()
    assert "Photographs she sent" not in client.get(reverse("followups:card", args=[call.pk])).content.decode()
    take_card(call_back=call, staff=agent, now=now)
    assert "Photographs she sent" in client.get(reverse("followups:card", args=[call.pk])).content.decode()
    answer = send()
    assert answer.status_code == 200 and "Taken in" in answer.content.decode()
    kept = Photograph.objects.get()
    assert (kept.treatment, kept.visitor, kept.taken_by, kept.stage) == (call.treatment, call.visitor, agent, "after")
    assert AuditEntry.objects.filter(action="consultations.keep_photographs", staff=agent).count() == 1
    # She may add them and no more: the photographs themselves stay closed to her.
    assert client.get(reverse("consultations:photograph_full", args=[kept.pk])).status_code == 403
    reach(call, agent, now)
    assert send().status_code == 422 and Photograph.objects.count() == 1, "the very same picture is kept once"
    assert "on file already" in send().content.decode()
    assert client.post(address, {"taken_on": "2026-03-11"}).status_code == 422
