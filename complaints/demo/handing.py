"""A leaver's visitors already handed over, another's still to be, and last month's priority list."""

from datetime import timedelta
from uuid import uuid4

from clinic.roles import Role
from complaints.demo.story import Story
from consultations import services
from consultations.models import HandOver
from consultations.selectors.hand_overs import colleagues_for, plan_of, rows_of
from consultations.selectors.priority_lists import last_month_of


def tell_hand_overs(story: Story) -> None:
    """Hand the first leaver's visitors to her successor, and work last month's priority list out.

    The second leaver's are left to whoever tries the page.
    """
    hospital = story.hospital
    leaver, supervisor = hospital.staff["former1"], hospital.one(Role.CONSULTING_SUPERVISOR)
    now = story.instant(story.today, 0) - timedelta(hours=7)
    to = [one for one in colleagues_for(leaver, now) if one.pk == leaver.successor_id]
    rule = HandOver.Rule.ONE
    plan = plan_of(rows_of(leaver), to, rule, {})
    services.hand_over(
        leaver=leaver,
        receivers=to,
        rule=rule,
        moves={},
        seen=plan.visitors,
        mark=plan.mark,
        reason="唐莉离职，顾客由陈静接手",
        request_key=uuid4(),
        staff=supervisor,
        now=now,
    )
    services.compute_priority_list(
        branch=hospital.branch, month=last_month_of(hospital.branch, now), staff=hospital.one(Role.MANAGER), now=now
    )
