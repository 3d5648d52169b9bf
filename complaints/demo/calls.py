"""Call-backs after operations: built by the rooms' own service, then called as the weeks went by."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import F

from clinic.models import Staff
from clinic.roles import Role
from complaints.demo import words
from complaints.demo.story import Story
from complaints.demo.write import insert
from followups.models import CallAttempt, CallBack, OwnerCall, OwnerCallTry, UrgentReview
from followups.services import build_call_backs, build_owner_calls, share_out

SETTLED_NOTE = "已联系手术医生，当面复查无异常。"
ENDED_NOTE = "多次未联系上，已发短信告知回访电话。"
_WRITE = """
update followups_callback c
set state = n.state, state_reason = n.state_reason, tries = n.tries, call_on = n.call_on, closed_at = n.closed_at,
    concern = n.concern, concern_at = n.concern_at, settled_note = n.settled_note, version = n.version,
    as_planned = n.as_planned
from jsonb_to_recordset(%s::jsonb) as n (id bigint, state text, state_reason text, tries int, call_on date,
    closed_at timestamptz, concern text, concern_at timestamptz, settled_note text, version int, as_planned boolean)
where c.id = n.id
"""
_WRITTEN = (
    "id", "state", "state_reason", "tries", "call_on", "closed_at", "concern", "concern_at", "settled_note", "version",
    "as_planned",
)  # fmt: skip
# Who is well answers every question as hoped for; who is not well, some of them otherwise, and feels pain.
_ANSWER = """
insert into followups_callanswer (attempt_id, question_id, answer)
select a.id, q.id, case
    when q.kind = 'scale' and a.recovery = 'abnormal'
        then least(10, coalesce(nullif(q.warns_at, '')::int, 7) + mod(a.id, 3))::text
    when q.kind = 'scale' then mod(a.id * 7 + q.position, 4)::text
    when q.warns_at = '' or (q.warns_at = 'yes') = (a.recovery = 'abnormal' and mod(a.id + q.position, 3) = 0)
        then 'yes'
    else 'no' end
from followups_callattempt a
join followups_callback c on c.id = a.call_back_id
join followups_planquestion q on q.step_id = c.step_id
where c.branch_id = %s and a.result = 'reached' and q.kind <> 'text'
order by a.id, q.position
"""


class Calls:
    """The calls of the demo and what was said in them."""

    def __init__(self, story: Story, now: datetime) -> None:
        self.story, self.now, self.dice = story, now, story.dice
        self.agents: list[Staff] = story.hospital.by_role[Role.CUSTOMER_SERVICE]
        self.attempts: list[CallAttempt] = []
        self.unhappy: list[CallBack] = []

    def make(self) -> None:
        """Build every call and make those that are due, but for a few, which are shared out.

        Of these some are overdue, most are today's.
        """
        branch, today = self.story.hospital.branch, self.story.today
        build_call_backs(branch=branch, now=self.now)
        due = CallBack.objects.filter(branch=branch, state=CallBack.State.OPEN, due_on__lte=today)
        cards = list(due.select_related("visitor", "treatment").order_by("due_on", "id"))
        for card in cards:
            age = (today - card.due_on).days
            if self.dice.random() < {0: 0.65, 1: 0.2, 2: 0.12, 3: 0.06}.get(age, 0.0):
                continue
            self._call(card, age)
        insert(CallAttempt, sorted(self.attempts, key=lambda attempt: attempt.at))
        written = [{name: getattr(card, name) for name in _WRITTEN} for card in cards]
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [json.dumps(written, cls=DjangoJSONEncoder)])
            cursor.execute(_ANSWER, [branch.pk])
        insert(UrgentReview, self._reviews())
        self._owners_calls()
        share_out(branch=branch, day=today, now=self.now)

    def _reviews(self) -> Iterator[UrgentReview]:
        """What doctors were asked: that of the last hours waits, that of the last days is still to be told."""
        branch = self.story.hospital.branch
        abnormal = CallAttempt.objects.filter(call_back__branch=branch, recovery=CallAttempt.Recovery.ABNORMAL)
        for number, attempt in enumerate(abnormal.select_related("call_back__treatment").order_by("at", "pk")):
            call, due_at = attempt.call_back, attempt.at + timedelta(minutes=30)
            review = UrgentReview(
                attempt=attempt,
                treatment=call.treatment,
                visitor_id=call.visitor_id,
                branch=branch,
                doctor_id=call.treatment.doctor_id,
                asked_at=attempt.at,
                asked_by_id=attempt.staff_id,
                due_at=due_at,
                escalated_at=due_at if due_at < self.now else None,
            )
            if attempt.at < self.now - timedelta(hours=3):
                answered_at = attempt.at + timedelta(minutes=6 + number % 20)
                review.answer, review.note = words.REVIEWS[number % len(words.REVIEWS)]
                review.answered_at, review.answered_by_id = answered_at, call.treatment.doctor_id
                review.seen_at, review.seen_by_id = attempt.at + timedelta(minutes=3), call.treatment.doctor_id
                review.escalated_at = None
                if not call.concern:
                    review.told_at = answered_at + timedelta(minutes=9)
                    review.told_by_id = attempt.staff_id
            yield review

    def _owners_calls(self) -> None:
        """Build the calls of owners and make those of the days before yesterday: most think it over."""
        branch, today = self.story.hospital.branch, self.story.today
        build_owner_calls(branch=branch, now=self.now)
        made = OwnerCall.objects.filter(
            branch=branch, state=OwnerCall.State.OPEN, owner__isnull=False, call_on__lt=today - timedelta(days=1)
        )
        results = (OwnerCallTry.Result.THINKS, OwnerCallTry.Result.COMES, OwnerCallTry.Result.THINKS)
        tries = [
            OwnerCallTry(
                call=call,
                at=self.story.instant(call.call_on, 15, number % 60),
                staff=call.owner,
                result=results[number % len(results)],
            )
            for number, call in enumerate(made.select_related("owner").order_by("call_on", "id"))
            if call.owner is not None
        ]
        insert(OwnerCallTry, sorted(tries, key=lambda one: one.at))
        made.update(
            state=OwnerCall.State.DONE,
            state_reason=OwnerCall.Reason.REACHED,
            closed_at=self.now,
            tries=1,
            version=F("version") + 1,
        )

    def _call(self, card: CallBack, age: int) -> None:
        agent = self.dice.choice(self.agents)
        day = card.due_on
        fails = 0 if age == 0 else self.dice.choices((0, 1, 2), weights=(72, 20, 8))[0]
        for _ in range(fails):
            result = self.dice.choice((CallAttempt.Result.NO_ANSWER, CallAttempt.Result.BUSY))
            self._attempt(card, agent, self._moment(day), result, notes=self.dice.choice(words.UNREACHED_NOTES))
            day += timedelta(days=1)
        if day >= self.story.today and age > 0:
            card.call_on, card.as_planned = self.story.today, False
            return
        at = self._moment(day)
        result = self.dice.choices(
            (CallAttempt.Result.REACHED, CallAttempt.Result.REFUSED, CallAttempt.Result.WRONG_NUMBER),
            weights=(95, 3, 2),
        )[0]
        if result == CallAttempt.Result.REACHED:
            self._reached(card, agent, at, age)
        elif result == CallAttempt.Result.REFUSED:
            self._attempt(card, agent, at, result)
            self._close(card, at, CallBack.Reason.REFUSED)
        else:
            self._attempt(card, agent, at, result)
            if age < 9:
                card.concern, card.concern_at = CallBack.Concern.WRONG_NUMBER, at
            else:
                card.state, card.state_reason = CallBack.State.CANCELLED, CallBack.Reason.ENDED
                card.closed_at, card.settled_note = at + timedelta(days=1), ENDED_NOTE
                card.version += 1

    def _reached(self, card: CallBack, agent: Staff, at: datetime, age: int) -> None:
        score = self.dice.choices((5, 4, 3, 2, 1), weights=(50, 34, 10, 4, 2))[0]
        abnormal = self.dice.random() < (0.12 if score <= 2 else 0.02)
        bad = abnormal or score <= 2
        self._attempt(
            card,
            agent,
            at,
            CallAttempt.Result.REACHED,
            satisfaction=score,
            recovery=CallAttempt.Recovery.ABNORMAL if abnormal else CallAttempt.Recovery.NORMAL,
            notes=self.dice.choice(words.BAD_CALL_NOTES if bad else words.CALL_NOTES),
        )
        self._close(card, at, CallBack.Reason.REACHED)
        if abnormal and age < 5:
            card.concern, card.concern_at = CallBack.Concern.ABNORMAL, at
        elif abnormal:
            card.settled_note = SETTLED_NOTE
        if bad:
            self.unhappy.append(card)

    def _attempt(self, card: CallBack, agent: Staff, at: datetime, result: str, **said: object) -> None:
        self.attempts.append(CallAttempt(call_back=card, at=at, staff=agent, result=result, **said))
        card.tries += 1
        card.version += 1

    @staticmethod
    def _close(card: CallBack, at: datetime, reason: CallBack.Reason) -> None:
        card.state, card.state_reason, card.closed_at = CallBack.State.DONE, reason, at

    def _moment(self, day: date) -> datetime:
        """An instant of a working day; today, one of the last hours."""
        if day >= self.story.today:
            earliest = max(self.story.instant(self.story.today, 0), self.now - timedelta(hours=3))
            return earliest + (self.now - earliest) * self.dice.random()
        return self.story.instant(day, 9, self.dice.uniform(30, 500))
