"""The whole demo hospital, from a seed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from clinic.models import Branch, Staff
from clinic.roles import Role
from complaints.demo.announced import look_at_notices, tell_announced
from complaints.demo.appointments import Expected
from complaints.demo.calls import Calls
from complaints.demo.card import tell_cards
from complaints.demo.cases import Cases
from complaints.demo.closing import close_days
from complaints.demo.desks import tell_desks
from complaints.demo.doubles import notice_doubles, tell_doubles
from complaints.demo.handing import tell_hand_overs
from complaints.demo.hospital import build_hospital
from complaints.demo.log import Log
from complaints.demo.money import tell_corrections, tell_levels, write_sales
from complaints.demo.opinions import tell_opinions
from complaints.demo.papers import tell_papers
from complaints.demo.past import DAYS_PLAYED, play_days, tell_callers, tell_history
from complaints.demo.people import PEOPLE
from complaints.demo.plans import tell_plans
from complaints.demo.roster import tell_roster
from complaints.demo.screens import tell_screens
from complaints.demo.stays import tell_stays
from complaints.demo.story import Story
from complaints.demo.treatments import tell_treatments
from complaints.demo.write import write_story
from triage.models import Board
from triage.selectors.facts import duties
from triage.selectors.policies import rules_of
from triage.services import ensure_policy

VISITORS = 3000
NEW_IN_THE_PLAYED_WEEKS = 640


class NotEmptyError(Exception):
    """Somebody works here already: the demo is only built in an empty database."""


@transaction.atomic
def build_demo(*, seed: int, now: datetime, say: Callable[[str], None]) -> Story:
    """Build hospital, visitors, four weeks and half of today in one transaction; `now` is aware, `say` tells progress.

    The same seed and day tell the same story. Raises NotEmptyError when there is a branch or a staff member.
    """
    if Branch.objects.exists() or Staff.objects.exists():
        raise NotEmptyError
    zoned = now.replace(microsecond=0)
    hospital = build_hospital(zoned.date())
    zoned = zoned.astimezone(hospital.branch.zone)
    # Which hands rolled the dice is nobody's secret: the demo is the same for everybody.
    story = Story(hospital, Random(seed), zoned.date())  # noqa: S311
    tell_screens(hospital.by_role)
    say(f"hospital: {len(hospital.staff)} people, {len(hospital.projects)} projects")
    start = story.today - timedelta(days=DAYS_PLAYED)
    policy = ensure_policy(
        branch=hospital.branch, day=start, staff=hospital.staff["manager"], now=story.instant(start, 8)
    )
    tell_history(story, VISITORS - NEW_IN_THE_PLAYED_WEEKS)
    board = Board(branch=hospital.branch, day=start)
    wanted = {hospital.staff[person.login_name].pk for person in PEOPLE if person.role is Role.CONSULTANT}
    consultants = {str(one.pk): one.facts_for(board) for one in duties(wanted)}
    play_days(story, consultants=consultants, policy=rules_of(policy), now=zoned)
    tell_callers(story, max(VISITORS - len(story.visitors), 0))
    tell_doubles(story)
    write_story(story, policy)
    write_sales(story)
    tell_levels()
    tell_corrections(story)
    notice_doubles(zoned)
    say(f"visitors: {len(story.visitors)}; visits: {len(story.visits)}; treatments: {len(story.treatments)}")
    say(f"treatments under way: {tell_treatments(story, zoned)}")
    say(f"consultations with a plan: {tell_plans(story, zoned)}")
    calls = Calls(story, zoned)
    calls.make()
    say(f"calls made: {len(calls.attempts)}")
    Cases(story, calls.unhappy, zoned).tell()
    say("complaints and weekly reports")
    Log(story, zoned).tell()
    say("day log, rounds and archive requests")
    tell_cards(story, zoned)
    say("cards, consents, and three cards that wait at the desk")
    say(f"papers: {tell_papers(story, zoned)}")
    say(f"appointments: {Expected(story, zoned).tell()}")
    say(f"visitors announced by agents: {tell_announced(story)}")
    look_at_notices(story, zoned)
    tell_hand_overs(story)
    say("a leaver's visitors handed over, and last month's priority list")
    tell_opinions(story, zoned)
    say("second opinions, a panel, a word about an owner")
    say(f"departments' desks: {tell_desks(story, zoned)} visitors")
    say(f"in-patients: {tell_stays(story, zoned)}; shifts: {tell_roster(story)}")
    # Last: nobody can write into a day any more once it is closed.
    close_days(story)
    say("the register's days, signed and closed")
    return story
