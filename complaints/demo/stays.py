"""In-patients: some who stay after an operation, some who went home, one who was asked and one who was not."""

from datetime import datetime, timedelta

from clinic.models import Department, Staff
from clinic.roles import Role
from complaints.demo.story import Story
from consultations import services
from consultations.models import Stay, Treatment
from consultations.selectors.stays import unbilled_of

# How many hours ago she was admitted, for how many days, and how many hours ago she went; None: she is here.
STAYS: tuple[tuple[int, int, int | None], ...] = ((98, 3, 26), (74, 2, 25), (50, 3, None), (27, 2, None), (3, 1, None))


def tell_stays(story: Story, now: datetime) -> int:
    """Admit some who were operated on lately, and let the first of them go; return how many."""
    surgery = Department.objects.get(branch=story.hospital.branch, kind=Department.Kind.SURGERY)
    nurse = next(one for one in story.hospital.by_role[Role.NURSE] if one.department_id == surgery.pk)
    operated = (
        Treatment.objects.filter(
            project__department=surgery,
            state=Treatment.State.DONE,
            treated_on__range=(story.today - timedelta(days=20), story.today - timedelta(days=1)),
            visitor__merged_into=None,
        )
        .select_related("visitor", "doctor")
        .order_by("-treated_on", "pk")
    )
    found = {one.visitor_id: one for one in reversed(list(operated[:60]))}
    made = 0
    for place, (treatment, (hours, days, gone)) in enumerate(zip(found.values(), STAYS, strict=False)):
        stay = services.admit(
            visitor=treatment.visitor,
            department=surgery,
            ward="3病区",
            bed=str(place + 1),
            doctor=treatment.doctor,
            expected_days=days,
            treatment=treatment,
            staff=nurse,
            now=now - timedelta(hours=hours),
        )
        if gone is not None:
            _go(stay, nurse, now - timedelta(hours=gone), declined=place == 1)
        made += 1
    return made


def _go(stay: Stay, nurse: Staff, at: datetime, *, declined: bool) -> None:
    for one in unbilled_of(stay, at):
        services.check_billed(stay=stay, key=one.key, answer="billed", staff=nurse, now=at)
    services.record_stay_satisfaction(
        stay=stay,
        marks={"doctor": 5, "nursing": 5, "environment": 4, "food": 3, "overall": 4},
        words="家属来接，来不及填写" if declined else "护士很细心，饭菜稍淡",
        declined=declined,
        staff=nurse,
        now=at,
    )
    services.discharge(
        stay=stay,
        ending=Stay.Ending.OWN_WISH if declined else Stay.Ending.RECOVERED,
        note="要求提前回家休养" if declined else "",
        staff=nurse,
        now=at,
    )
