"""What has been told so far: the rows of the demo, kept in memory until they are written set by set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.db import connection
from django.db.models import Model

from clinic.models import Department, Project, Staff
from complaints.demo import words
from complaints.demo.hospital import Hospital
from consultations.models import Consultation, Deal, Treatment
from reception.models import Standing, Visit, Visitor, VisitProject
from triage.engine.decision import Decision as Answer
from triage.engine.decision import Situation
from triage.engine.facts import Board as EngineBoard
from triage.engine.ledger import Entry

# Data-only SIM ranges: numbers of the right form that ring with nobody.
PHONE_PREFIXES = ("+861450000", "+861470000")
LADDER = (Standing.NEW, Standing.NO_DEAL, Standing.DEPOSIT, Standing.PAID, Standing.TREATED)
KINDS = (Department.Kind.SURGERY, Department.Kind.LASER, Department.Kind.NON_INVASIVE)
# The consultants wait some days before they ask for a balance; most pay it when they come to be treated.
SETTLED_AFTER = timedelta(days=4)
PRICES = {
    Department.Kind.SURGERY: (6_800, 68_000),
    Department.Kind.LASER: (680, 6_800),
    Department.Kind.NON_INVASIVE: (1_280, 12_800),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision with the facts it was made from. `sequence` None: no ledger entry was needed."""

    visit: Visit
    situation: Situation
    answer: Answer
    sequence: int | None
    at: datetime
    by: Staff


@dataclass(slots=True)
class BoardDay:
    """One day of the front desk: everything its ledger says."""

    day: date
    opened_at: datetime
    opened_by: Staff
    board: EngineBoard = field(default_factory=EngineBoard)
    entries: list[Entry] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    visits: int = 0
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sale:
    """A deal with what was bought; all of it is credited to the consultant. `settled`: the balance was paid since."""

    deal: Deal
    projects: tuple[Project, ...]
    deposit: Decimal
    settled: bool


class Ids:
    """Primary keys taken from the table's own sequence, so that facts can name rows before they are written."""

    def __init__(self, model: type[Model], at_once: int = 500) -> None:
        self._table = model._meta.db_table
        self._at_once = at_once
        self._ids = self._take()

    def next(self) -> int:
        """Return a key nobody else gets."""
        return next(self._ids)

    def _take(self) -> Iterator[int]:
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [self._table, self._at_once],
                )
                numbers = [int(row[0]) for row in cursor.fetchall()]
            yield from numbers


class Story:
    """The hospital's visitors and what happened to them, and the dice it was told by."""

    def __init__(self, hospital: Hospital, dice: Random, today: date) -> None:
        self.hospital = hospital
        self.dice = dice
        self.today = today
        self.visitors: list[Visitor] = []
        self.visits: list[Visit] = []
        self.wishes: list[VisitProject] = []
        self.boards: list[BoardDay] = []
        self.consultations: list[Consultation] = []
        self.sales: list[Sale] = []
        self.treatments: list[Treatment] = []
        self.visitor_ids = Ids(Visitor)
        self.visit_ids = Ids(Visit)
        self.consultation_ids = Ids(Consultation)
        self.deal_ids = Ids(Deal)
        self.treatment_ids = Ids(Treatment)
        self._phones: set[str] = set()
        self._booked: set[tuple[int, int, date]] = set()

    def instant(self, day: date, hour: int, minute: float = 0.0) -> datetime:
        """Return an instant of a day by the branch's clock, to the second."""
        start = datetime.combine(day, time(hour), self.hospital.branch.zone)
        return start + timedelta(seconds=round(minute * 60))

    def new_visitor(self, registered_at: datetime, clerk: Staff) -> Visitor:
        """Invent a person."""
        dice = self.dice
        woman = dice.random() < 0.9
        born = None
        if dice.random() < 0.7:
            years = min(max(dice.gauss(34, 10), 18), 72)
            born = registered_at.date() - timedelta(days=int(years * 365.25) + dice.randrange(365))
        visitor = Visitor(
            pk=self.visitor_ids.next(),
            name=self._name(woman),
            phone=self._phone() if dice.random() < 0.97 else "",
            gender=Visitor.Gender.FEMALE if woman else Visitor.Gender.MALE,
            birth_on=born,
            heard_from=dice.choice(words.HEARD_FROM) if dice.random() < 0.8 else "",
            medical_notes=dice.choice(words.MEDICAL_NOTES) if dice.random() < 0.12 else "",
            card_declined=dice.random() < 0.04,
            vip=dice.random() < 0.03,
            standing=Standing.NEW,
            consulted_by=[],
            registered_at=registered_at,
            registered_by=clerk,
            registered_in=self.hospital.branch,
        )
        self.visitors.append(visitor)
        return visitor

    def new_name(self) -> str:
        """Invent the name of a woman who is not on file."""
        return self._name(woman=True)

    def new_phone(self) -> str:
        """Invent a number nobody has."""
        return self._phone()

    def some_projects(self) -> tuple[Project, ...]:
        """Return what somebody asks for, in the order she names it; common wishes more often."""
        kind = self.dice.choices(KINDS, weights=(38, 30, 32))[0]
        first = self._project(kind)
        if self.dice.random() > 0.22:
            return (first,)
        second = self._project(self.dice.choice(KINDS))
        return (first,) if second.pk == first.pk else (first, second)

    def rise(self, visitor: Visitor, standing: Standing) -> None:
        """Note how far a visitor got; nobody falls back."""
        if LADDER.index(standing) > LADDER.index(Standing(visitor.standing)):
            visitor.standing = standing

    def sell(self, consultation: Consultation, projects: Sequence[Project], at: datetime) -> Deal:
        """Record a deal on what was asked for; operations are often begun with a deposit."""
        dice = self.dice
        major = projects[0]
        surgery = major.department.kind == Department.Kind.SURGERY
        deposit = surgery and dice.random() < 0.45
        low, high = PRICES[Department.Kind(major.department.kind)]
        price = low + (high - low) * dice.random() ** 2
        paid_now = Decimal(dice.choice((500, 1000, 2000))) if deposit else Decimal(0)
        amount = Decimal(round(price / 100) * 100 - 20)
        deal = Deal(
            pk=self.deal_ids.next(),
            consultation=consultation,
            visitor=consultation.visitor,
            branch=self.hospital.branch,
            kind=Deal.Kind.DEPOSIT if deposit else Deal.Kind.PAID,
            amount=amount,
            made_at=at,
            made_by=consultation.consultant,
        )
        # Dice of their own: what is rolled for money changes nothing else of the story.
        settled = self.today - at.date() > SETTLED_AFTER and Random(len(self.sales)).random() < 0.8  # noqa: S311
        self.sales.append(Sale(deal, tuple(projects), paid_now, settled))
        self.rise(consultation.visitor, Standing.PAID if settled or not deposit else Standing.DEPOSIT)
        return deal

    def treat(
        self,
        visitor: Visitor,
        project: Project,
        treated_on: date,
        at: datetime,
        by: Staff,
        consultation: Consultation | None = None,
    ) -> Treatment | None:
        """Plan or record a treatment; None when the same one stands on that day already."""
        doctors = self.hospital.doctors(project.department.kind)
        if not doctors or (visitor.pk, project.pk, treated_on) in self._booked:
            return None
        self._booked.add((visitor.pk, project.pk, treated_on))
        treatment = Treatment(
            pk=self.treatment_ids.next(),
            visitor=visitor,
            branch=self.hospital.branch,
            consultation=consultation,
            project=project,
            doctor=self.dice.choice(doctors),
            treated_on=treated_on,
            state=Treatment.State.PLANNED,
            notes=self.dice.choice(words.TREATMENT_NOTES),
            recorded_at=at,
            recorded_by=by,
            ordered_by=by,
        )
        self.treatments.append(treatment)
        return treatment

    def carry_out(self, before: date) -> None:
        """Everything planned for a day before this one was done, or called off."""
        for treatment in self.treatments:
            if treatment.state == Treatment.State.PLANNED and treatment.treated_on < before:
                if self.dice.random() < 0.04:
                    treatment.state = Treatment.State.CANCELLED
                    treatment.cancel_reason = self.dice.choice(words.CANCEL_REASONS)
                    continue
                treatment.state = Treatment.State.DONE
                self.rise(treatment.visitor, Standing.TREATED)

    def _project(self, kind: str) -> Project:
        choices = self.hospital.projects_of(kind)
        return self.dice.choices(choices, weights=range(len(choices) + 2, 2, -1))[0]

    def _name(self, woman: bool) -> str:
        if self.dice.random() < 0.004:
            return self.dice.choice(words.FOREIGN)
        surname = (
            self.dice.choice(words.LONG_SURNAMES)
            if self.dice.random() < 0.01
            else self.dice.choices(words.SURNAMES, weights=range(len(words.SURNAMES) + 20, 20, -1))[0]
        )
        return surname + self.dice.choice(words.WOMEN if woman else words.MEN)

    def _phone(self) -> str:
        while True:
            phone = f"{self.dice.choice(PHONE_PREFIXES)}{self.dice.randrange(10_000):04d}"
            if phone not in self._phones:
                self._phones.add(phone)
                return phone
