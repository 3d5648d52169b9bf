"""The day log is found after years."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Staff
from reception import services
from reception.log_words import entry_keys
from reception.models import LogEntry
from reception.selectors.day_log import (
    Wanted,
    found_entries,
    search_log,
)
from tests.reception.day_log.scenes import parcel, slip, text_of

pytestmark = pytest.mark.usefixtures("now")


def test_search_by_words_kind_person_and_days(
    branch: Branch, other_branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    old = slip(branch, consultant, clerk, now - timedelta(days=900), text="问热玛吉活动价")
    new = slip(branch, consultant, clerk, now, text="热玛吉改约")
    sent = parcel(branch, clerk, now, carrier="顺丰", number="SF0001")
    services.write_entry(branch=other_branch, kind="call", text="热玛吉", staff=clerk, now=now)

    def found(**wanted: Any) -> list[int]:
        return [entry.pk for entry in search_log(branch, Wanted(**wanted))]

    assert found(text="热玛吉") == [new.pk, old.pk]
    assert found(text="热玛吉 改约") == [new.pk]
    assert found(text="sf00") == [sent.pk]
    assert found(text="8000") == [new.pk, old.pk]
    assert found(text="wangxin") == [new.pk, old.pk]
    assert found(text="？！") == []
    assert found(kind="parcel") == [sent.pk]
    assert found(person=consultant) == [new.pk, old.pk]
    assert found(last_on=date(2025, 1, 1)) == [old.pk]
    assert found(text="热玛吉", first_on=branch.today(now)) == [new.pk]


def test_the_search_page_counts_pages_and_keeps_what_was_typed(
    desk: Client, branch: Branch, clerk: Staff, now: datetime
) -> None:
    for _ in range(101):
        parcel(branch, clerk, now, number="SF9")
    url = reverse("reception:log_search")
    page = text_of(desk.post(url, {"q": "SF9"}))
    assert "101 entries" in page and 'value="SF9"' in page and "1 / 2" in page
    assert "2 / 2" in text_of(desk.post(url, {"q": "SF9", "page": "2"}))
    assert desk.post(url, {"q": "SF9", "person": "谁"}).status_code == 422
    assert "Nothing found" in text_of(desk.post(url, {"q": "没有"}))


def test_no_search_reads_the_whole_log(branch: Branch, clerk: Staff, now: datetime) -> None:
    """Twenty thousand lines: each way of looking is served by an index."""
    kinds = ("parcel", "letter", "caller", "parking")
    LogEntry.objects.bulk_create(
        (
            LogEntry(
                branch=branch,
                day=branch.today(now) - timedelta(days=number % 2000),
                at=now,
                kind=kinds[number % 4],
                text=f"第{number}件 {number:06d}",
                for_staff=clerk if number % 50 == 0 else None,
                keys=entry_keys(texts=[f"第{number % 700}件 {number:06d}"]),
                written_by=clerk,
            )
            for number in range(20_000)
        ),
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze reception_logentry")
    ways = (
        Wanted(text="012345"),
        Wanted(text="第69"),
        Wanted(text="012345", kind="parcel", first_on=date(2020, 1, 1)),
        Wanted(kind="parking"),
        Wanted(first_on=branch.today(now), last_on=branch.today(now)),
        Wanted(),
    )
    for wanted in ways:
        plan = search_log(branch, wanted)[:100].explain()
        assert "Seq Scan on reception_logentry" not in plan, f"{wanted}\n{plan}"
    assert found_entries(branch, Wanted(text="012345")).count() == 1
    assert found_entries(branch, Wanted(text="第69")).count() > 100
