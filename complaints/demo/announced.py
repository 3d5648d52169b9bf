"""Whom the phone agents had announced in the last weeks, and who of today's waiting visitors was looked at."""

from datetime import datetime, timedelta

from clinic.roles import Role
from complaints.demo.appointments import SAID
from complaints.demo.story import Story
from consultations.services import acknowledge_visit
from reception import services
from reception.models import PreReport, Visit

ANNOUNCED = 36


def tell_announced(story: Story) -> int:
    """Let agents have announced some of the first visitors of the last weeks; return how many."""
    agents, dice = story.hospital.by_role[Role.PHONE_AGENT], story.dice
    first = [
        visit
        for visit in story.visits
        if visit.visit_type == Visit.VisitType.FIRST and visit.day < story.today and visit.visitor.phone
    ]
    reports = []
    for visit in dice.sample(first, min(ANNOUNCED, len(first))):
        agent = dice.choice(agents)
        report = services.record_pre_report(
            branch=story.hospital.branch,
            agent=agent,
            visitor=visit.visitor,
            said=dice.choice(SAID),
            staff=agent,
            now=visit.arrived_at - timedelta(days=dice.randrange(1, 4), minutes=dice.randrange(200)),
        )
        Visit.objects.filter(pk=visit.pk).update(announced_by=agent)
        reports.append(report.pk)
    PreReport.objects.filter(pk__in=reports).update(state=PreReport.State.CAME)
    return len(reports)


def look_at_notices(story: Story, now: datetime) -> None:
    """Let the consultants have looked at everybody who waits for them but the last: she waits unseen."""
    branch = story.hospital.branch
    waiting = Visit.objects.filter(branch=branch, day=story.today, state=Visit.State.WAITING, consultant__isnull=False)
    for visit in list(waiting.select_related("consultant").order_by("-allocated_at", "-pk"))[1:]:
        if visit.consultant is not None:
            acknowledge_visit(visit=visit, staff=visit.consultant, now=now)
