"""Fixtures of every room: a branch, people with roles, their browsers, and an instant to stand at."""

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from django.test.utils import override_settings
from django.utils import translation

from clinic.models import Branch, BranchHours, Department, Staff
from clinic.roles import Role
from tests.triage.rehearsal.scenarios import table_of_rules

SCENARIOS = "tests/triage/rehearsal/test_scenarios.py"
STAFF_BACKEND = "clinic.backends.StaffBackend"
MakeStaff = Callable[..., Staff]
MakeClient = Callable[..., Client]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Fail at once when tests that share servers would not be kept together on one process.

    The collector of garbage leaves alone what is loaded by now: it stays to the end.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    if not session.config.getoption("loadgroup", False):
        return
    for item in session.items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid} is marked as one of a group, but would run anywhere")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show which scenario days exercise which rule of the rulebook, when they were played."""
    played = [report for report in terminalreporter.getreports("passed") if SCENARIOS in report.nodeid]
    if played:
        terminalreporter.section("rules, and the days that exercise them")
        terminalreporter.write_line(table_of_rules())


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hash passwords cheaply: the tests make hundreds of people."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _words_of_the_source() -> Iterator[None]:
    """Begin each test in English: a request leaves its reader's language behind, in whatever thread it ran."""
    translation.deactivate()
    yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_by_their_own_names() -> Iterator[None]:
    """Draw pages without the manifest that `collectstatic` writes; the browser tests use the real one."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": backend}}):
        yield


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_can_be_emptied() -> Iterator[None]:
    """Let the flush after a transactional test empty append-only tables; their triggers hold everywhere else."""
    with pytest.MonkeyPatch.context() as patch:
        flush = DatabaseOperations.sql_flush
        patch.setattr(
            DatabaseOperations,
            "sql_flush",
            lambda *args, **options: ["SET LOCAL session_replication_role = replica", *flush(*args, **options)],
        )
        yield


@pytest.fixture
def now() -> Iterator[datetime]:
    """A Wednesday, half past ten in the morning in Shanghai. The clock of the test runs from there."""
    instant = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
    with time_machine.travel(instant, tick=True):
        yield instant


def make_branch(code: str = "main", name: str = "滨江院区", name_en: str = "Riverside") -> Branch:
    """Create a branch in Shanghai, open every day from nine to six, with one department of each kind."""
    branch = Branch.objects.create(code=code, name=name, name_en=name_en)
    BranchHours.objects.bulk_create(
        BranchHours(branch=branch, weekday=day, opens_at=time(9), closes_at=time(18)) for day in range(7)
    )
    Department.objects.bulk_create(
        Department(
            branch=branch, code=kind.value.replace("_", "-"), kind=kind, name=kind.value, name_en=str(kind.label)
        )
        for kind in Department.Kind
    )
    return branch


@pytest.fixture
def branch(db: None) -> Branch:
    """A branch with opening hours and departments."""
    return make_branch()


@pytest.fixture
def other_branch(db: None) -> Branch:
    """Another house of the same hospital."""
    return make_branch("west", "西城院区", "West Gate")


@pytest.fixture
def staff_with(branch: Branch) -> MakeStaff:
    """Make a person: `staff_with(Role.DOCTOR, …, display_name=…, branch=…)`; any field of Staff may be given."""
    numbers = count(1)

    def make(*roles: Role, **fields: Any) -> Staff:
        number = next(numbers)
        label = roles[0].value if roles else "staff"
        login_name = fields.pop("login_name", f"{label}-{number}")
        fields.setdefault("display_name", f"{label} {number}")
        fields.setdefault("branch", branch)
        fields.setdefault("active_from", date(2020, 1, 1))
        staff = Staff.objects.create_user(login_name, **fields)
        staff.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in roles])
        return staff

    return make


@pytest.fixture
def client_as(staff_with: MakeStaff) -> MakeClient:
    """Sign somebody in: `client_as(person)` or `client_as(Role.RECEPTION)`; the client's `staff` is the person."""

    def sign_in(*who: Staff | Role, **extra: Any) -> Client:
        staff = who[0] if isinstance(who[0], Staff) else staff_with(*(role for role in who if isinstance(role, Role)))
        client = Client(**extra)
        client.force_login(staff, backend=STAFF_BACKEND)
        client.staff = staff  # type: ignore[attr-defined]
        return client

    return sign_in
