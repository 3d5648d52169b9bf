"""The house itself: branch, departments, projects and people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from clinic.catalogue import install_catalogue
from clinic.models import Branch, BranchHours, Department, Project, Staff
from clinic.names import sort_key
from clinic.roles import Role
from complaints.demo.people import PASSWORD, PEOPLE
from complaints.demo.prices import tell_prices

YEARS_OPEN = 6


@dataclass(frozen=True, slots=True)
class Hospital:
    """What stands before the first visitor comes in. `staff` is by login name, `projects` offered ones by rank."""

    branch: Branch
    projects: Sequence[Project]
    staff: dict[str, Staff]
    by_role: dict[Role, list[Staff]] = field(default_factory=dict)

    def one(self, role: Role) -> Staff:
        """Return the first person of a role who still works here."""
        return self.by_role[role][0]

    def doctors(self, kind: str) -> list[Staff]:
        """Return the doctors of a kind of department."""
        return [one for one in self.by_role[Role.DOCTOR] if one.department and one.department.kind == kind]

    def projects_of(self, kind: str) -> list[Project]:
        """Return the projects offered by a kind of department, the most major first."""
        return [project for project in self.projects if project.department.kind == kind]


def build_hospital(today: date) -> Hospital:
    """Create everything that stands still, as it has stood for some years."""
    branch = Branch.objects.create(
        code="riverside", name="滨江院区", name_en="Riverside", time_zone="Asia/Shanghai", phone="021-5550-0100"
    )
    BranchHours.objects.bulk_create(
        BranchHours(branch=branch, weekday=day, opens_at=time(9), closes_at=time(18)) for day in range(7)
    )
    projects = install_catalogue(branch)
    tell_prices(projects)
    departments = {Department.Kind(each.kind): each for each in Department.objects.filter(branch=branch)}
    staff = _hire(branch, departments, projects, today)
    hospital = Hospital(branch=branch, projects=projects, staff=staff)
    for person in PEOPLE:
        if not person.left:
            hospital.by_role.setdefault(person.role, []).append(staff[person.login_name])
    return hospital


def _hire(
    branch: Branch, departments: dict[Department.Kind, Department], projects: list[Project], today: date
) -> dict[str, Staff]:
    """Create the people with their roles; one hash serves them all, since they share the demo's password."""
    password = make_password(PASSWORD)
    groups = {group.name: group for group in Group.objects.all()}
    staff: dict[str, Staff] = {}
    for number, person in enumerate(PEOPLE):
        staff[person.login_name] = Staff.objects.create(
            login_name=person.login_name,
            display_name=person.name,
            name_key=sort_key(person.name),
            phone_extension=str(8000 + number),
            branch=branch,
            department=departments[person.department],
            active_from=today - timedelta(days=365 * YEARS_OPEN - 11 * number),
            active_until=today - timedelta(days=60) if person.left else None,
            password=password,
        )
        staff[person.login_name].groups.add(groups[person.role.value])
        if person.scope:
            staff[person.login_name].scope.set(
                project for project in projects if project.department.kind in person.scope
            )
    for person in PEOPLE:
        if person.successor:
            Staff.objects.filter(login_name=person.login_name).update(successor=staff[person.successor])
            staff[person.login_name].successor = staff[person.successor]
    return staff
