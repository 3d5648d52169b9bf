"""Sign-in by login name and password, for people who work here today."""

from django.contrib.auth.backends import ModelBackend
from django.utils import timezone

from clinic.models import Branch, Staff
from clinic.roles import ROLE_NAMES, Role
from clinic.statements import Statement, columns, rows_of, run

# Run for every request of everybody.
_PERSON = f"""
select {columns(Staff, "staff")}, {columns(Branch, "branch")},
       array(select role.name from clinic_staff_groups as held join auth_group as role on role.id = held.group_id
             where held.staff_id = staff.id)
from clinic_staff as staff join clinic_branch as branch on branch.id = staff.branch_id
where staff.id = %(staff)s
"""  # noqa: S608 - the columns are those of the models


class StaffBackend(ModelBackend):
    """Django's own backend, but nobody who has not begun or has left can sign in or stay signed in."""

    def user_can_authenticate(self, user: object) -> bool:
        """Say whether the person works here today, by the clock of her branch."""
        return isinstance(user, Staff) and user.works_on(user.branch.today(timezone.now()))

    def get_user(self, user_id: int) -> Staff | None:
        """Return the person of a session with branch and roles, in one query; None when she may not be here."""
        (found,) = run(Statement(_PERSON, {"staff": user_id}))
        row = found.fetchone()
        if row is None:
            return None
        staff: Staff
        staff, staff.branch, role_names = rows_of(row, Staff, Branch)
        if not self.user_can_authenticate(staff):
            return None
        staff.roles = frozenset(Role(name) for name in role_names if name in ROLE_NAMES)
        return staff
