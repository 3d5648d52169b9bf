"""Files of visitors as another system would export them, with mistakes planted where a test wants them."""

import csv
import io
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from xlsxwriter import Workbook

from clinic.models import Staff
from reception.importing.mistakes import Kind
from reception.models import ImportBatch
from reception.services import imports
from reception.services.import_check import check_import
from reception.services.import_write import take_back_import, write_import

HEADER = [
    "档案号",
    "姓名",
    "手机",
    "性别",
    "出生日期",
    "来源",
    "备注",
    "归属咨询师",
    "成交状态",
    "首次到院",
    "最近到院",
    "项目",
]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗曾单解区欧"
GIVEN = "小美丽敏静芳娜秀英婷雪玲洁倩颖佳慧琳欣怡梦瑶思雨晨曦若涵诗语嘉宁"

Row = list[str]


def rows(number: int, *, owner: str = "", project: str = "") -> list[Row]:
    """Return so many right rows, no two of the same person."""
    dice = random.Random(number)
    first_day = date(2019, 1, 1)
    made = []
    for place in range(number):
        first = first_day + timedelta(days=dice.randrange(1500))
        last = first + timedelta(days=dice.randrange(400))
        made.append(
            [
                f"HX{place:07d}",
                dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2)))),
                f"138{place:08d}",
                dice.choice(("女", "男", "")),
                f"{dice.randrange(1950, 2005)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}",
                dice.choice(("朋友介绍", "抖音", "小红书", "")),
                dice.choice(("", "青霉素过敏", "")),
                owner,
                dice.choice(("未成交", "已付款", "")),
                first.isoformat(),
                last.isoformat(),
                project,
            ]
        )
    return made


def _set(column: int, value: str) -> Callable[[list[Row], int], None]:
    def plant(made: list[Row], place: int) -> None:
        made[place][column] = value

    return plant


def _same_number(made: list[Row], place: int) -> None:
    made[place][0] = made[place - 1][0]


def _ours(made: list[Row], place: int) -> None:
    made[place][0] = f"F9{place:06d}"


def _half(made: list[Row], place: int) -> None:
    made[place] = made[place][:5]


def _backwards(made: list[Row], place: int) -> None:
    made[place][9], made[place][10] = "2024-05-02", "2024-05-01"


# What is planted, and the column it is named by (None: the row).
PLANTS: Mapping[Kind, tuple[int | None, Callable[[list[Row], int], None]]] = {
    Kind.NAME_MISSING: (1, _set(1, "  ")),
    Kind.NAME_LONG: (1, _set(1, "名" * 51)),
    Kind.PHONE_LENGTH: (2, _set(2, "1380013800")),
    Kind.PHONE_IMPOSSIBLE: (2, _set(2, "无")),
    Kind.GENDER_UNKNOWN: (3, _set(3, "甲")),
    Kind.DATE_IMPOSSIBLE: (4, _set(4, "1990-02-30")),
    Kind.DATE_AMBIGUOUS: (4, _set(4, "03/04/1990")),
    Kind.DATE_UNREADABLE: (4, _set(4, "去年")),
    Kind.BIRTH_FUTURE: (4, _set(4, "2199-01-01")),
    Kind.BIRTH_TOO_OLD: (4, _set(4, "1850-01-01")),
    Kind.VISIT_FUTURE: (10, _set(10, "2199-01-01")),
    Kind.LAST_BEFORE_FIRST: (10, _backwards),
    Kind.OWNER_UNKNOWN: (7, _set(7, "查无此人")),
    Kind.FILE_NUMBER_WRONG: (0, _set(0, "号" * 21)),
    Kind.FILE_NUMBER_TWICE: (0, _same_number),
    Kind.FILE_NUMBER_OURS: (0, _ours),
    Kind.PROJECT_UNKNOWN: (11, _set(11, "隐身术")),
    Kind.STANDING_UNKNOWN: (8, _set(8, "也许")),
    Kind.TEXT_LONG: (5, _set(5, "很" * 61)),
    Kind.CONTROL_CHARACTER: (1, _set(1, "王\x00小美")),
    Kind.HALF_ROW: (None, _half),
}


def with_mistakes(made: Sequence[Row], number: int) -> tuple[list[Row], set[tuple[int, int | None, str]]]:
    """Return a copy of the rows with so many mistakes of every kind planted, and row, column and kind of each."""
    spoilt = [list(row) for row in made]
    # Every other row at most, so that a number that stands twice meets one that is right.
    places = random.Random(number).sample(range(1, len(made) - 1, 2), number)
    planted = set()
    for turn, place in enumerate(places):
        kind, (column, plant) = list(PLANTS.items())[turn % len(PLANTS)]
        plant(spoilt, place)
        planted.add((place + 2, column, kind.value))
    return spoilt, planted


def as_csv(made: Sequence[Row], *, encoding: str = "utf-8-sig", header: Sequence[str] = HEADER) -> bytes:
    """Return the rows as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(made)
    return text.getvalue().encode(encoding)


def as_xlsx(made: Sequence[Sequence[Any]], *, header: Sequence[str] = HEADER) -> bytes:
    """Return the rows as an .xlsx, everything as it is given: text as text, numbers as numbers, days as days."""
    content = BytesIO()
    with Workbook(content, {"strings_to_formulas": False, "default_date_format": "yyyy/m/d"}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([header, *made]):
            for place, value in enumerate(row):
                sheet.write(line, place, value)
    return content.getvalue()


def upload(content: bytes, staff: Staff, now: Any, name: str = "老系统.csv") -> ImportBatch:
    """Return the file as it is after its upload."""
    return imports.upload_import(
        file=BytesIO(content), file_name=name, size=len(content), request_key=uuid4(), staff=staff, now=now
    )


USUAL = (
    "file_number", "name", "phone", "gender", "birth_on", "heard_from", "medical_notes", "owner", "standing",
    "first_visit_on", "last_visit_on", "project",
)  # fmt: skip


def checked(
    content: bytes,
    staff: Staff,
    now: Any,
    *,
    fields: Sequence[str] = USUAL,
    identify_by: str = "file_number",
    on_duplicate: str = "skip",
) -> ImportBatch:
    """Return the file after its check."""
    batch = upload(content, staff, now)
    return checked_again(batch, staff, now, fields=fields, identify_by=identify_by, on_duplicate=on_duplicate)


def checked_again(batch: ImportBatch, staff: Staff, now: Any, **matching: Any) -> ImportBatch:
    """Match a file that was uploaded already, and check it."""
    imports.match_import(batch=batch, staff=staff, now=now, **matching)
    check_import(job_id=batch.job_id or "", now=now)
    batch.refresh_from_db()
    return batch


def imported(batch: ImportBatch, staff: Staff, now: Any, *, same_again: bool = False) -> ImportBatch:
    """Take a checked file in."""
    imports.run_import(batch=batch, same_again=same_again, staff=staff, now=now)
    write_import(job_id=batch.job_id or "", now=now)
    batch.refresh_from_db()
    return batch


def undone(batch: ImportBatch, staff: Staff, now: Any) -> ImportBatch:
    """Take an import back."""
    imports.undo_import(batch=batch, staff=staff, now=now)
    take_back_import(job_id=batch.job_id or "", now=now)
    batch.refresh_from_db()
    return batch
