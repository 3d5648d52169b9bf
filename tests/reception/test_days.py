"""The day of the register: four parties sign, it is closed, and then only amendments change it (R2–R4, S2, S4)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.management.commands.prepare import Command
from clinic.models import AuditEntry, Branch, Department, OutboxEvent, Staff
from clinic.problems import Refused
from clinic.roles import Role
from reception import services
from reception.models import (
    Amendment,
    DayClose,
    DaySignature,
    Party,
    RegisterSheet,
    Visit,
    VisitProject,
)
from reception.selectors.days import day_state, unclosed_days
from reception.selectors.visitors import latest_history_id
from reception.tasks import remind_of_unclosed_days
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import MORNING, ProjectFactory, VisitFactory, VisitorFactory

pytestmark = pytest.mark.usefixtures("now")

TODAY = date(2026, 3, 11)
YESTERDAY = date(2026, 3, 10)
BEFORE = MORNING - timedelta(days=1)
EVENING = datetime(2026, 3, 11, 10, 30, tzinfo=UTC)
SIGNING = {
    Party.CONSULTANTS: Role.CONSULTANT,
    Party.PHONE: Role.PHONE_AGENT,
    Party.DESK: Role.DESK_SUPERVISOR,
    Party.MARKETING: Role.MANAGER,
}


@pytest.fixture
def people(staff_with: MakeStaff) -> dict[Party, Staff]:
    """Four people, one of each party."""
    return {party: staff_with(role, display_name=f"{party.value}甲") for party, role in SIGNING.items()}


def finished(consultant: Staff | None = None, *, at: datetime = BEFORE, **more: Any) -> Visit:
    """A visit that is over: received by a consultant, or left without one."""
    visit = VisitFactory(consultant=consultant, now=at, **more)
    states = ("accepted", "in_room", "finished") if consultant else ("left",)
    for minutes, state in enumerate(states, start=4):
        services.record_progress(visit=visit, state=state, now=at + timedelta(minutes=minutes))
    return visit


def sign(branch: Branch, day: date, party: Party, staff: Staff, now: datetime = EVENING) -> DaySignature:
    """Sign what the register says now, as the page does."""
    seen = day_state(branch, day, staff).hash
    return services.sign_day(branch=branch, day=day, party=party, seen=seen, staff=staff, now=now)


@pytest.fixture
def closed(branch: Branch, people: dict[Party, Staff]) -> Callable[..., DayClose]:
    """Sign a day by four and close it: `closed()` closes yesterday."""

    def close(day: date = YESTERDAY) -> DayClose:
        for party, staff in people.items():
            sign(branch, day, party, staff)
        return services.close_day(branch=branch, day=day, staff=people[Party.DESK], now=EVENING)

    return close


@pytest.fixture
def consulting(branch: Branch, staff_with: MakeStaff) -> Department:
    """The consulting department, with a head."""
    department = Department.objects.get(branch=branch, kind=Department.Kind.CONSULTING)
    department.head = staff_with(Role.CONSULTING_SUPERVISOR, display_name="咨询主管")
    department.save()
    return department


def refused(code: str, action: Callable[[], object]) -> Refused:
    """Carry out something that is refused, and return why."""
    with pytest.raises(Refused) as problem, transaction.atomic():
        action()
    assert problem.value.code == code
    return problem.value


# --- signing and closing ---


def test_a_day_is_signed_by_four_and_closed_as_it_was_signed(
    branch: Branch, people: dict[Party, Staff], staff_with: MakeStaff
) -> None:
    visit = finished(staff_with(Role.CONSULTANT), projects=[ProjectFactory()])
    for party, staff in people.items():
        missing = refused(
            "unsigned", lambda: services.close_day(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
        )
        assert str(party.label) in str(missing.message)
        sign(branch, YESTERDAY, party, staff)
    closing = services.close_day(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
    assert RegisterSheet.objects.count() == 1, "four signed the same, so it is one sheet"
    (row,) = closing.sheet.rows
    assert (row["number"], row["name"], row["state"]) == (1, visit.visitor.name, "finished")
    assert closing.last_number == 1
    actions = AuditEntry.objects.filter(action__in=("reception.sign_day", "reception.close_day"))
    assert actions.count() == 5
    again = refused(
        "day_closed", lambda: services.close_day(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
    )
    assert again.status == 409
    refused("day_closed", lambda: sign(branch, YESTERDAY, Party.DESK, staff_with(Role.RECEPTION)))


def test_a_change_after_a_signature_outdates_it_and_is_shown(branch: Branch, people: dict[Party, Staff]) -> None:
    visit = VisitFactory(now=BEFORE, note="旧")
    desk = people[Party.DESK]
    sign(branch, YESTERDAY, Party.DESK, desk)
    services.record_progress(visit=visit, state="left", now=BEFORE + timedelta(minutes=40))
    later = VisitFactory(now=BEFORE + timedelta(hours=1))
    services.void_visit(visit=later, reason="登记错人", staff=desk, now=BEFORE + timedelta(hours=1))
    state = day_state(branch, YESTERDAY, desk)
    signed = next(party for party in state.parties if party.party == Party.DESK)
    assert signed.is_outdated and signed.may_sign and not state.all_signed
    told = {(one.number, one.field): (one.before, one.after) for one in signed.differs}
    assert told["001", "state"] == ("Registered", "Left")
    assert told["001", "left_at"] == ("", "11:10")
    assert ("002", "") in told, "an entry that is new"
    sign(branch, YESTERDAY, Party.DESK, desk)
    assert day_state(branch, YESTERDAY, desk).parties[2].is_valid
    assert DaySignature.objects.filter(party=Party.DESK).count() == 2


def test_what_was_seen_is_what_is_signed(branch: Branch, people: dict[Party, Staff]) -> None:
    visit = VisitFactory(now=BEFORE)
    seen = day_state(branch, YESTERDAY, people[Party.DESK]).hash
    services.record_progress(visit=visit, state="left", now=BEFORE)
    problem = refused(
        "changed",
        lambda: services.sign_day(
            branch=branch, day=YESTERDAY, party="desk", seen=seen, staff=people[Party.DESK], now=EVENING
        ),
    )
    assert problem.status == 409
    assert not DaySignature.objects.exists()


def test_nobody_signs_for_two_parties_and_nobody_for_a_party_not_hers(
    branch: Branch, people: dict[Party, Staff], staff_with: MakeStaff
) -> None:
    finished()
    both = staff_with(Role.RECEPTION, Role.CONSULTANT)
    sign(branch, YESTERDAY, Party.DESK, both)
    refused("other_party", lambda: sign(branch, YESTERDAY, Party.CONSULTANTS, both))
    refused("not_party", lambda: sign(branch, YESTERDAY, Party.MARKETING, both))
    refused("signed", lambda: sign(branch, YESTERDAY, Party.DESK, people[Party.DESK]))
    signature = DaySignature.objects.get()
    with pytest.raises(IntegrityError, match="one party"), transaction.atomic():
        DaySignature.objects.create(
            branch=branch,
            day=YESTERDAY,
            party=Party.CONSULTANTS,
            sheet=signature.sheet,
            staff=both,
            signed_at=EVENING,
        )


def test_a_day_with_open_visits_is_not_closed_and_they_are_named(
    branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose]
) -> None:
    VisitFactory.create_batch(2, now=BEFORE)
    problem = refused("open_visits", closed)
    assert "001, 002" in str(problem.message)
    ended = services.end_forgotten_visits(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
    assert [visit.state for visit in ended] == ["left", "left"]
    assert AuditEntry.objects.filter(action="reception.end_forgotten_visit", staff=people[Party.DESK]).count() == 2
    assert closed().last_number == 2
    refused(
        "today", lambda: services.end_forgotten_visits(branch=branch, day=TODAY, staff=people[Party.DESK], now=EVENING)
    )


def test_today_is_closed_only_after_the_house_has_closed(
    branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose]
) -> None:
    finished(at=MORNING)
    for party, staff in people.items():
        sign(branch, TODAY, party, staff, MORNING)
    afternoon = EVENING - timedelta(hours=3)
    refused("house_open", lambda: services.close_day(branch=branch, day=TODAY, staff=people[Party.DESK], now=afternoon))
    assert services.close_day(branch=branch, day=TODAY, staff=people[Party.DESK], now=EVENING).day == TODAY


def test_who_comes_after_the_closing_is_registered_and_on_no_signed_sheet(
    branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose]
) -> None:
    finished(at=MORNING)
    closing = closed(TODAY)
    late = VisitFactory(now=EVENING)
    services.void_visit(visit=late, reason="登记错人", staff=people[Party.DESK], now=EVENING)
    state = day_state(branch, TODAY, people[Party.DESK])
    assert [visit.number for visit in state.late_visits] == [late.number] == [2]
    assert len(state.rows) == 1 and state.hash == closing.sheet.hash


def test_an_empty_day_has_nothing_to_sign(branch: Branch, people: dict[Party, Staff]) -> None:
    refused("no_visits", lambda: sign(branch, YESTERDAY, Party.DESK, people[Party.DESK]))


# --- S2: a signed day cannot be changed ---


@pytest.fixture
def probe(closed: Callable[..., DayClose], staff_with: MakeStaff) -> Any:
    """A cursor of a role with the rights of the application's, after yesterday was closed and the tables sealed."""
    finished(staff_with(Role.CONSULTANT), projects=[ProjectFactory()])
    closed()
    VisitFactory()
    with connection.cursor() as cursor:
        cursor.execute("create role day_probe")
        cursor.execute("grant usage on schema public to day_probe")
        cursor.execute("grant select, insert, update, delete, truncate on all tables in schema public to day_probe")
        Command().seal()
        # What a transaction would check at its end stands in the way of emptying a table.
        cursor.execute("set constraints all immediate")
        cursor.execute("set local role day_probe")
        cursor.execute("select set_config('pgtrigger.ignore', '{reception_visit,append_only_rows}', true)")
        yield cursor
        cursor.execute("reset role")


SIGNED = "(select id from reception_visit where day = '2026-03-10')"


@pytest.mark.parametrize(
    "attack",
    [
        "update reception_visit set note = 'x' where day = '2026-03-10'",
        "update reception_visit set state = 'waiting' where day = '2026-03-10'",
        "update reception_visit set day = '2026-03-09' where day = '2026-03-10'",
        "update reception_visit set number = number + 7 where day = '2026-03-10'",
        "update reception_visit set day = '2026-03-10', number = 0 where day = '2026-03-11'",
        f"delete from reception_visitproject where visit_id in {SIGNED}",
        f"update reception_visitproject set position = 9 where visit_id in {SIGNED}",
        f"delete from reception_visit where id in {SIGNED}",
        "truncate reception_visitproject",
        "truncate reception_visit cascade",
        "insert into reception_visitproject (visit_id, project_id, position)"
        f" select id, (select max(id) from clinic_project), 5 from reception_visit where id in {SIGNED}",
    ],
)
def test_s2_the_database_refuses_to_change_a_signed_day(probe: Any, attack: str) -> None:
    with pytest.raises((IntegrityError, ProgrammingError), match=r"signed|permission denied"), transaction.atomic():
        probe.execute(attack)


@pytest.mark.parametrize("table", ["reception_visit", "reception_visitproject", "reception_amendment"])
def test_s2_the_role_of_the_application_cannot_take_the_triggers_away(probe: Any, table: str) -> None:
    for attack in (
        f"alter table {table} disable trigger all",
        f"alter table {table} disable trigger user",
        "drop function reception_signed_visit() cascade",
        "set session_replication_role = replica",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
            probe.execute(attack)


def test_s2_visits_of_open_days_still_move(probe: Any) -> None:
    probe.execute("update reception_visit set note = 'x' where day = '2026-03-11'")
    assert probe.rowcount == 1


def test_sheets_signatures_and_closings_are_never_rewritten(closed: Callable[..., DayClose]) -> None:
    finished()
    closing = closed()
    for row in (closing, closing.sheet, DaySignature.objects.first()):
        assert row is not None
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk)._raw_delete("default")


def test_s2_a_day_is_not_closed_in_the_database_without_four_people(branch: Branch, people: dict[Party, Staff]) -> None:
    finished()
    signature = sign(branch, YESTERDAY, Party.DESK, people[Party.DESK])
    with pytest.raises(IntegrityError, match="four parties"), transaction.atomic():
        DayClose.objects.create(
            branch=branch,
            day=YESTERDAY,
            sheet=signature.sheet,
            last_number=1,
            closed_at=EVENING,
            closed_by=people[Party.DESK],
        )


def test_what_other_rooms_would_write_into_a_closed_day_is_refused_in_words(closed: Callable[..., DayClose]) -> None:
    visit = finished()
    closed()
    for write in (
        lambda: services.record_circumstances(visit=visit, emergency=True),
        lambda: services.record_correction(
            visit=visit, visit_type="return", type_rule="C2", owner_id=None, rule="K1", turn="free"
        ),
    ):
        assert refused("day_closed", write).status == 409


# --- amendments (R4, S4) ---


def propose(visit: Visit, department: Department, author: Staff, **more: Any) -> Amendment:
    """Propose to change the note of a visit."""
    wanted = {"note": "改后", "reason": "录错备注"} | more
    return services.propose_amendment(visit=visit, department=department, staff=author, now=EVENING, **wanted)


def approve(amendment: Amendment, part: str, staff: Staff) -> Amendment:
    """Approve as the supervisor or as the head."""
    return services.approve_amendment(amendment=amendment, part=part, staff=staff, now=EVENING)


def test_s4_an_amendment_is_applied_when_two_others_have_approved(
    branch: Branch,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
) -> None:
    wrong, right = staff_with(Role.CONSULTANT, display_name="王欣"), staff_with(Role.CONSULTANT, display_name="李敏")
    nose, eyes = ProjectFactory.create_batch(2)
    visit = finished(wrong, projects=[nose])
    closing = closed()
    author = staff_with(Role.RECEPTION)
    amendment = propose(visit, consulting, author, consultant=right, projects=[eyes, nose], visit_type="return")
    visit.refresh_from_db()
    assert visit.consultant == wrong, "a proposal changes nothing"
    approve(amendment, services.SUPERVISOR, people[Party.DESK])
    visit.refresh_from_db()
    assert visit.consultant == wrong, "one approval changes nothing"
    head = consulting.head
    assert head is not None
    done = approve(amendment, services.HEAD, head)
    visit.refresh_from_db()
    assert (visit.consultant, visit.visit_type, visit.note) == (right, "return", "改后")
    assert list(visit.wishes.values_list("project_id", flat=True)) == [eyes.pk, nose.pk]
    assert done.applied_at == EVENING and done.sheet is not None
    first, second = RegisterSheet.objects.order_by("number")
    assert (first.pk, first.rows[0]["consultant"], second.rows[0]["consultant"]) == (
        closing.sheet_id,
        "王欣",
        "李敏",
    )
    assert done.sheet == second
    state = day_state(branch, YESTERDAY, author)
    assert state.rows == second.rows and state.all_signed, "the four signed the first, and that stays signed"
    assert refused("decided", lambda: approve(done, services.HEAD, head)).status == 409


def test_s4_neither_approver_is_the_author_and_they_are_two(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit, supervisor = finished(), people[Party.DESK]
    closed()
    consulting.head = staff_with(Role.MANAGER)
    consulting.save()
    own = propose(visit, consulting, supervisor)
    refused("author", lambda: approve(own, services.SUPERVISOR, supervisor))
    approve(own, services.SUPERVISOR, consulting.head)
    refused("same_person", lambda: approve(own, services.HEAD, consulting.head))  # type: ignore[arg-type]
    refused("not_hers", lambda: approve(own, services.HEAD, staff_with(Role.MANAGER)))
    refused("not_hers", lambda: approve(own, services.SUPERVISOR, staff_with(Role.RECEPTION)))
    visit.refresh_from_db()
    assert visit.note == ""


def test_s4_the_database_refuses_an_author_as_approver_and_one_person_twice(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit = finished()
    closed()
    author, other = staff_with(Role.RECEPTION), people[Party.DESK]
    amendment = propose(visit, consulting, author)
    rows = Amendment.objects.filter(pk=amendment.pk)
    approved_by: dict[str, Any] = {"supervisor": other, "supervisor_at": EVENING}
    attempts: tuple[dict[str, Any], ...] = (
        {"supervisor": author, "supervisor_at": EVENING},
        {"head": author, "head_at": EVENING},
        {"head": other, "head_at": EVENING, **approved_by},
        {"head": people[Party.MARKETING], "head_at": EVENING, **approved_by},
        {"applied_at": EVENING},
        {"author": other},
        {"after": {"state": "void"}},
        {"reason": "another"},
    )
    for wrong in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    rows.update(**approved_by)
    attempts = (
        {"supervisor": people[Party.MARKETING]},
        {"supervisor": None, "supervisor_at": None},
        {"head": other, "head_at": EVENING},
    )
    for wrong in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
    with pytest.raises(IntegrityError, match="same transaction"), transaction.atomic():
        rows.update(head=people[Party.MARKETING], head_at=EVENING)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


def test_an_approved_amendment_opens_the_signed_day_for_just_what_it_says(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit, other = finished(), finished()
    VisitProject.objects.create(visit=visit, project=ProjectFactory(), position=0)
    closed()
    amendment = propose(visit, consulting, staff_with(Role.RECEPTION))
    half = Amendment.objects.filter(pk=amendment.pk)
    half.update(supervisor=people[Party.DESK], supervisor_at=EVENING)
    rows = Visit.objects.filter(pk=visit.pk)
    with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
        rows.update(note="改后")
    with transaction.atomic():
        half.update(head=consulting.head, head_at=EVENING)
        for wrong in ({"note": "别的"}, {"note": "改后", "state": "void"}, {"emergency": True}):
            with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
                rows.update(**wrong)
        with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
            Visit.objects.filter(pk=other.pk).update(note="改后")
        with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
            visit.wishes.all().delete()
        assert rows.update(note="改后") == 1
        transaction.set_rollback(True)


def test_a_refused_amendment_stays_with_its_reason_and_another_may_follow(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit = finished()
    closed()
    author, supervisor = staff_with(Role.RECEPTION), people[Party.DESK]
    amendment = propose(visit, consulting, author)
    refused("waiting", lambda: propose(visit, consulting, author, note="又改"))
    refused("reason", lambda: services.refuse_amendment(amendment=amendment, reason=" ", staff=supervisor, now=EVENING))
    refused(
        "not_hers",
        lambda: services.refuse_amendment(
            amendment=amendment, reason="不", staff=staff_with(Role.RECEPTION), now=EVENING
        ),
    )
    services.refuse_amendment(amendment=amendment, reason="纸质单无此备注", staff=supervisor, now=EVENING)
    amendment.refresh_from_db()
    assert (amendment.refused_reason, amendment.waits) == ("纸质单无此备注", False)
    refused("decided", lambda: approve(amendment, services.SUPERVISOR, supervisor))
    assert propose(visit, consulting, author, note="又改").waits


def test_what_is_not_on_a_closed_sheet_is_not_amended(
    branch: Branch, closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    author = staff_with(Role.RECEPTION)
    visit = finished()
    refused("not_closed", lambda: propose(visit, consulting, author))
    closed()
    refused("nothing", lambda: propose(visit, consulting, author, note=""))
    refused("reason", lambda: propose(visit, consulting, author, reason="  "))
    headless = Department.objects.get(branch=branch, kind=Department.Kind.LASER)
    refused("no_head", lambda: propose(visit, headless, author))


def test_a_wrong_entry_of_a_closed_day_is_made_void_by_amendment(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit = finished()
    closed()
    amendment = propose(visit, consulting, staff_with(Role.RECEPTION), note=None, make_void=True, reason="重复登记")
    approve(amendment, services.SUPERVISOR, people[Party.DESK])
    assert consulting.head is not None
    approve(amendment, services.HEAD, consulting.head)
    visit.refresh_from_db()
    assert (visit.state, visit.void_reason) == ("void", "重复登记")


# --- void and entered again (R2) ---


def test_a_void_entry_is_entered_again_once_and_remembered(branch: Branch, staff_with: MakeStaff) -> None:
    desk = staff_with(Role.RECEPTION)
    void = VisitFactory()
    common = {"visitor": void.visitor, "branch": branch, "projects": [], "staff": desk, "now": MORNING}
    refused("already_here", lambda: services.register_arrival(**common, replaces=void))
    services.void_visit(visit=void, reason="项目选错", staff=desk, now=MORNING)
    again = services.register_arrival(**common, replaces=void)
    assert (again.replaces, again.number) == (void, 2)
    services.void_visit(visit=again, reason="还是错", staff=desk, now=MORNING)
    assert refused("replaced", lambda: services.register_arrival(**common, replaces=void)).status == 409
    assert Visit.objects.count() == 2, "the number is given again"
    assert services.register_arrival(**common, replaces=again).number == 3


def test_entering_again_opens_the_form_as_the_void_entry_was(client_as: MakeClient) -> None:
    desk = client_as(Role.RECEPTION)
    nose, eyes = ProjectFactory.create_batch(2)
    referrer = VisitorFactory(name="林介绍")
    void = VisitFactory(
        projects=[eyes, nose], note="怕疼 <b>", circumstances={"referrer": referrer, "referral_by": "slip"}
    )
    answer = desk.post(
        reverse("reception:visit_void", args=[void.pk]), {"reason": "选错"}, headers={"HX-Request": "true"}
    )
    address = f"{reverse('reception:desk')}?visitor={void.visitor_id}&again={void.pk}"
    assert address.replace("&", "&amp;") in answer.content.decode()
    form = desk.get(address).context["form"]
    page = desk.get(address).content.decode()
    assert f'value="{eyes.pk},{nose.pk}"' in page
    assert "怕疼 &lt;b&gt;" in page and "林介绍" in page
    sent = {name: form[name].value() or "" for name in form.fields}
    sent |= {"visitor": void.visitor_id, "claims_history": "", "emergency": ""}
    sent = {name: value for name, value in sent.items() if value not in (False, None)}
    desk.post(reverse("reception:arrival_create"), sent, headers={"HX-Request": "true"})
    made = Visit.objects.get(replaces=void)
    assert made.referrer == referrer and made.wishes.count() == 2
    panel = desk.get(reverse("reception:register_panel")).content.decode()
    assert f"→ {made}" in panel
    gone = f"{reverse('reception:desk')}?visitor={void.visitor_id}&again=999999"
    assert desk.get(gone).status_code == 404


# --- reminding ---


def test_days_that_are_over_and_not_closed_are_reminded_of(
    branch: Branch,
    other_branch: Branch,
    closed: Callable[..., DayClose],
    people: dict[Party, Staff],
    client_as: MakeClient,
) -> None:
    finished()
    finished(at=MORNING)
    assert unclosed_days(branch, MORNING) == [YESTERDAY]
    assert unclosed_days(branch, EVENING - timedelta(minutes=1)) == [YESTERDAY]
    assert unclosed_days(branch, EVENING) == [TODAY, YESTERDAY], "half an hour after the doors have closed"
    assert remind_of_unclosed_days() == 1
    assert OutboxEvent.objects.filter(topics=[f"days-{branch.pk}"]).count() == 1
    supervisor, agent = client_as(people[Party.DESK]), client_as(people[Party.PHONE])
    notice = reverse("reception:day_notice")
    assert "2026-03-10" in supervisor.get(notice).content.decode()
    assert "2026-03-10" not in agent.get(notice).content.decode()
    count = reverse("reception:day_count")
    assert (supervisor.get(count).content, agent.get(count).content) == (b"1", b"1")
    sign(branch, YESTERDAY, Party.PHONE, people[Party.PHONE])
    assert (supervisor.get(count).content, agent.get(count).content) == (b"1", b"")
    with transaction.atomic():
        for party, staff in people.items():
            if party != Party.PHONE:
                sign(branch, YESTERDAY, party, staff)
        services.close_day(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
    assert supervisor.get(count).content == b""
    assert remind_of_unclosed_days() == 0


# --- interference (R5) ---


def test_interference_is_recorded_by_the_supervisor_with_a_running_count(
    client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch
) -> None:
    desk = client_as(Role.DESK_SUPERVISOR)
    consultant = staff_with(Role.CONSULTANT, display_name="O'Brien <b>")
    address = reverse("reception:interference")
    for count in (1, 2):
        form = desk.get(address).context["form"]
        sent = {
            "person": consultant.pk,
            "kind": "operated",
            "note": "动了电脑",
            "request_key": form["request_key"].value(),
        }
        for _twice in range(2):
            assert desk.post(address, sent).status_code == 302
        page = desk.get(address).content.decode()
        assert f'<td class="num">{count}</td>' in page
    assert "O&#x27;Brien &lt;b&gt;" in page
    for wrong in (
        {"person": desk.staff.pk, "note": "x"},  # type: ignore[attr-defined]
        {"person": staff_with(Role.CONSULTANT, branch=other_branch).pk, "note": "x"},
        {"person": consultant.pk, "note": " "},
    ):
        answer = desk.post(address, sent | wrong)
        assert answer.status_code == 422
    auditor = client_as(Role.AUDITOR)
    assert auditor.get(address).status_code == 200
    assert auditor.post(address, sent).status_code == 422
    assert client_as(Role.CONSULTANT).get(address).status_code == 403
    assert "O&#x27;Brien &lt;b&gt;" in desk.get(reverse("reception:day", args=[TODAY])).content.decode()


# --- pages ---


def test_four_people_sign_on_their_screens_and_the_supervisor_closes(
    people: dict[Party, Staff], client_as: MakeClient, branch: Branch
) -> None:
    finished(people[Party.CONSULTANTS])
    page = reverse("reception:day", args=[YESTERDAY])
    for party, staff in people.items():
        client = client_as(staff)
        shown = client.get(page)
        assert [state.party for state, _lines in shown.context["verify"]] == [party]
        sent = {"party": party.value, "seen": shown.context["state"].hash}
        assert client.post(reverse("reception:day_sign", args=[YESTERDAY]), sent).status_code == 302
        again = client.post(reverse("reception:day_sign", args=[YESTERDAY]), sent)
        assert again.status_code == 409, "somebody who presses twice hears so"
    desk = client_as(people[Party.DESK])
    assert client_as(people[Party.PHONE]).post(reverse("reception:day_close", args=[YESTERDAY])).status_code == 403
    assert desk.post(reverse("reception:day_close", args=[YESTERDAY])).status_code == 302
    assert "Register closed" in desk.get(page).content.decode()
    rows = desk.get(reverse("reception:days")).context["rows"]
    assert [(row.day, row.closing is not None) for row in rows] == [(YESTERDAY, True)]


def test_who_may_not_read_the_register_verifies_with_masked_names(client_as: MakeClient, staff_with: MakeStaff) -> None:
    me, other = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT)
    finished(me, visitor=VisitorFactory(name="曾小满"))
    finished(other, visitor=VisitorFactory(name="欧阳小雪"), note="秘密")
    page = client_as(me).get(reverse("reception:day", args=[YESTERDAY])).content.decode()
    assert "曾小满" in page
    assert "欧阳小雪" not in page and "欧*" in page and "秘密" not in page


@pytest.mark.parametrize("day", ["x", "2026-02-31", "2026-03-12", "0001-01-01", "2026-3-1x"])
def test_a_day_that_is_none_is_not_there(client_as: MakeClient, day: str) -> None:
    desk = client_as(Role.DESK_SUPERVISOR)
    for name in ("day", "day_print", "day_export"):
        assert desk.get(reverse(f"reception:{name}", args=[day])).status_code == 404


def test_another_branch_has_days_and_amendments_of_its_own(
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
    other_branch: Branch,
    client_as: MakeClient,
) -> None:
    visit = finished()
    closed()
    amendment = propose(visit, consulting, staff_with(Role.RECEPTION))
    theirs = client_as(staff_with(Role.DESK_SUPERVISOR, branch=other_branch))
    assert theirs.get(reverse("reception:day", args=[YESTERDAY])).context["state"].rows == []
    assert theirs.get(reverse("reception:days")).context["rows"] == []
    for address in (
        reverse("reception:amendment", args=[amendment.pk]),
        reverse("reception:amendment_new", args=[visit.pk]),
    ):
        assert theirs.get(address).status_code == 404
    assert theirs.post(reverse("reception:approve_as_supervisor", args=[amendment.pk])).status_code == 404


def test_an_amendment_goes_over_three_screens(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, client_as: MakeClient
) -> None:
    visit = finished(note="旧备注")
    closed()
    desk = client_as(Role.RECEPTION)
    address = reverse("reception:amendment_new", args=[visit.pk])
    form = desk.get(address).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields if name != "make_void"}
    sent |= {"note": "新备注", "reason": "", "department": consulting.pk}
    wrong = desk.post(address, sent)
    assert wrong.status_code == 422 and "新备注" in wrong.content.decode(), "what was typed is kept"
    sent["reason"] = "录错"
    assert desk.post(address, sent).status_code == desk.post(address, sent).status_code == 302
    amendment = Amendment.objects.get()
    page = reverse("reception:amendment", args=[amendment.pk])
    assert "two others approve it" in desk.get(page).content.decode()
    assert desk.post(reverse("reception:approve_as_supervisor", args=[amendment.pk])).status_code == 422
    supervisor, head = client_as(people[Party.DESK]), client_as(consulting.head)
    assert "1 amendment waits for you" in head.get(reverse("reception:day_notice")).content.decode()
    supervisor.post(reverse("reception:approve_as_supervisor", args=[amendment.pk]))
    assert supervisor.post(reverse("reception:approve_as_head", args=[amendment.pk])).status_code == 422
    head.post(reverse("reception:approve_as_head", args=[amendment.pk]))
    visit.refresh_from_db()
    assert visit.note == "新备注"
    assert "sheet version 2" in desk.get(page).content.decode()
    assert "录错" in desk.get(reverse("reception:day_print", args=[YESTERDAY])).content.decode()


def test_a_head_without_the_register_reads_what_touches_her_department_and_no_more(
    branch: Branch,
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
    client_as: MakeClient,
) -> None:
    mine, other = finished(), finished()
    closed()
    doctor = staff_with(Role.DOCTOR)
    surgery = Department.objects.get(branch=branch, kind=Department.Kind.SURGERY)
    surgery.head = doctor
    surgery.save()
    author = staff_with(Role.RECEPTION)
    hers, theirs = propose(mine, surgery, author), propose(other, consulting, author)
    client = client_as(doctor)
    assert [one.pk for one, _changes, _waits in client.get(reverse("reception:amendments")).context["rows"]] == [
        hers.pk
    ]
    assert client.get(reverse("reception:amendment", args=[theirs.pk])).status_code == 404


@pytest.mark.parametrize("rows", [1, 50])
def test_the_pages_of_a_day_ask_the_same_at_one_row_and_at_fifty(
    rows: int,
    branch: Branch,
    people: dict[Party, Staff],
    consulting: Department,
    client_as: MakeClient,
    staff_with: MakeStaff,
) -> None:
    consultant = staff_with(Role.CONSULTANT)
    projects = ProjectFactory.create_batch(2)
    for _place in range(rows):
        finished(consultant, projects=projects)
    for party, staff in people.items():
        sign(branch, YESTERDAY, party, staff)
    services.close_day(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
    author = staff_with(Role.RECEPTION)
    for visit in Visit.objects.all():
        propose(visit, consulting, author)
    for _place in range(rows):
        services.record_interference(person=consultant, kind="other", note="x", staff=people[Party.DESK], now=BEFORE)
    desk = client_as(people[Party.DESK])
    at = [YESTERDAY]
    expected = {
        "register": 9,
        "days": 10,
        "day": 11,
        "day_print": 10,
        "amendments": 5,
        "interference": 5,
        "day_count": 6,
    }
    asked = {}
    for name in expected:
        args = at if name in ("day", "day_print") else None
        address = reverse(f"reception:{name}", args=args) + ("?day=2026-03-10" if name == "register" else "")
        desk.get(address)
        with CaptureQueriesContext(connection) as queries:
            desk.get(address)
        asked[name] = len(queries)
    assert asked == expected


@pytest.mark.django_db(transaction=True)
def test_an_arrival_while_the_day_is_being_closed_is_on_no_signed_sheet_and_is_not_lost(
    branch: Branch, people: dict[Party, Staff]
) -> None:
    finished(at=MORNING)
    visitor = VisitorFactory()
    for party, staff in people.items():
        sign(branch, TODAY, party, staff)
    arrived: list[Visit] = []

    def arrive() -> None:
        try:
            arrived.append(
                services.register_arrival(
                    visitor=visitor, branch=branch, projects=[], staff=people[Party.DESK], now=EVENING
                )
            )
        finally:
            connection.close()

    with transaction.atomic():
        services.close_day(branch=branch, day=TODAY, staff=people[Party.DESK], now=EVENING)
        coming = Thread(target=arrive)
        coming.start()
        coming.join(0.3)
        assert coming.is_alive(), "it waits for its number until the day is closed"
    coming.join()
    assert [visit.number for visit in arrived] == [2]
    assert DayClose.objects.get().last_number == 1


def test_records_merged_later_take_the_visits_of_signed_days_along_and_back(
    branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose]
) -> None:
    visit = finished()
    closed()
    sheet = RegisterSheet.objects.get()
    other, survivor, stranger = visit.visitor, VisitorFactory(), VisitorFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(visitor=stranger)
    seen = {one.pk: latest_history_id(one) for one in (survivor, other)}
    merged = services.merge_visitors(
        survivor=survivor, other=other, keep={}, seen=seen, staff=people[Party.DESK], now=EVENING
    )
    visit.refresh_from_db()
    assert visit.visitor == survivor
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(visitor=survivor, note="changed on the way")
    services.take_merge_back(merge=merged, staff=people[Party.DESK], now=EVENING)
    visit.refresh_from_db()
    assert visit.visitor == other
    assert RegisterSheet.objects.get().rows == sheet.rows
