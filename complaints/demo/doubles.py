"""People who stand in the records twice, and families with one phone: what a desk supervisor finds to merge."""

from datetime import datetime

from complaints.demo.story import Story
from reception.services import note_all_duplicates

SAME_PERSON, SAME_FAMILY, SAME_BIRTHDAY = 4, 2, 2


def tell_doubles(story: Story) -> None:
    """Let some who have not come yet be people on file already, written down again; before the story is written."""
    come = {visit.visitor_id for visit in story.visits}
    callers = iter([one for one in story.visitors if one.pk not in come and one.registered_by_id][::-1])
    known = iter([one for one in story.visitors if one.pk in come and one.phone and one.birth_on])
    for _ in range(SAME_PERSON):
        again, first = next(callers), next(known)
        again.name, again.phone, again.gender, again.birth_on = first.name, first.phone, first.gender, None
    for _ in range(SAME_FAMILY):
        daughter, mother = next(callers), next(known)
        daughter.name, daughter.phone = mother.name[0] + daughter.name[1:], mother.phone
    for _ in range(SAME_BIRTHDAY):
        again, first = next(callers), next(known)
        again.name, again.birth_on, again.gender = first.name, first.birth_on, first.gender


def notice_doubles(now: datetime) -> None:
    """Put the pairs down, as the task of the night does; after the story is written."""
    note_all_duplicates(now=now)
