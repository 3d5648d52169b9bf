"""Scenes for the browser tests, made by the services inside the running system: `Stack.make` calls them there.

A house is a branch of a test's own, so that nothing depends on what other tests or the demo's dice left on a board.
"""

import json
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.test import RequestFactory
from django.utils import timezone

from clinic.live import topics
from clinic.models import Branch, Department, Project, Staff
from clinic.roles import Role
from clinic.services.outbox import announce
from clinic.services.places import open_branch
from clinic.services.staff import create_staff
from consultations import services as consultations
from consultations.models import Consultation
from reception import services as reception
from reception.models import Standing, Visit, Visitor
from tests.browser.desk_scenes import nearly_numb, open_department, open_injections
from triage import services as triage
from triage.engine.policy import policy_from_json
from triage.engine.rehearsal.compare import play, possible
from triage.engine.rehearsal.writer import write_day
from triage.models import Board, Policy
from triage.selectors.boards import FRONT
from triage.selectors.rehearsal import boards_of_desk, past_day

CONSULTANTS = ("乔安", "柯岚", "聂真", "柳青")
HELPERS = {
    "reception": ("前台小艾", Role.RECEPTION),
    "desk_supervisor": ("前厅主管", Role.DESK_SUPERVISOR),
    "consulting_supervisor": ("咨询主管", Role.CONSULTING_SUPERVISOR),
    "manager": ("院长", Role.MANAGER),
    "file_room": ("档案室小文", Role.FILE_ROOM),
    "agent": ("网电小谢", Role.PHONE_AGENT),
    "doctor": ("章医生", Role.DOCTOR),
}
LONG_AGO = date(2020, 1, 1)


def perform() -> None:
    """Carry out the scenes asked for on standard input, a line each, and answer each with a line."""
    for line in sys.stdin:
        scene, wishes = json.loads(line)
        try:
            answer = SCENES[scene](**wishes)
        except Exception:
            answer = {"wrong": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


def open_house(
    *,
    rules: dict[str, Any] | None = None,
    known: Sequence[str] = (),
    arrived: Sequence[str] = (),
    waiting: str = "",
    opened: bool = True,
) -> dict[str, Any]:
    """Open a branch with four consultants, all here and free on today's board, in this order.

    `rules`: knobs over the standard ones. `known`: visitors on file whom the first consultant received before. Houses
    of one stack share their visitors as branches do, so no two tests may know one name: a list would offer both.
    `arrived`: new visitors who came and were given out in turn. `waiting`: a new visitor who waits for the first
    consultant, who said a quarter of an hour ago that she would be free in five minutes. `opened` False: the day is
    still to be opened at the desk. It is about nine there: no test crosses midnight.
    """
    now = timezone.now()
    code = f"house{Branch.objects.count()}"
    branch = open_branch(code=code, name="望江院区", name_en="Riverview", time_zone=_where_it_is_nine(now), now=now)
    staff = {key: _employ(f"{code}-{key}", name, role, branch, now) for key, (name, role) in HELPERS.items()}
    seated = [
        _employ(f"{code}-{place}", name, Role.CONSULTANT, branch, now)
        for place, name in enumerate(CONSULTANTS, start=1)
    ]
    day = branch.today(now)
    Policy.objects.create(branch=branch, version=1, starts_on=LONG_AGO, preset="standard", settings=rules or {})
    board = None
    if opened:
        board = triage.open_board(
            branch=branch,
            day=day,
            consultants=seated,
            present=seated,
            staff=staff["reception"],
            now=now - timedelta(hours=3),
        )
    if taken := set(known) & set(Visitor.objects.values_list("name", flat=True)):
        raise ValueError(f"another test has put {', '.join(sorted(taken))} on file: give this one a name of its own")
    for name in known:
        visitor = reception.register_visitor(name=name, branch=branch, staff=staff["reception"], now=now)
        reception.record_standing(visitor=visitor, standing=Standing.NO_DEAL, owner=seated[0], consulted_by=seated[0])
    for name in arrived:
        _arrive(name, branch, staff["reception"], now)
    if waiting and board is not None:
        then = now - timedelta(minutes=15)
        triage.set_seat_state(
            board=board, consultant=seated[0], state="busy", free_in=5, staff=staff["reception"], now=then
        )
        _arrive(waiting, branch, staff["reception"], then)
    return {
        "code": code,
        "branch": branch.pk,
        "board": board.pk if board else 0,
        "consultants": [{"pk": one.pk, "name": one.display_name, "login_name": one.login_name} for one in seated],
        "sessions": {one.login_name: _signed_in(one) for one in (*staff.values(), *seated)},
    }


def _where_it_is_nine(now: datetime) -> str:
    """Return a time zone in which it is between nine and ten; its name has the sign the other way round."""
    hours = (9 - now.astimezone(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


def _arrive(name: str, branch: Branch, clerk: Staff, at: datetime) -> Visit:
    """Take a new visitor in and carry out what the rules say."""
    visitor = reception.register_visitor(name=name, branch=branch, staff=clerk, now=at)
    visit = reception.register_arrival(visitor=visitor, branch=branch, projects=[], staff=clerk, now=at)
    triage.allocate_visit(visit=visit, expected_sequence=None, staff=clerk, now=at)
    visit.refresh_from_db()
    return visit


def _signed_in(staff: Staff) -> str:
    """Begin a session of hers and return its key: typing a password once for each would take most of the time."""
    request = RequestFactory().get("/")
    request.session = SessionStore()
    login(request, staff, backend="clinic.backends.StaffBackend")
    request.session.save()
    return str(request.session.session_key)


def _employ(login_name: str, name: str, role: Role, branch: Branch, now: datetime) -> Staff:
    return create_staff(
        login_name=login_name,
        display_name=name,
        branch=branch,
        roles=[role],
        password=None,
        active_from=LONG_AGO,
        now=now,
    )


def arrive(*, code: str, name: str) -> dict[str, Any]:
    """Let a new visitor come now, and be given out in turn."""
    clerk = Staff.objects.select_related("branch").get(login_name=f"{code}-reception")
    return {"visit": _arrive(name, clerk.branch, clerk, timezone.now()).pk}


def say(*, code: str, places: Sequence[int], state: str) -> dict[str, Any]:
    """Note at another desk that the consultants of these places are busy, free …, without saying for how long."""
    board = Board.objects.get(branch__code=code)
    for place in places:
        consultant, clerk = (Staff.objects.get(login_name=f"{code}-{who}") for who in (place, "reception"))
        triage.set_seat_state(board=board, consultant=consultant, state=state, staff=clerk, now=timezone.now())
    return {}


def await_somebody(*, code: str, name: str, phone: str, at: str, days: int = 0) -> dict[str, Any]:
    """Let the agent of a house book somebody who is not on file, so many days ahead; she did so yesterday."""
    agent = Staff.objects.select_related("branch").get(login_name=f"{code}-agent")
    now = timezone.now()
    wish = reception.Wish(day=agent.branch.today(now) + timedelta(days=days), starts=time.fromisoformat(at))
    made = reception.book_appointment(
        branch=agent.branch,
        wish=wish,
        name=name,
        phone=phone,
        agent=agent,
        staff=agent,
        now=now - timedelta(days=1),
    )
    return {"appointment": made.pk}


def receive(*, code: str, visit: int) -> dict[str, Any]:
    """Let the consultant who has a visit receive it and part without a deal."""
    found = Visit.objects.get(pk=visit, branch__code=code)
    consultant, now = found.consultant, timezone.now()
    assert consultant is not None
    taken = consultations.accept_visit(visit=found, staff=consultant, now=now)
    consultations.enter_room(consultation=taken, staff=consultant, now=now)
    consultations.record_no_deal(consultation=taken, reason="再考虑", call_again_on=None, staff=consultant, now=now)
    consultations.finish_consultation(consultation=taken, staff=consultant, now=now)
    return {}


def yesterday(*, code: str, names: Sequence[str]) -> dict[str, Any]:
    """Let visitors have come and left yesterday, and the consulting supervisor head the consulting department."""
    branch, now = Branch.objects.get(code=code), timezone.now() - timedelta(days=1)
    clerk = Staff.objects.get(login_name=f"{code}-reception")
    for name in names:
        visitor = reception.register_visitor(name=name, branch=branch, staff=clerk, now=now)
        visit = reception.register_arrival(visitor=visitor, branch=branch, projects=[], staff=clerk, now=now)
        reception.record_progress(visit=visit, state=Visit.State.LEFT, now=now)
    head = Staff.objects.get(login_name=f"{code}-consulting_supervisor")
    branch.departments.filter(kind="consulting").update(head=head)
    return {"day": branch.today(now).isoformat()}


def note(*, code: str, name: str, text: str) -> dict[str, Any]:
    """Write down another circumstance of a visit: the register says something else than before."""
    visit = Visit.objects.get(branch__code=code, visitor__name=name)
    reception.record_circumstances(visit=visit, other_reason=text)
    return {}


def let_in(*, code: str, visit: int) -> dict[str, Any]:
    """Let the consultant who has a visit take it and call it in; return the consultation."""
    found = Visit.objects.get(pk=visit, branch__code=code)
    consultant, now = found.consultant, timezone.now()
    assert consultant is not None
    taken = consultations.accept_visit(visit=found, staff=consultant, now=now)
    consultations.enter_room(consultation=taken, staff=consultant, now=now)
    return {"consultation": taken.pk}


def ask_discounts(*, code: str, names: Sequence[str]) -> dict[str, Any]:
    """Let the consultants who have these visitors plan something at 70 % of its price; return the requests by name."""
    now = timezone.now()
    branch = Branch.objects.get(code=code)
    project = Project.objects.create(
        code=f"{code}-discounted",
        name="隆鼻",
        name_en="Nose",
        department=branch.departments.get(kind=Department.Kind.SURGERY),
        rank=9,
        list_price=Decimal(12000),
    )
    asked = {}
    for name in names:
        visit = Visit.objects.get(branch=branch, visitor__name=name)
        held = Consultation.objects.get(pk=let_in(code=code, visit=visit.pk)["consultation"])
        what = consultations.Planned(project=project, quoted=Decimal(8400), why="老顾客")
        item = consultations.add_plan_item(consultation=held, what=what, staff=held.consultant, now=now)
        asked[name] = item.discount_requests.get().pk
    return asked


def leave(*, code: str, place: int, visitors: int) -> dict[str, Any]:
    """Let the consultant of a place have left yesterday, with so many visitors of every standing."""
    leaver = Staff.objects.select_related("branch").get(login_name=f"{code}-{place}")
    now, clerk = timezone.now(), Staff.objects.get(login_name=f"{code}-reception")
    kinds = Standing.values
    for number in range(visitors):
        visitor = reception.register_visitor(name=f"顾客{number:03d}", branch=leaver.branch, staff=clerk, now=now)
        reception.record_standing(visitor=visitor, standing=kinds[number % len(kinds)], owner=leaver)
    Staff.objects.filter(pk=leaver.pk).update(active_until=leaver.branch.today(now) - timedelta(days=1))
    return {"leaver": leaver.pk}


def call(*, code: str, visit: int, room: str = "") -> dict[str, Any]:
    """Let the consultant who has a visit call it in; `room` is where she sits."""
    found = Visit.objects.get(pk=visit, branch__code=code)
    consultant = found.consultant
    assert consultant is not None
    if room:
        Staff.objects.filter(pk=consultant.pk).update(room=room)
    consultations.accept_visit(visit=found, staff=consultant, now=timezone.now())
    return {}


def change_register() -> dict[str, Any]:
    """Tell the screens that the demo's register has changed."""
    with transaction.atomic():
        announce(topics=[topics.register(Branch.objects.get(code="riverside").pk)])
    return {}


def write_days(*, folder: str, preset: str, first_on: str, last_on: str) -> dict[str, Any]:
    """Write the demo's front-desk days as files to be rehearsed under a preset, and whose the ids in them are.

    What people did and could not have done under those rules is left out, as the rehearsal on the pages leaves it out.
    """
    branch, rules, before = Branch.objects.get(code="riverside"), policy_from_json(preset), None
    days: list[str] = []
    for board in boards_of_desk(branch, FRONT, date.fromisoformat(first_on), date.fromisoformat(last_on)):
        past = past_day(board, rules=rules, before=before)
        played = play(past.day)
        before = played.player.board
        path = Path(folder) / f"{board.day}.yaml"
        path.write_text(write_day(possible(past.day, played)), encoding="utf-8")
        days.append(str(path))
    names = Staff.objects.filter(branch=branch).values_list("pk", "display_name")
    return {"days": days, "names": {str(pk): name for pk, name in names}}


def sign_in_as(*, code: str, login_name: str) -> dict[str, Any]:
    """Begin a session of somebody of a house and return its key."""
    return {"session": _signed_in(Staff.objects.get(login_name=login_name, branch__code=code))}


SCENES: dict[str, Callable[..., dict[str, Any]]] = {
    scene.__name__: scene
    for scene in (
        open_house,
        arrive,
        say,
        await_somebody,
        receive,
        let_in,
        call,
        yesterday,
        note,
        leave,
        ask_discounts,
        change_register,
        write_days,
        sign_in_as,
        open_department,
        open_injections,
        nearly_numb,
    )
}
