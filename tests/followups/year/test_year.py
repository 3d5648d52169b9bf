"""A small year: every step of every plan of every treatment is called, lies ahead, or carries the reason why not."""

from datetime import date

import pytest

from followups.models import CallBack, FollowUpReport
from followups.plans import PLANS
from tests.followups.year.hospital import starting_codes
from tests.followups.year.reckoning import reconcile
from tests.followups.year.simulation import Size, Year

pytestmark = pytest.mark.django_db
# Over the year end, the Spring Festival and the leap day.
SMALL = Size(first=date(2027, 12, 20), days=75, a_day=4, agents=2, calls=12, stops=0.15)


def test_nothing_is_lost_in_a_small_year() -> None:
    year = Year(SMALL, say=lambda text: print(text))
    assert starting_codes() == {step.code for steps in PLANS.values() for step in steps}
    found = year.run()
    print("\n".join(found.lines()))
    assert found.unaccounted == []
    assert found.steps > 800 and found.attempts > 200
    states = {(state, reason) for _step, state, reason in found.table}
    assert {
        ("called", "reached"),
        ("called", "refused"),
        ("to come", "by plan"),
        ("to come", "tried or put off"),
        ("not called", "ended"),
        ("not called", "treatment_cancelled"),
        ("not called", "treatment_repeated"),
        ("cancelled", "plan_changed"),
        ("no call", "not_tracked"),
        ("no call", "no_day"),
    } <= states
    for what in ("nights without Celery", "absences of agents", "treatments moved", "records merged", "complaints"):
        assert year.happened[what], what
    assert [str(one) for one in FollowUpReport.objects.order_by("year", "week")][:3] == [
        "2027-W51 v1", "2027-W52 v1", "2028-W01 v1",
    ]  # fmt: skip

    # The reckoning sees what is lost, and what is called although it is not to be.
    CallBack.objects.filter(state="open", as_planned=True, attempts=None).earliest("pk").delete()
    off = CallBack.objects.filter(state="cancelled", state_reason="treatment_cancelled").earliest("pk")
    CallBack.objects.filter(pk=off.pk).update(state="open", state_reason="", closed_at=None)
    assert len(reconcile(year.known, year.last).unaccounted) == 2
