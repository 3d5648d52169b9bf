"""What is asked in the rooms just now: second opinions, given and waited for, a panel, a word about an owner."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from clinic.models import Staff
from clinic.roles import Role
from complaints.demo.story import Story
from consultations import services
from consultations.models import Consultation


def tell_opinions(story: Story, now: datetime) -> None:
    """Let the consultants who have somebody at `now` ask, and one say whose visitor hers is; fewer ask less."""
    hospital = story.hospital
    open_now = Consultation.objects.filter(
        branch=hospital.branch,
        day=story.today,
        state__in=[Consultation.State.ACCEPTED, Consultation.State.IN_ROOM],
        visit__state=F("state"),
    )
    held = list(open_now.select_related("consultant__branch", "visit").order_by("-entered_at", "pk"))
    in_room = [one for one in held if one.state == Consultation.State.IN_ROOM]
    doctors = [hospital.staff["doctor1"], hospital.staff["doctor2"]]
    for consultation in in_room[:1]:
        _opinions(consultation, doctors, now)
    for consultation in in_room[1:2]:
        consultant = consultation.consultant
        services.call_panel(
            consultation=consultation,
            members=doctors,
            had_first=[consultant],
            question="隆鼻加下颌角，谁来主刀？",
            staff=consultant,
            now=now,
        )
    for consultation in held[-1:]:
        consultant = consultation.consultant
        other = next(one for one in hospital.by_role[Role.CONSULTANT] if one.pk != consultant.pk)
        services.tell_owner(
            consultation=consultation, owner=other, reason="顾客说三年前在这里做过咨询", staff=consultant, now=now
        )


def _opinions(consultation: Consultation, doctors: Sequence[Staff], now: datetime) -> None:
    """Ask two doctors; the first one answers."""
    questions = ("鼻中隔偏曲，能一起做吗？", "双眼皮修复，间隔半年够不够？")
    asked = [
        services.ask_opinion(
            consultation=consultation, doctor=doctor, question=question, staff=consultation.consultant, now=now
        )
        for doctor, question in zip(doctors, questions, strict=True)
    ]
    services.answer_opinion(
        participant=asked[0],
        opinion="可以同期做，先拍 CT。",
        expected_version=asked[0].version,
        staff=doctors[0],
        now=now,
    )
