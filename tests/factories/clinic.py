"""Records of the hospital itself."""

from datetime import date

from factory.declarations import Sequence, SubFactory
from factory.django import DjangoModelFactory

from clinic.models import AuditEntry, Branch, Department, Job, Project, Staff


class BranchFactory(DjangoModelFactory[Branch]):
    class Meta:
        model = Branch

    code = Sequence(lambda number: f"branch-{number}")
    name = Sequence(lambda number: f"第{number}院区")
    name_en = Sequence(lambda number: f"House {number}")


class DepartmentFactory(DjangoModelFactory[Department]):
    class Meta:
        model = Department

    branch = SubFactory(BranchFactory)
    code = Sequence(lambda number: f"department-{number}")
    kind = Department.Kind.SURGERY
    name = "外科"
    name_en = "Surgery"


class ProjectFactory(DjangoModelFactory[Project]):
    class Meta:
        model = Project

    code = Sequence(lambda number: f"project-{number}")
    name = Sequence(lambda number: f"项目{number}")
    name_en = Sequence(lambda number: f"Project {number}")
    department = SubFactory(DepartmentFactory)
    rank = 10


class StaffFactory(DjangoModelFactory[Staff]):
    class Meta:
        model = Staff

    login_name = Sequence(lambda number: f"person-{number}")
    display_name = Sequence(lambda number: f"员工{number}")
    name_key = Sequence(lambda number: f"yuan gong {number:05d}")
    branch = SubFactory(BranchFactory)
    active_from = date(2020, 1, 1)


class AuditEntryFactory(DjangoModelFactory[AuditEntry]):
    class Meta:
        model = AuditEntry

    action = "clinic.sign_in"


class JobFactory(DjangoModelFactory[Job]):
    class Meta:
        model = Job

    kind = "clinic.count_sheep"
