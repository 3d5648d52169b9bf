"""P4: the calls of a million operations, built for the first time and once more, beside one bare statement."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from clinic.launch.ports import any_free
from tests.benchmarks.bench_requests import shell
from tests.benchmarks.calls import TREATMENTS, add_treatments, empty_calls, know_calls
from tests.benchmarks.report import figure
from tests.launch.desk import Desk

BEGIN = """
import json
from clinic.models import Department, Project
from clinic.roles import Role
from tests.conftest import make_branch
from tests.factories.triage import make_consultant
branch = make_branch("calls")
doctor = make_consultant(branch, "doctor", Role.DOCTOR)
surgery = Department.objects.get(branch=branch, kind="surgery")
projects = [
    Project.objects.create(code=f"calls-{n}", name=f"项目{n}", name_en=f"Project {n}", department=surgery, rank=n)
    for n in range(1, 5)
]
print(json.dumps({"branch": branch.pk, "doctor": doctor.pk, "projects": [one.pk for one in projects]}))
"""
BUILT = "from tests.benchmarks import calls; print(calls.built())"
BARE = "from tests.benchmarks import calls; print(calls.bare())"


# A million treatments on a slow machine.
PATIENCE = 900.0


def told(desk: Desk, code: str) -> dict[str, Any]:
    """Run code inside the system that takes its time; return what its last line prints, read as JSON."""
    done = desk.run("manage", "shell", "-v", "0", "-c", code, patience=PATIENCE)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """The whole system as `make up` runs it, with a million operations and no calls; and the owner's address."""
    folder = tmp_path_factory.mktemp("bench-calls")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o755)
    desk = Desk(folder / "state", any_free())
    desk.up()
    try:
        made: dict[str, Any] = shell(desk, BEGIN)
        owner = desk.settings["MIGRATION_DATABASE_URL"]
        add_treatments(owner, doctor=made["doctor"], branch=made["branch"], projects=made["projects"])
        yield desk, owner
    finally:
        desk.stop()


def test_p4_first_and_again_beside_the_bare_statement(operated: tuple[Desk, str]) -> None:
    desk, owner = operated
    empty_calls(owner)
    bare = told(desk, BARE)
    empty_calls(owner)
    first = told(desk, BUILT)
    know_calls(owner)
    again = told(desk, BUILT)
    assert bare["changed"] == first["changed"] == first["rows"] == 4 * TREATMENTS
    assert (first["rows"], first["sum"]) == (bare["rows"], bare["sum"])
    assert again["changed"] == 0 and (again["rows"], again["sum"]) == (first["rows"], first["sum"])
    said = f"calls of {TREATMENTS:,} operations, {first['rows']:,} rows"
    figure(quality="P4", what=f"{said}: first", ours=first["seconds"], limit=bare["seconds"], unit="s", aim="<= 1.5 x")
    figure(quality="P4", what=f"{said}: again", ours=again["seconds"], limit=bare["seconds"], unit="s", aim="<= 0.4 x")
    for what, one in (("bare", bare), ("first", first), ("again", again)):
        figure(
            quality="P4", what=f"{what}: the builder grew by", ours=one["process_mb"], limit=None, unit="MB", aim="flat"
        )
        figure(
            quality="P4",
            what=f"{what}: its server process by",
            ours=one["server_mb"],
            limit=None,
            unit="MB",
            aim="flat",
        )
