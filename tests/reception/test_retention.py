"""Retention: periods in versions, the list of what is due written once a month, and decisions that stand."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from clinic.message_texts import CONFIRM_APPOINTMENT
from clinic.models import AuditEntry, Branch, OutgoingMessage, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services.messages import queue_message
from reception.models import Kept, RetentionItem, RetentionLine, RetentionList, RetentionPeriod
from reception.selectors.retention import terms
from reception.services.retention import decide_item, export_list, freeze_list, months_before, write_period
from reception.tasks import list_what_is_due
from tests.conftest import MakeClient, MakeStaff, make_branch
from tests.factories.complaints import a_complaint
from tests.factories.reception import MORNING, VisitorFactory, make_clerk

LONG_AGO = date(2010, 1, 1)


@pytest.fixture
def manager(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.MANAGER)


def item_of(made: RetentionList | None, kind: Kept) -> RetentionItem:
    assert made is not None
    return made.items.get(kind=kind)


def old_visitor(**fields: Any) -> Any:
    return VisitorFactory(**{"last_visit_on": LONG_AGO, "registered_at": datetime(2009, 5, 1, tzinfo=UTC)} | fields)


def an_old_message(branch: Branch, number: int = 0) -> OutgoingMessage:
    message = queue_message(
        branch=branch,
        phone="+8613800138000",
        template=CONFIRM_APPOINTMENT,
        language="zh-hans",
        values={"hospital": "滨江", "name": "苏晚", "day": "3月12日", "time": "10:00", "phone": "021-5550-0100"},
        about=f"test {number}",
        staff=None,
        now=MORNING - timedelta(days=500),
    )
    OutgoingMessage.objects.filter(pk=message.pk).update(state="sent", sent_at=MORNING, next_try_at=None)
    return message


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 1), 1, date(2026, 2, 1)),
        (date(2026, 1, 1), 1, date(2025, 12, 1)),
        (date(2026, 3, 1), 180, date(2011, 3, 1)),
        (date(2024, 2, 29), 12, date(2023, 2, 1)),
        (date(2026, 3, 1), 1200, date(1926, 3, 1)),
    ],
)
def test_months_are_counted_from_the_first_of_the_month(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


def test_a_period_is_written_in_versions_and_never_shorter_than_the_law(manager: Staff, now: datetime) -> None:
    def write(kind: str, months: int, seen: int = 0, reason: str = "院务会决定") -> RetentionPeriod:
        return write_period(kind=kind, months=months, reason=reason, seen=seen, staff=manager, now=now)

    assert write(Kept.FILES, 360).version == 1
    with pytest.raises(Stale) as stale:
        write(Kept.FILES, 240)
    assert manager.display_name in str(stale.value.message)
    assert write(Kept.FILES, 240, seen=1).version == 2
    assert next(term.months for term in terms() if term.kind == Kept.FILES) == 240
    for kind, months, reason, code in (
        (Kept.FILES, 179, "x", "months"),
        (Kept.AUDIT_LOG, 6, "x", "months"),
        (Kept.MESSAGES, 0, "x", "months"),
        (Kept.MESSAGES, 1201, "x", "months"),
        (Kept.MESSAGES, 6, " ", "reason"),
        ("nonsense", 6, "x", "kind"),
    ):
        with pytest.raises(Refused) as refused:
            write(kind, months, reason=reason)
        assert refused.value.code == code
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionPeriod.objects.create(
            kind=Kept.FILES, version=9, months=12, reason="x", written_at=now, written_by=manager
        )
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        RetentionPeriod.objects.update(months=200)


def test_a_file_is_due_fifteen_years_after_anything_was_last_done(branch: Branch, now: datetime) -> None:
    due, _late, complained = old_visitor(), VisitorFactory(last_visit_on=date(2012, 1, 1)), old_visitor()
    elsewhere = old_visitor(branch=make_branch("other"))
    a_complaint(make_clerk(branch), now=now, visitor=complained)
    files = item_of(freeze_list(branch=branch, now=now), Kept.FILES)
    assert list(files.lines.values_list("object_id", "reference", "last_on")) == [(due.pk, due.file_number, LONG_AGO)]
    assert (files.number, files.months, files.before_on) == (1, 180, date(2011, 3, 1))
    theirs = item_of(freeze_list(branch=elsewhere.registered_in, now=now), Kept.FILES)
    assert list(theirs.lines.values_list("object_id", flat=True)) == [elsewhere.pk]


def test_a_list_is_written_once_a_month_by_the_branchs_clock(branch: Branch) -> None:
    old_visitor()
    with time_machine.travel(datetime(2026, 3, 31, 15, 59, tzinfo=UTC), tick=False):
        assert (list_what_is_due(), list_what_is_due()) == (1, 0)
    with time_machine.travel(datetime(2026, 3, 31, 16, 0, tzinfo=UTC), tick=False):
        assert (list_what_is_due(), list_what_is_due()) == (1, 0)
    assert list(RetentionList.objects.values_list("month_on", flat=True)) == [date(2026, 4, 1), date(2026, 3, 1)]
    assert RetentionLine.objects.filter(item__kind=Kept.FILES).count() == 2


def test_what_is_kept_on_stays_off_the_lists_until_its_day(branch: Branch, manager: Staff, now: datetime) -> None:
    old_visitor()
    item = item_of(freeze_list(branch=branch, now=now), Kept.FILES)
    for until, reason in ((None, "诉讼中"), (date(2026, 3, 11), "诉讼中"), (date(2026, 5, 15), " ")):
        with pytest.raises(Refused) as refused:
            decide_item(item=item, decision="keep", reason=reason, keep_until_on=until, staff=manager, now=now)
        assert refused.value.code == "keep"
    decide_item(item=item, decision="keep", reason="诉讼中", keep_until_on=date(2026, 5, 15), staff=manager, now=now)
    with pytest.raises(Stale) as stale:
        decide_item(item=item, decision="destroy", staff=manager, now=now)
    assert manager.display_name in str(stale.value.message)
    due = [
        item_of(freeze_list(branch=branch, now=datetime(2026, month, 2, tzinfo=UTC)), Kept.FILES).number
        for month in (4, 5, 6)
    ]
    assert due == [0, 0, 1]


def test_a_decision_stands_in_the_database(branch: Branch, manager: Staff, now: datetime) -> None:
    old_visitor()
    item = item_of(freeze_list(branch=branch, now=now), Kept.FILES)
    decide_item(item=item, decision="destroy", staff=manager, now=now)
    rows = RetentionItem.objects.filter(pk=item.pk)
    for attack in (
        lambda: rows.update(reason="另有原因"),
        lambda: RetentionItem.objects.filter(decision="", list=item.list).update(number=7),
        lambda: RetentionItem.objects.filter(decision="", list=item.list).update(decision="keep"),
        lambda: RetentionLine.objects.update(reference="x"),
        lambda: RetentionList.objects.update(month_on=LONG_AGO),
        lambda: connection.cursor().execute("delete from reception_retentionline"),
    ):
        with pytest.raises((InternalError, ProgrammingError, IntegrityError)), transaction.atomic():
            attack()
    with pytest.raises(Refused) as nothing:
        decide_item(item=item_of(item.list, Kept.DAY_LOG), decision="destroy", staff=manager, now=now)
    assert nothing.value.code == "nothing"


def test_texts_of_messages_are_emptied_when_their_destruction_is_approved(
    branch: Branch, manager: Staff, now: datetime
) -> None:
    old = an_old_message(branch)
    item = item_of(freeze_list(branch=branch, now=now), Kept.MESSAGES)
    assert item.number == 1
    decided = decide_item(item=item, decision="destroy", staff=manager, now=now)
    old.refresh_from_db()
    assert (decided.emptied, old.body) == (1, "")
    entry = AuditEntry.objects.filter(action="reception.decide_retention").get()
    assert entry.detail["emptied"] == 1
    april = datetime(2026, 4, 2, tzinfo=UTC)
    assert item_of(freeze_list(branch=branch, now=april), Kept.MESSAGES).number == 0


def test_a_manager_writes_a_period_and_decides_on_the_pages(
    client_as: MakeClient, branch: Branch, now: datetime
) -> None:
    old_visitor()
    client = client_as(Role.MANAGER)
    page = reverse("reception:retention")
    assert client.get(page, {"kind": "files"}).status_code == 200
    short = client.post(page, {"kind": "files", "seen": "0", "months": "12", "reason": "院务会<b>"})
    assert short.status_code == 422
    assert "At least 180 months" in short.content.decode()
    assert 'value="院务会&lt;b&gt;"' in short.content.decode()
    sent = {"kind": "files", "seen": "0", "months": "181", "reason": "院务会"}
    assert [client.post(page, sent).status_code for _time in range(2)] == [302, 302]
    assert RetentionPeriod.objects.count() == 1
    stale = client.post(page, sent | {"months": "182"})
    assert stale.status_code == 409
    fresh = {"seen": stale.context["form"]["seen"].value()}
    assert client.post(page, sent | {"months": "182"} | fresh).status_code == 302
    made = freeze_list(branch=branch, now=now)
    item = item_of(made, Kept.FILES)
    assert "waits for decisions" in client.get(reverse("reception:retention_notice")).content.decode()
    kind = reverse("reception:retention_kind", args=[item.pk])
    assert client.post(kind, {"decision": "keep", "reason": "诉讼中"}).status_code == 422
    kept = {"decision": "keep", "reason": "诉讼中", "keep_until_on": "2027-01-01"}
    assert client.post(kind, kept).status_code == 302
    assert client.post(kind, kept).status_code == 409
    assert "waits for decisions" not in client.get(reverse("reception:retention_notice")).content.decode()
    assert "诉讼中" in client.get(reverse("reception:retention_list", args=[item.list_id])).content.decode()


def test_a_list_is_exported_with_a_purpose_and_written_down(branch: Branch, manager: Staff, now: datetime) -> None:
    due = old_visitor()
    made = freeze_list(branch=branch, now=now)
    assert made is not None
    with pytest.raises(Refused):
        export_list(made=made, why=" ", staff=manager, now=now)
    book = CalamineWorkbook.from_filelike(BytesIO(export_list(made=made, why="归档", staff=manager, now=now).read()))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][:2] == [due.file_number, LONG_AGO]
    assert AuditEntry.objects.get(action="reception.export_retention_list").detail["why"] == "归档"


@pytest.mark.parametrize("rows", [1, 50])
def test_the_pages_ask_the_database_the_same_at_one_row_and_at_fifty(
    rows: int,
    client_as: MakeClient,
    branch: Branch,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _number in range(rows):
        old_visitor()
    item = item_of(freeze_list(branch=branch, now=now), Kept.FILES)
    client = client_as(Role.MANAGER)
    pages = (
        (reverse("reception:retention"), 6),
        (reverse("reception:retention_list", args=[item.list_id]), 4),
        (reverse("reception:retention_kind", args=[item.pk]), 4),
    )
    for page, queries in pages:
        client.get(page)
        with django_assert_num_queries(queries):
            assert client.get(page).status_code == 200


def test_another_house_has_lists_of_its_own(client_as: MakeClient, now: datetime, branch: Branch) -> None:
    theirs = freeze_list(branch=make_branch("other"), now=now)
    assert theirs is not None
    client = client_as(Role.MANAGER)
    for name, pk in (
        ("retention_list", theirs.pk),
        ("retention_export", theirs.pk),
        ("retention_kind", theirs.items.earliest("pk").pk),
    ):
        assert client.get(reverse(f"reception:{name}", args=[pk])).status_code == 404
