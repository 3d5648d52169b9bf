"""Months and weeks before today: who was here already, and the days played one after the other."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from clinic.models import Department, Staff
from clinic.roles import Role
from complaints.demo.day import Coming, Day
from complaints.demo.story import LADDER, Story
from consultations.models import Treatment
from reception.models import Standing, Visit, Visitor
from triage.engine.facts import Consultant
from triage.engine.policy import Policy

DAYS_PLAYED = 28
DAYS_OF_TREATMENTS = 200
VISITS_A_DAY = 42
MINUTES_OF_A_MORNING = 240


def tell_history(story: Story, number: int) -> None:
    """Invent visitors from before the played weeks, with owners, standing, and treatments of the last months."""
    dice = story.dice
    start = story.today - timedelta(days=DAYS_PLAYED)
    clerk = story.hospital.one(Role.RECEPTION)
    owners = [*story.hospital.by_role[Role.CONSULTANT]] * 3
    owners += [story.hospital.staff["former1"], story.hospital.staff["former2"]]
    for _ in range(number):
        age = DAYS_PLAYED + 1 + int(min(dice.expovariate(1 / 220), 1400))
        registered_at = story.instant(story.today - timedelta(days=age), 9, dice.uniform(5, 500))
        visitor = story.new_visitor(registered_at, clerk)
        standing = dice.choices(LADDER, weights=(5, 40, 7, 6, 42))[0]
        if standing == Standing.NEW:
            continue
        visitor.standing = standing
        visitor.owner = dice.choice(owners)
        visitor.consulted_by = [visitor.owner.pk]
        last = registered_at.date() + timedelta(days=int(dice.random() ** 2 * (start - registered_at.date()).days))
        visitor.last_visit_on = last
        if standing == Standing.TREATED and (start - last).days < DAYS_OF_TREATMENTS:
            _treated_before(story, visitor, last, start)


def _treated_before(story: Story, visitor: Visitor, last: date, start: date) -> None:
    dice = story.dice
    for _ in range(dice.choices((1, 2, 3), weights=(70, 22, 8))[0]):
        kind = dice.choices(
            (Department.Kind.SURGERY, Department.Kind.LASER, Department.Kind.NON_INVASIVE), weights=(55, 22, 23)
        )[0]
        project = dice.choice(story.hospital.projects_of(kind))
        day = min(last + timedelta(days=dice.randrange(10)), start - timedelta(days=1))
        by = visitor.owner or story.hospital.one(Role.CONSULTANT)
        treatment = story.treat(visitor, project, day, story.instant(day, 11, dice.uniform(0, 300)), by)
        if treatment is not None:
            treatment.state = Treatment.State.DONE


def play_days(story: Story, *, consultants: dict[str, Consultant], policy: Policy, now: datetime) -> None:
    """Play the past days whole, and today up to `now`."""
    for back in range(DAYS_PLAYED, 0, -1):
        day = story.today - timedelta(days=back)
        story.carry_out(before=day)
        opens_at = story.instant(day, 8, 50)
        number = round(VISITS_A_DAY * (1.25 if day.weekday() >= 5 else 1.0) * story.dice.gauss(1, 0.08))
        times = [story.instant(day, 9, _busy_hours(story.dice)) for _ in range(number)]
        played = Day(story, day=day, opens_at=opens_at, consultants=consultants, policy=policy)
        played.play(_arrivals(story, sorted(times)))
    story.carry_out(before=story.today)
    _play_today(story, consultants, policy, now)


def _busy_hours(dice: Random) -> float:
    """Return minutes after nine: most come in the late morning and the middle of the afternoon."""
    peak, spread = dice.choices(((110, 60), (330, 80)), weights=(45, 55))[0]
    return min(max(dice.gauss(peak, spread), 3), 500)


def _play_today(story: Story, consultants: dict[str, Consultant], policy: Policy, now: datetime) -> None:
    """Play half a day up to `now`. Before noon it began earlier, and just after midnight it runs faster, so that
    at any hour somebody waits, somebody is in a room, and some have left."""
    dice, day = story.dice, story.today
    whole = timedelta(minutes=MINUTES_OF_A_MORNING)
    opens_at = max(story.instant(day, 0, 0.5), min(story.instant(day, 8, 50), now - whole))
    opens_at = min(opens_at, now - timedelta(seconds=20))
    pace = min(1.0, (now - opens_at) / whole)
    minutes = (now - opens_at) / timedelta(minutes=1) / pace
    times = [now - timedelta(minutes=dice.uniform(16, minutes - 5) * pace) for _ in range(round(minutes / 9))]
    times += [now - timedelta(minutes=back * pace) for back in (14.0, 11.0, 8.5, 7.0, 6.0, 5.0, 4.2, 3.4, 2.6, 0.25)]
    played = Day(story, day=day, opens_at=opens_at, consultants=consultants, policy=policy, until=now, pace=pace)
    coming = _arrivals(story, sorted(times))
    coming.append(_whose_owner_is_off(story, played, now - timedelta(minutes=2.3 * pace)))
    played.play(sorted(coming, key=lambda guest: guest.at))
    for treatment in story.treatments:
        early = treatment.treated_on == day and treatment.recorded_at.date() < day
        if early and treatment.state == Treatment.State.PLANNED and dice.random() < 0.4:
            treatment.state = Treatment.State.DONE
            story.rise(treatment.visitor, Standing.TREATED)


def _whose_owner_is_off(story: Story, played: Day, at: datetime) -> Coming:
    """Somebody comes back on her consultant's day off, so that the supervisor has a question to answer (A8)."""
    off = {int(key) for key in played.off_today()}
    hers = [visitor for visitor in story.visitors if visitor.owner_id in off and _may_come(visitor, story.today)]
    return Coming(at, story.dice.choice(hers), Visit.Purpose.CONSULT, story.some_projects())


def _arrivals(story: Story, times: Sequence[datetime]) -> list[Coming]:
    """Say who comes at these times: new people, and people of every standing who were not here in the last days."""
    day = times[0].date()
    pools: dict[str, list[Visitor]] = {standing: [] for standing in LADDER}
    for visitor in story.visitors:
        if _may_come(visitor, day):
            pools[visitor.standing].append(visitor)
    coming = []
    for at in times:
        guest, purpose = _guest(story.dice, pools)
        coming.append(Coming(at, guest, purpose, story.some_projects()))
    return coming


def _guest(dice: Random, pools: dict[str, list[Visitor]]) -> tuple[Visitor | None, Visit.Purpose]:
    kind = dice.choices(("new", "known", "return", "bought", "review"), weights=(44, 4, 20, 17, 15))[0]
    purpose = Visit.Purpose.REVIEW if kind == "review" else Visit.Purpose.CONSULT
    standings = {
        "new": (),
        "known": (Standing.NEW,),
        "return": (Standing.NO_DEAL,),
        "bought": (Standing.DEPOSIT, Standing.PAID, Standing.TREATED),
        "review": (Standing.TREATED,),
    }[kind]
    for standing in dice.sample(standings, len(standings)):
        if pools[standing]:
            return pools[standing].pop(dice.randrange(len(pools[standing]))), purpose
    return None, Visit.Purpose.CONSULT


def _may_come(visitor: Visitor, day: date) -> bool:
    return visitor.last_visit_on is None or (day - visitor.last_visit_on).days > 3


def tell_callers(story: Story, number: int) -> None:
    """Invent people an agent has written down who have not come yet."""
    agents: list[Staff] = story.hospital.by_role[Role.PHONE_AGENT]
    for _ in range(number):
        day = story.today - timedelta(days=story.dice.randrange(1, DAYS_PLAYED))
        story.new_visitor(story.instant(day, 9, story.dice.uniform(5, 500)), story.dice.choice(agents))
