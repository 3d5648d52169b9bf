"""Rows as they stand in the file, turned into visitors and their history, or into mistakes by column. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from reception import keys, names, phones
from reception.importing.columns import Field
from reception.importing.mistakes import Kind
from reception.importing.reading import is_empty

OLDEST = 120
LONGEST = {Field.HEARD_FROM: 60, Field.NOTES: 2000}
# Text beside a day of history, kept where it names nobody and nothing we know.
LONGEST_WORD = 60

_SURROGATES = re.compile("[\ud800-\udfff]")
_FILE_NUMBER = re.compile(r"[^\W_][\w-]{0,19}")
_GIVEN_OUT = re.compile(r"F\d{6,}")
_ISO = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_OTHER = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{2}|\d{4})")
_TIME = re.compile(r"[T\s]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
# What carrier codes begin with stays with the parser, which takes them off.
_MOBILE = re.compile(r"1(?!79)[3-9]\d{9}")

GENDERS = {
    "女": "female", "女性": "female", "female": "female", "f": "female", "woman": "female",
    "男": "male", "男性": "male", "male": "male", "m": "male", "man": "male",
    "其他": "other", "其它": "other", "other": "other",
    "": "unknown", "未知": "unknown", "不详": "unknown", "保密": "unknown", "unknown": "unknown",
}  # fmt: skip
STANDINGS = {
    "": "", "未咨询": "new", "新客": "new", "未面诊": "new", "new": "new", "neverconsulted": "new",
    "未成交": "no_deal", "已咨询": "no_deal", "已咨询未成交": "no_deal", "nodeal": "no_deal",
    "consultednodeal": "no_deal",
    "定金": "deposit", "订金": "deposit", "已付定金": "deposit", "已交定金": "deposit", "deposit": "deposit",
    "depositpaid": "deposit",
    "已付款": "paid", "全款": "paid", "已成交": "paid", "成交": "paid", "paid": "paid",
    "已治疗": "treated", "已手术": "treated", "已消费": "treated", "treated": "treated",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What the file may name: people of the house and projects, by their folded names and codes."""

    staff: Mapping[str, Sequence[int]]
    projects: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in which row and column (None: the row as a whole), with the value as it was typed."""

    row: int
    column: int | None
    kind: Kind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A visit in the other system: its day, and what is known of it."""

    day: date
    projects: tuple[int, ...] = ()
    project_text: str = ""
    consultant: int | None = None
    consultant_text: str = ""


@dataclass(slots=True)
class Row:
    """A row as it will be written down; complete only while `mistakes` is empty."""

    number: int
    name: str = ""
    phone: str = ""
    gender: str = "unknown"
    birth_on: date | None = None
    file_number: str = ""
    heard_from: str = ""
    medical_notes: str = ""
    owner: int | None = None
    standing: str = ""
    first_visit_on: date | None = None
    last_visit_on: date | None = None
    visits: list[Past] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def consulted_by(self) -> list[int]:
        """Return who of the house consulted her, the first one first."""
        return list(dict.fromkeys(past.consultant for past in self.visits if past.consultant is not None))

    @property
    def keys(self) -> set[tuple[str, str]]:
        """Return the keys she is found by, without those of a file number that is still to be given."""
        return {*_name_keys(self.name), *_phone_keys(self.phone), *((keys.FILE, one) for one in _file_keys(self))}


@lru_cache(maxsize=50_000)
def _name_keys(name: str) -> frozenset[tuple[str, str]]:
    return frozenset(keys.search_keys(name=name, phone="", file_number=""))


def _phone_keys(phone: str) -> set[tuple[str, str]]:
    """Return the keys of a phone; those of a Chinese mobile number are its digits, which is quickly said."""
    if _MOBILE.fullmatch(phone.removeprefix("+86")) and phone.startswith("+86"):
        return {(keys.PHONE, phone[3:]), (keys.PHONE_END, phone[:0:-1]), (keys.LAST_FOUR, phone[-4:])}
    return keys.search_keys(name="", phone=phone, file_number="")


def _file_keys(row: Row) -> set[str]:
    return keys.file_keys(row.file_number) if row.file_number else set()


class Checker:
    """Checks the rows of one file, one after the other; knows what stood in the rows before."""

    def __init__(self, *, fields: Sequence[str], header: Sequence[str], known: Known, today: date, once: bool) -> None:
        """`fields` is the field of each column, empty for none; `once`: nobody may stand in the file twice."""
        self.fields, self.header, self.known, self.today, self.once = fields, header, known, today, once
        self.matched = [place for place, one in enumerate(fields) if one]
        self.place = {one: place for place, one in enumerate(fields) if one}
        self.file_numbers: dict[str, int] = {}
        self.people: dict[tuple[str, str], int] = {}

    def check(self, number: int, cells: Sequence[str]) -> Row | None:
        """Return the row with its mistakes; None for one that says nothing."""
        if is_empty(list(cells)):
            return None
        row = Row(number)
        if len(cells) < len(self.header):
            row.mistakes.append(Mistake(number, None, Kind.HALF_ROW, _joined(cells)))
            return row
        if any(cell.strip() for cell in cells[len(self.header) :]):
            row.mistakes.append(Mistake(number, None, Kind.EXTRA_CELLS, _joined(cells[len(self.header) :])))
            return row
        text: dict[str, str] = {}
        notes = []
        for place in self.matched:
            value = cells[place]
            if not value.isascii() and _SURROGATES.search(value):
                self._wrong(row, place, Kind.WRONG_BYTE, value)
            elif not value.isprintable() and _controls(value):
                self._wrong(row, place, Kind.CONTROL_CHARACTER, value)
            elif self.fields[place] == Field.NOTES:
                notes.append((place, value.strip()))
            else:
                text[self.fields[place]] = value.strip()
        self._person(row, text)
        self._words(row, text, notes)
        self._history(row, text)
        return row

    def _wrong(self, row: Row, column: int | str, kind: Kind, value: str) -> None:
        place = self.place[column] if isinstance(column, str) else column
        row.mistakes.append(Mistake(row.number, place, kind, value))

    def _person(self, row: Row, text: Mapping[str, str]) -> None:
        if (typed := text.get(Field.NAME)) is not None:
            row.name = names.clean_name(typed)
            if not row.name:
                self._wrong(row, Field.NAME, Kind.NAME_MISSING, typed)
            elif len(row.name) > 50:
                self._wrong(row, Field.NAME, Kind.NAME_LONG, typed)
        if typed := text.get(Field.PHONE, ""):
            self._phone(row, typed)
        if (typed := text.get(Field.GENDER, "")) and (found := GENDERS.get(names.fold(typed))) is None:
            self._wrong(row, Field.GENDER, Kind.GENDER_UNKNOWN, typed)
        elif typed:
            row.gender = found or "unknown"
        row.birth_on = self._day(row, text, Field.BIRTH_ON)
        if row.birth_on and row.birth_on > self.today:
            self._wrong(row, Field.BIRTH_ON, Kind.BIRTH_FUTURE, text[Field.BIRTH_ON])
        elif row.birth_on and row.birth_on.year < self.today.year - OLDEST:
            self._wrong(row, Field.BIRTH_ON, Kind.BIRTH_TOO_OLD, text[Field.BIRTH_ON])
        if typed := text.get(Field.FILE_NUMBER, ""):
            self._file_number(row, typed)
        if self.once and row.name and row.phone:
            person = (names.fold(row.name), row.phone)
            if self.people.setdefault(person, row.number) != row.number:
                self._wrong(row, Field.NAME, Kind.PERSON_TWICE, row.name)

    def _phone(self, row: Row, typed: str) -> None:
        if _MOBILE.fullmatch(typed) and typed.isascii():
            row.phone = "+86" + typed
            return
        try:
            row.phone = phones.parse_phone(typed)
        except phones.WrongPhone:
            digits = phones.digits_of(typed)
            letters = any(one.isalpha() for one in typed)
            mobile = digits.startswith("1") and not typed.startswith(("+", "＋"))
            off = not 9 <= len(digits) <= 15 or (mobile and len(digits) != 11)
            self._wrong(row, Field.PHONE, Kind.PHONE_LENGTH if off and not letters else Kind.PHONE_IMPOSSIBLE, typed)

    def _file_number(self, row: Row, typed: str) -> None:
        number = unicodedata.normalize("NFKC", typed)
        if not _FILE_NUMBER.fullmatch(number):
            self._wrong(row, Field.FILE_NUMBER, Kind.FILE_NUMBER_WRONG, typed)
            return
        row.file_number = number
        if self.file_numbers.setdefault(number, row.number) != row.number:
            self._wrong(row, Field.FILE_NUMBER, Kind.FILE_NUMBER_TWICE, typed)

    def _words(self, row: Row, text: Mapping[str, str], notes: Sequence[tuple[int, str]]) -> None:
        row.heard_from = _plain(text.get(Field.HEARD_FROM, ""))
        if len(row.heard_from) > LONGEST[Field.HEARD_FROM]:
            self._wrong(row, Field.HEARD_FROM, Kind.TEXT_LONG, row.heard_from)
        lines = [f"{self.header[place]}: {value}" if len(notes) > 1 else value for place, value in notes if value]
        row.medical_notes = _plain("\n".join(lines))
        if len(row.medical_notes) > LONGEST[Field.NOTES]:
            longest = max(notes, key=lambda note: len(note[1]))
            self._wrong(row, longest[0], Kind.TEXT_LONG, longest[1])
        if typed := text.get(Field.OWNER, ""):
            people = self.known.staff.get(names.fold(typed), ())
            if len(people) == 1:
                row.owner = people[0]
            else:
                self._wrong(row, Field.OWNER, Kind.OWNER_AMBIGUOUS if people else Kind.OWNER_UNKNOWN, typed)
        typed = text.get(Field.STANDING, "")
        standing = STANDINGS.get(names.fold(typed))
        if standing is None:
            self._wrong(row, Field.STANDING, Kind.STANDING_UNKNOWN, typed)
        row.standing = standing or ""

    def _history(self, row: Row, text: Mapping[str, str]) -> None:
        first, last = self._past_day(row, text, Field.FIRST_VISIT_ON), self._past_day(row, text, Field.LAST_VISIT_ON)
        if first and last and last < first:
            self._wrong(row, Field.LAST_VISIT_ON, Kind.LAST_BEFORE_FIRST, text[Field.LAST_VISIT_ON])
        found = {day: Past(day) for day in (first, last) if day}
        told = self._told(row, text.get(Field.PROJECT, ""), text.get(Field.CONSULTANT, ""))
        if last and told:
            found[last] = Past(last, *told)
        for entry in re.split(r"[;；\n]+", text.get(Field.VISITS, "")):
            if past := self._entry(row, entry.strip()):
                found[past.day] = past
        row.visits = [found[day] for day in sorted(found)]
        row.first_visit_on = min(found, default=None)
        row.last_visit_on = max(found, default=None)
        if not row.standing and any(past.consultant_text for past in row.visits):
            # Somebody received her: she is not new to us.
            row.standing = "no_deal"

    def _told(
        self, row: Row, projects: str, consultant: str, column: Field = Field.PROJECT
    ) -> tuple[tuple[int, ...], str, int | None, str] | None:
        """Return projects and consultant of a visit, in numbers and in words; None when neither is said."""
        if not projects and not consultant:
            return None
        numbers = []
        for word in re.split(r"[、,，+/|]+", projects):
            if not (one := word.strip()):
                continue
            if (number := self.known.projects.get(names.fold(one))) is None:
                self._wrong(row, column, Kind.PROJECT_UNKNOWN, one)
            else:
                numbers.append(number)
        people = self.known.staff.get(names.fold(consultant), ()) if consultant else ()
        person = people[0] if len(people) == 1 else None
        return tuple(numbers), _plain(projects)[:200], person, _plain(consultant)[:LONGEST_WORD]

    def _entry(self, row: Row, entry: str) -> Past | None:
        """Return one visit of many in a cell: day, project and consultant, with spaces between."""
        if not entry:
            return None
        day_text, *rest = entry.split(maxsplit=2)
        day = self._read_day(row, Field.VISITS, day_text)
        if day is None:
            return None
        if day > self.today:
            self._wrong(row, Field.VISITS, Kind.VISIT_FUTURE, entry)
            return None
        told = self._told(row, rest[0] if rest else "", rest[1] if len(rest) > 1 else "", Field.VISITS)
        return Past(day, *told) if told else Past(day)

    def _past_day(self, row: Row, text: Mapping[str, str], column: Field) -> date | None:
        day = self._day(row, text, column)
        if day and day > self.today:
            self._wrong(row, column, Kind.VISIT_FUTURE, text[column])
            return None
        return day

    def _day(self, row: Row, text: Mapping[str, str], column: Field) -> date | None:
        typed = text.get(column, "")
        return self._read_day(row, column, typed) if typed else None

    def _read_day(self, row: Row, column: Field, typed: str) -> date | None:
        found = read_day(typed)
        if isinstance(found, Kind):
            self._wrong(row, column, found, typed)
            return None
        return found


def read_day(typed: str) -> date | Kind:
    """Return the day a text means, or why it means none. A time of day behind it is left out."""
    text = _TIME.sub("", unicodedata.normalize("NFKC", typed).strip())
    if match := _ISO.fullmatch(text) or _PLAIN.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _OTHER.fullmatch(text):
        first, second, year = map(int, match.groups())
        if len(match[3]) == 2 or (first <= 12 and second <= 12 and first != second):
            return Kind.DATE_AMBIGUOUS
        day, month = (first, second) if first > 12 else (second, first)
    else:
        return Kind.DATE_UNREADABLE
    try:
        return date(year, month, day)
    except ValueError:
        return Kind.DATE_IMPOSSIBLE


def given_out_later(number: str) -> bool:
    """Say whether a file number is of the form this system gives out itself."""
    return bool(_GIVEN_OUT.fullmatch(number))


def _controls(value: str) -> bool:
    return any(unicodedata.category(one) == "Cc" and one not in "\t\n\r" for one in value)


def _plain(text: str) -> str:
    """Return the text without marks that turn its direction or hide in it; lines stay."""
    return "".join(one for one in text if unicodedata.category(one) != "Cf" or one in "\u200c\u200d")


def _joined(cells: Sequence[str]) -> str:
    return ", ".join(cell.strip() for cell in cells if cell.strip())
