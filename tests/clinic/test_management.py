"""Managers' pages: staff, projects, the branch."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from clinic.catalogue import DEPARTMENTS, PROJECTS, install_catalogue
from clinic.models import AuditEntry, Branch, Department, OutboxEvent, Project, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.services import staff as services
from tests.factories.clinic import ProjectFactory, StaffFactory

NEW = {
    "display_name": "曾志强",
    "login_name": "zeng.zq",
    "password": "a-long-enough-one",
    "active_from": "2026-03-01",
    "roles": ["consultant", "desk_supervisor"],
}


@pytest.fixture
def manager(client_as: Any) -> Any:
    return client_as(Role.MANAGER)


def test_a_new_person_signs_in_and_works(manager: Any) -> None:
    assert manager.post("/staff/new/", NEW).status_code == 302
    person = Staff.objects.get(login_name="zeng.zq")
    assert (person.name_key, set(person.roles)) == ("zeng zhi qiang", {Role.CONSULTANT, Role.DESK_SUPERVISOR})
    assert person.branch == manager.staff.branch
    entry = AuditEntry.objects.get(action="clinic.create_staff")
    assert (entry.staff, entry.object_id) == (manager.staff, str(person.pk))
    assert str(NEW["password"]) not in str(entry.detail)
    stranger = Client()
    answer = stranger.post("/sign-in/", {"username": "zeng.zq", "password": NEW["password"]})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login_name", "with space"),
        ("login_name", "MANAGER-1"),
        ("login_name", ""),
        ("password", "short"),
        ("display_name", ""),
        ("display_name", "王" * 51),
        ("display_name", "a\x00b"),
        ("active_from", "soon"),
        ("roles", ["emperor"]),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_is_kept(manager: Any, field: str, value: Any) -> None:
    answer = manager.post("/staff/new/", NEW | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    page = answer.content.decode()
    assert 'class="error-summary" role="alert"' in page
    assert "<title>Error:" in page
    assert field == "display_name" or "曾志强" in page
    assert not Staff.objects.filter(login_name="zeng.zq").exists()


@pytest.mark.parametrize("name", ["曾", "王" * 50, "O'Brien <b>", "Ngô Thị", "😀", "\u202eabc"])
def test_names_are_data(manager: Any, name: str) -> None:
    assert manager.post("/staff/new/", NEW | {"display_name": name}).status_code == 302
    page = manager.get("/staff/").content.decode()
    assert "O'Brien <b>" not in page
    assert Staff.objects.get(login_name="zeng.zq").display_name == name


def test_changing_roles_takes_effect_on_the_next_page(manager: Any, client_as: Any) -> None:
    clerk = client_as(Role.RECEPTION)
    assert clerk.get("/audit/").status_code == 403
    fields = {"display_name": "新名", "active_from": "2020-01-01", "roles": ["auditor"]}
    assert manager.post(f"/staff/{clerk.staff.pk}/", fields).status_code == 302
    assert clerk.get("/audit/").status_code == 200
    assert Staff.objects.get(pk=clerk.staff.pk).display_name == "新名"
    assert OutboxEvent.objects.filter(topics=[f"sign-out-{clerk.staff.pk}"]).exists()
    recorded = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"clinic.set_roles", "clinic.change_staff"} <= recorded


def test_a_consultant_has_dedicated_projects_and_a_stand_in(
    manager: Any, staff_with: Any, branch: Branch, other_branch: Branch
) -> None:
    person, stand_in = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT)
    clerk, elsewhere = staff_with(Role.RECEPTION), staff_with(Role.CONSULTANT, branch=other_branch)
    eyes, nose = ProjectFactory.create_batch(2, department__branch=branch)
    fields = {"display_name": person.display_name, "active_from": "2020-01-01", "roles": ["consultant"]}
    address = f"/staff/{person.pk}/"
    hers = fields | {"dedicated": [eyes.pk], "excluded": [nose.pk], "stand_in": stand_in.pk}
    assert manager.post(address, hers).status_code == 302
    person.refresh_from_db()
    assert (person.stand_in, list(person.dedicated.all()), list(person.excluded.all())) == (stand_in, [eyes], [nose])
    detail = AuditEntry.objects.get(action="clinic.set_scope").detail
    assert detail == {
        "scope": [],
        "excluded": [nose.pk],
        "dedicated": [eyes.pk],
        "changed": ["excluded", "dedicated"],
    }

    for nobody in (person, clerk, elsewhere):
        answer = manager.post(address, hers | {"stand_in": nobody.pk})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["stand_in"])
    with pytest.raises(Refused):
        services.change_staff(staff=person, changes={"stand_in": person}, by=manager.staff, now=timezone.now())

    Staff.objects.filter(pk=stand_in.pk).update(active_until=date(2021, 1, 1))
    assert manager.post(address, hers).status_code == 302
    assert manager.post(address, fields).status_code == 302
    person.refresh_from_db()
    assert (person.stand_in, person.dedicated.count()) == (None, 0)


@pytest.mark.parametrize(
    ("ticked", "where", "sentence"),
    [
        ({"scope": "eyes nose", "excluded": "eyes"}, "excluded", "Eyes: received and never received at once."),
        ({"excluded": "eyes nose", "dedicated": "nose"}, "dedicated", "Nose: dedicated and never received at once."),
        ({"scope": "eyes", "dedicated": "nose"}, "dedicated", "Nose: dedicated, but not among the only projects"),
    ],
)
def test_ticks_that_contradict_each_other_are_refused(
    manager: Any, staff_with: Any, branch: Branch, ticked: dict[str, str], where: str, sentence: str
) -> None:
    person = staff_with(Role.CONSULTANT)
    eyes, nose = (ProjectFactory(department__branch=branch, name_en=name) for name in ("Eyes", "Nose"))
    projects = {"eyes": eyes, "nose": nose}
    lists = {name: [projects[one] for one in words.split()] for name, words in ticked.items()}
    fields = {"display_name": person.display_name, "active_from": "2020-01-01", "roles": ["consultant"]}
    sent = fields | {name: [one.pk for one in given] for name, given in lists.items()}
    for address in (f"/staff/{person.pk}/", "/staff/new/"):
        answer = manager.post(address, NEW | sent)
        page = answer.content.decode()
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [where])
        assert page.count(sentence) == 2 and f'href="#id_{where}"' in page and f'id="id_{where}"' in page
        assert page.count('aria-invalid="true"') == 1 and page.count(" checked") == sum(map(len, lists.values())) + 1
    with pytest.raises(Refused, match="projects_contradict"):
        services.set_scope(
            staff=person,
            **{"scope": [], "excluded": [], "dedicated": [], **lists},
            by=manager.staff,
            now=timezone.now(),
        )
    assert not AuditEntry.objects.filter(action="clinic.set_scope").exists()


def test_the_projects_of_a_consultant_are_one_table_by_department_and_rank(
    manager: Any, staff_with: Any, branch: Branch
) -> None:
    laser, surgery = (Department.objects.get(branch=branch, kind=kind) for kind in ("laser", "surgery"))
    peel = ProjectFactory(department=laser, rank=30, name_en="Peel", offered=False)
    eyes = ProjectFactory(department=surgery, rank=10, name_en="Eyes")
    breast = ProjectFactory(department=surgery, rank=1, name_en="Breast")
    person = staff_with(Role.CONSULTANT)
    person.scope.add(eyes)
    page = manager.get(f"/staff/{person.pk}/").content.decode()
    table = page.split("data-grid")[1].split("</table>")[0]
    rows = ["Surgery", "Breast", "Eyes", "Laser", "Peel", "Not offered"]
    places = [table.index(f">{row}") for row in rows]
    assert places == sorted(places)
    assert table.count('type="checkbox"') == 9 and table.count(" checked") == 1
    assert f'name="scope" value="{eyes.pk}" aria-labelledby="project-{eyes.pk} id_scope" checked' in table
    for project in (peel, breast):
        assert f'name="dedicated" value="{project.pk}"' in table
    assert "every project is received" in page
    person.scope.clear()
    Project.objects.all().delete()
    assert "Add the hospital's projects first" in manager.get(f"/staff/{person.pk}/").content.decode()


def test_the_staff_page_costs_the_same_however_many_projects_there_are(
    manager: Any, staff_with: Any, branch: Branch, django_assert_num_queries: Any
) -> None:
    person = staff_with(Role.CONSULTANT)
    for more in (1, 40):
        ProjectFactory.create_batch(more, department__branch=branch)
        manager.get(f"/staff/{person.pk}/")
        with django_assert_num_queries(13):
            manager.get(f"/staff/{person.pk}/")


def drawn(client: Any, address: str, form: str = "form") -> dict[str, Any]:
    """What a browser sends back of a form it was given, with nothing changed."""
    shown = client.get(address).context[form]
    sent = {field.name: field.value() for field in shown}
    return {name: value for name, value in sent.items() if value is not None and value is not False}


def test_who_saves_a_person_second_is_told_what_the_first_changed(
    manager: Any, client_as: Any, staff_with: Any, branch: Branch
) -> None:
    other, person = client_as(Role.MANAGER), staff_with(Role.CONSULTANT, phone_extension="11")
    nose = ProjectFactory(department__branch=branch)
    address = f"/staff/{person.pk}/"
    first, second = drawn(other, address), drawn(manager, address)
    changed = {"phone_extension": "22", "roles": ["assistant"], "excluded": [nose.pk]}
    assert other.post(address, first | changed).status_code == 302

    answer = manager.post(address, second | {"display_name": "新名"})
    page = answer.content.decode()
    assert answer.status_code == 409
    told = answer.context["form"].non_field_errors()[0]
    assert other.staff.display_name in told
    assert all(name in told for name in ("extension", "Roles", "excluded projects")) and "pinyin" not in told
    assert 'value="新名"' in page and 'value="11"' in page
    fresh = Staff.objects.get(pk=person.pk)
    assert (fresh.display_name, fresh.phone_extension, fresh.roles) == (
        person.display_name,
        "22",
        frozenset({Role.ASSISTANT}),
    )

    again = second | {"display_name": "新名", "seen": answer.context["form"]["seen"].value()}
    assert manager.post(address, again).status_code == 302
    fresh = Staff.objects.get(pk=person.pk)
    assert (fresh.display_name, fresh.phone_extension, fresh.roles) == ("新名", "11", frozenset({Role.CONSULTANT}))


def test_a_person_is_saved_altogether_or_not_at_all(manager: Any, staff_with: Any, branch: Branch) -> None:
    person = staff_with(Role.CONSULTANT)
    eyes = ProjectFactory(department__branch=branch)
    with pytest.raises(Refused, match="stand_in_is_self"):
        services.edit_staff(
            staff=person,
            changes={"stand_in": person},
            roles=[Role.ASSISTANT],
            projects={"scope": [eyes], "excluded": [], "dedicated": []},
            by=manager.staff,
            now=timezone.now(),
        )
    fresh = Staff.objects.get(pk=person.pk)
    assert (fresh.roles, fresh.scope.count()) == (frozenset({Role.CONSULTANT}), 0)


def test_what_is_no_change_of_the_form_does_not_make_it_stale(manager: Any, staff_with: Any) -> None:
    person = staff_with(Role.CONSULTANT)
    address = f"/staff/{person.pk}/"
    sent = drawn(manager, address)
    services.reset_password(staff=person, password="another-long-one", by=manager.staff, now=timezone.now())
    assert manager.post(address, sent | {"phone_extension": "7"}).status_code == 302


@pytest.mark.parametrize(
    ("address", "form", "theirs", "mine", "named"),
    [
        ("/projects/{project}/", "form", {"rank": 3}, {"name_en": "Eyelids"}, "rank"),
        ("/branch/", "form", {"phone": "021-1"}, {"name_en": "Harbour"}, "phone"),
        ("/branch/hours/", "hours_form", {"closes_0": "20:15"}, {"closes_1": "21:45"}, "Opening hours"),
    ],
)
def test_who_saves_a_place_second_is_told_what_the_first_changed(
    manager: Any,
    client_as: Any,
    branch: Branch,
    address: str,
    form: str,
    theirs: dict[str, Any],
    mine: dict[str, Any],
    named: str,
) -> None:
    project = ProjectFactory(department__branch=branch, name_en="Eyes", rank=9)
    address, other = address.format(project=project.pk), client_as(Role.MANAGER)
    page = address.removesuffix("hours/")
    first, second = drawn(other, page, form), drawn(manager, page, form)
    assert other.post(address, first | theirs).status_code == 302
    answer = manager.post(address, second | mine)
    told = answer.context[form].non_field_errors()[0]
    assert answer.status_code == 409
    assert named in told and other.staff.display_name in told
    (name, typed) = next(iter(mine.items()))
    assert str(answer.context[form][name].value()) == typed
    again = second | mine | {"seen": answer.context[form]["seen"].value()}
    assert manager.post(address, again).status_code == 302
    assert manager.post(address, again | {"seen": ""}).status_code == 302


def test_a_manager_cannot_take_her_own_role_or_end_her_own_employment(manager: Any) -> None:
    own = manager.staff
    fields = {"display_name": own.display_name, "active_from": "2020-01-01", "roles": ["reception"]}
    assert manager.post(f"/staff/{own.pk}/", fields).status_code == 422
    assert manager.post(f"/staff/{own.pk}/leave/", {"last_day": "2030-01-01"}).status_code == 422
    assert Staff.objects.get(pk=own.pk).roles == {Role.MANAGER}


def test_a_leaver_hands_over_and_cannot_come_back_by_a_new_password(
    manager: Any, staff_with: Any, branch: Branch
) -> None:
    leaver, heir = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT)
    yesterday = branch.today(timezone.now()) - timedelta(days=1)
    fields = {"last_day": yesterday.isoformat(), "successor": heir.pk}
    assert manager.post(f"/staff/{leaver.pk}/leave/", fields).status_code == 302
    leaver.refresh_from_db()
    assert (leaver.active_until, leaver.successor) == (yesterday, heir)
    answer = manager.post(f"/staff/{leaver.pk}/password/", {"password": "a-long-enough-one"})
    assert answer.status_code == 422
    with pytest.raises(Refused):
        services.end_employment(staff=leaver, last_day=date(2019, 1, 1), now=timezone.now(), by=None)


def test_people_of_another_branch_are_not_there(manager: Any, staff_with: Any, other_branch: Branch) -> None:
    theirs = staff_with(Role.CONSULTANT, branch=other_branch, display_name="别院")
    assert "别院" not in manager.get("/staff/", {"employed": "all"}).content.decode()
    for address in ("", "leave/", "password/"):
        send = manager.get if not address else manager.post
        assert send(f"/staff/{theirs.pk}/{address}").status_code == 404


def test_the_staff_list_filters(manager: Any, staff_with: Any, branch: Branch) -> None:
    today = branch.today(timezone.now())
    surgery = Department.objects.get(branch=branch, kind="surgery")
    staff_with(Role.CONSULTANT, login_name="wang", display_name="王小美", name_key="wang xiao mei", department=surgery)
    staff_with(Role.DOCTOR, login_name="gone", display_name="旧人", active_until=today - timedelta(days=1))

    def names(**query: str) -> set[str]:
        return {person.login_name for person in manager.get("/staff/", query).context["page"]}

    own = manager.staff.login_name
    assert names() == {own, "wang"}
    assert names(employed="left") == {"gone"}
    assert names(employed="all") == {own, "wang", "gone"}
    assert names(q="小美") == names(q="wang x") == names(role="consultant") == {"wang"}
    assert names(department=str(surgery.pk)) == {"wang"}
    assert names(q="%", role="emperor", department="9" * 18) == set()
    assert "Nobody fits" in manager.get("/staff/", {"q": "nobody"}).content.decode()


def test_the_staff_list_costs_the_same_at_one_and_at_fifty(
    manager: Any, branch: Branch, django_assert_num_queries: Any
) -> None:
    for more in (0, 60):
        StaffFactory.create_batch(more, branch=branch)
        manager.get("/staff/")
        with django_assert_num_queries(6):  # session, person, count, page, their groups, departments
            answer = manager.get("/staff/")
    assert len(answer.context["page"]) == 50
    assert "61 entries" in answer.content.decode()


def test_projects_are_added_changed_and_put_away(manager: Any, branch: Branch) -> None:
    surgery = Department.objects.get(branch=branch, kind="surgery")
    fields = {"code": "lips", "name": "丰唇", "name_en": "Lips", "department": surgery.pk, "rank": 9, "offered": "on"}
    assert manager.post("/projects/new/", fields).status_code == 302
    assert manager.post("/projects/new/", fields).status_code == 422
    project = Project.objects.get(code="lips")
    del fields["offered"]
    assert manager.post(f"/projects/{project.pk}/", fields | {"rank": 3}).status_code == 302
    project.refresh_from_db()
    assert (project.rank, project.offered) == (3, False)
    entry = AuditEntry.objects.get(action="clinic.change_project")
    assert entry.detail == {"changed": ["offered", "rank"]}
    assert [found.code for found in manager.get("/projects/", {"offered": "no", "q": "唇"}).context["page"]] == ["lips"]


def test_projects_of_another_branch_are_not_there(manager: Any, other_branch: Branch) -> None:
    theirs = install_catalogue(other_branch)[0]
    assert manager.get(f"/projects/{theirs.pk}/").status_code == 404
    assert manager.get("/projects/").context["page"].paginator.count == 0


def test_the_project_list_costs_the_same_at_one_and_at_thirty(
    manager: Any, branch: Branch, django_assert_num_queries: Any
) -> None:
    install_catalogue(branch)
    with django_assert_num_queries(5):  # session, person, departments, count, page
        manager.get("/projects/")


def test_hours_are_set_and_odd_ones_refused(manager: Any, branch: Branch) -> None:
    week = {f"opens_{day}": "09:00" for day in range(6)} | {f"closes_{day}": "18:30" for day in range(6)}
    assert manager.post("/branch/hours/", week).status_code == 302
    assert list(branch.hours.values_list("weekday", flat=True)) == [0, 1, 2, 3, 4, 5]
    for wrong in ({"closes_2": ""}, {"opens_2": "19:00"}, {"opens_2": "25:00"}):
        answer = manager.post("/branch/hours/", week | wrong)
        assert answer.status_code == 422
        assert "error-summary" in answer.content.decode()
    assert branch.hours.count() == 6


def test_the_branch_is_changed_and_keeps_a_real_time_zone(manager: Any, branch: Branch) -> None:
    fields = {"name": "新名", "name_en": "New", "phone": "021-1", "time_zone": "Asia/Urumqi"}
    assert manager.post("/branch/", fields).status_code == 302
    assert manager.post("/branch/", fields | {"time_zone": "Mars/Base"}).status_code == 422
    branch.refresh_from_db()
    assert (branch.name, branch.time_zone) == ("新名", "Asia/Urumqi")


def test_the_catalogue_is_installed_once_for_each_branch(branch: Branch, other_branch: Branch) -> None:
    Department.objects.all().delete()
    first = install_catalogue(branch)
    assert len(first) == len(PROJECTS) == 30
    assert [project.rank for project in first] == sorted(project.rank for project in first)
    assert Department.objects.filter(branch=branch).count() == len(DEPARTMENTS)
    assert install_catalogue(branch) == first
    second = install_catalogue(other_branch)
    assert len(second) == 30
    assert not {project.pk for project in first} & {project.pk for project in second}


def test_roles_exist_after_every_migrate(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= {role.value for role in Role}
