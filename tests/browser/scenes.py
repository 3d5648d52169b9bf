"""Scenes for the browser tests, made by the services inside the running system: `Stack.make` calls them there.

A house is a branch of a test's own, so that nothing depends on what other tests or the demo's dice left on a board.
"""

import json
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from django.utils import timezone

from clinic.models import Branch, Staff
from clinic.roles import Role
from clinic.services.places import open_branch
from clinic.services.staff import create_staff
from consultations import services as consultations
from reception import services as reception
from reception.models import Standing, Visit
from triage import services as triage
from triage.models import Board, Policy

CONSULTANTS = ("乔安", "柯岚", "聂真", "柳青")
HELPERS = {
    "reception": ("前台小艾", Role.RECEPTION),
    "desk_supervisor": ("前厅主管", Role.DESK_SUPERVISOR),
    "consulting_supervisor": ("咨询主管", Role.CONSULTING_SUPERVISOR),
    "manager": ("院长", Role.MANAGER),
}
LONG_AGO = date(2020, 1, 1)


def play() -> None:
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
    opened: bool = True,
) -> dict[str, Any]:
    """Open a branch with four consultants, all here and free on today's board, in this order.

    `rules`: knobs over the standard ones. `known`: visitors on file whom the first consultant received before.
    `arrived`: new visitors who came and were given out in turn. `opened` False: the day is still to be opened at the
    desk. It is about noon there: no test crosses midnight.
    """
    now = timezone.now()
    code = f"house{Branch.objects.count()}"
    branch = open_branch(code=code, name="望江院区", name_en="Riverview", time_zone=_where_it_is_noon(now), now=now)
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
    for name in known:
        visitor = reception.register_visitor(name=name, branch=branch, staff=staff["reception"], now=now)
        reception.record_standing(
            visitor=visitor, standing=Standing.NO_DEAL, owner=seated[0], consulted_by=seated[0], now=now
        )
    for name in arrived:
        _arrive(name, branch, staff["reception"], now)
    return {
        "code": code,
        "branch": branch.pk,
        "board": board.pk if board else 0,
        "consultants": [{"pk": one.pk, "name": one.display_name, "login_name": one.login_name} for one in seated],
        "sessions": {one.login_name: _signed_in(one) for one in (*staff.values(), *seated)},
    }


def _where_it_is_noon(now: datetime) -> str:
    """Return a time zone in which it is between twelve and one; its name has the sign the other way round."""
    hours = 12 - now.astimezone(UTC).hour
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


SCENES: dict[str, Callable[..., dict[str, Any]]] = {scene.__name__: scene for scene in (open_house,)}
