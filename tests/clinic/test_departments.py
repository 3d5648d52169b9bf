"""Who heads a department: named by the branch's manager, not written over, not from another house."""

from datetime import datetime

import pytest
from django.urls import reverse

from clinic.models import AuditEntry, Branch, Department, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.services.places import change_department
from tests.conftest import MakeClient, MakeStaff

pytestmark = pytest.mark.usefixtures("now")


def test_a_manager_names_the_head_of_a_department(
    branch: Branch, client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch
) -> None:
    manager, doctor = client_as(Role.MANAGER), staff_with(Role.DOCTOR, display_name="O'Brien <b>")
    department = Department.objects.get(branch=branch, kind=Department.Kind.SURGERY)
    address = reverse("clinic:department", args=[department.pk])
    seen = manager.get(address).context["form"]["seen"].value()
    assert manager.post(address, {"head": doctor.pk, "seen": seen}).status_code == 302
    department.refresh_from_db()
    assert department.head == doctor
    assert AuditEntry.objects.filter(action="clinic.change_department").count() == 1
    assert "O&#x27;Brien &lt;b&gt;" in manager.get(reverse("clinic:branch")).content.decode()
    stale = manager.post(address, {"head": "", "seen": seen})
    assert stale.status_code == 409, "somebody else named one meanwhile"
    stranger = staff_with(Role.DOCTOR, branch=other_branch)
    assert manager.post(address, {"head": stranger.pk}).status_code == 422
    theirs = Department.objects.filter(branch=other_branch).first()
    assert theirs is not None
    assert manager.get(reverse("clinic:department", args=[theirs.pk])).status_code == 404


def test_the_service_refuses_a_head_of_another_house(
    branch: Branch, staff_with: MakeStaff, other_branch: Branch, now: datetime
) -> None:
    stranger: Staff = staff_with(Role.DOCTOR, branch=other_branch)
    department = Department.objects.filter(branch=branch).first()
    assert department is not None
    with pytest.raises(Refused) as refused:
        change_department(
            department=department,
            changes={"head": stranger},
            staff=staff_with(Role.MANAGER),
            now=now,
        )
    assert refused.value.code == "not_here"
