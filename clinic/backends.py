"""Sign-in by login name and password, for people who work here today."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import timezone

from clinic.models import Staff
from clinic.roles import ROLE_NAMES, Role


class StaffBackend(ModelBackend):
    """Django's own backend, but nobody who has not begun or has left can sign in or stay signed in."""

    def user_can_authenticate(self, user: object) -> bool:
        """Say whether the person works here today, by the clock of her branch."""
        return isinstance(user, Staff) and user.works_on(user.branch.today(timezone.now()))

    def get_user(self, user_id: int) -> Staff | None:
        """Return the person of a session with branch and roles, in one query; None when she may not be here."""
        names = Group.objects.filter(user=OuterRef("pk")).values("name")
        staff = (
            Staff.objects.select_related("branch").annotate(role_names=ArraySubquery(names)).filter(pk=user_id).first()
        )
        if staff is None or not self.user_can_authenticate(staff):
            return None
        staff.roles = frozenset(Role(name) for name in staff.role_names if name in ROLE_NAMES)
        return staff
