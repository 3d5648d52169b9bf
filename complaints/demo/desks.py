"""Today at the departments' desks of the demo: reviews, a doctor in theatre, somebody with numbing cream."""

from datetime import datetime, timedelta

from clinic.models import Department, Staff
from clinic.roles import Role
from complaints.demo.story import Story
from consultations import services
from consultations.models import DeskCase, Treatment
from reception import services as reception
from reception.models import Visit
from triage import services as triage

BEGAN_AGO = timedelta(minutes=70)


def tell_desks(story: Story, now: datetime) -> int:
    """Open the boards of surgery and laser for today and bring some visitors there; return how many."""
    began = max(story.instant(story.today, 0, 1), now - BEGAN_AGO)
    Desk(story, Department.Kind.LASER, began, now).laser()
    Desk(story, Department.Kind.SURGERY, began, now).surgery()
    return DeskCase.objects.count()


class Desk:
    """One department's desk; its steps lie between its opening and now, in order."""

    def __init__(self, story: Story, kind: Department.Kind, began: datetime, now: datetime) -> None:
        hospital = story.hospital
        self.story, self.began, self.now, self.branch = story, began, now, hospital.branch
        self.at = began
        self.department = Department.objects.get(branch=self.branch, kind=kind)
        self.doctors = hospital.doctors(kind.value)
        assisting = [*hospital.by_role[Role.NURSE], *hospital.by_role[Role.BEAUTICIAN]]
        self.people = [*self.doctors, *(one for one in assisting if one.department_id == self.department.pk)]
        desks = hospital.by_role[Role.DEPARTMENT_DESK]
        self.clerk = next(one for one in desks if one.department_id == self.department.pk)
        self.front = hospital.one(Role.RECEPTION)

    def surgery(self) -> None:
        """One doctor operates, two wait for him; one is off; one visitor waits with numbing cream; one is expected."""
        here = [one for one in self.people if one != self.doctors[-1]]
        self._open(here)
        busy, second = self.doctors[0], self.doctors[1]
        self._received(second)
        self._received(None)
        inside = self._given(self._in(busy))
        services.enter_case(case=inside, staff=self.clerk, now=self._later())
        self._given(self._in(busy))
        self._in(busy)
        self._in(self.doctors[-1])
        case = self._in(None)
        services.start_numbing(case=case, minutes=40, staff=self.clerk, now=self._later())
        self._arrives(self.doctors[1])

    def laser(self) -> None:
        """One was received, one is called, one waits for whoever is next in turn."""
        self._open(self.people)
        self._received(self.doctors[0])
        self._given(self._in(None))
        self._in(None)

    def _open(self, here: list[Staff]) -> None:
        triage.open_board(
            branch=self.branch,
            desk=self.department.code,
            day=self.story.today,
            consultants=self.people,
            present=here,
            off=[one for one in self.people if one not in here],
            staff=self.clerk,
            now=self.at,
        )

    def _later(self) -> datetime:
        """Let a fortieth of the time since the opening pass, and return the moment."""
        self.at = min(self.at + (self.now - self.began) / 40, self.now)
        return self.at

    def _treated_by(self, doctor: Staff | None) -> Treatment | None:
        """Return the last treatment here of somebody who has not come today, by this doctor (None: by any)."""
        done = Treatment.objects.filter(
            branch=self.branch, project__department=self.department, state=Treatment.State.DONE
        ).exclude(visitor__visits__day=self.story.today)
        if doctor is not None:
            done = done.filter(doctor=doctor)
        return done.select_related("visitor", "project", "doctor").order_by("-treated_on", "pk").first()

    def _arrives(self, doctor: Staff | None) -> tuple[Visit, Treatment]:
        """Let somebody come back for a review, and the front desk send her here (A1)."""
        treatment = self._treated_by(doctor)
        assert treatment is not None
        at = self._later()
        visit = reception.register_arrival(
            visitor=treatment.visitor,
            branch=self.branch,
            projects=[treatment.project],
            purpose=Visit.Purpose.REVIEW,
            staff=self.front,
            now=at,
        )
        triage.allocate_visit(visit=visit, expected_sequence=None, staff=self.front, now=at)
        return visit, treatment

    def _in(self, doctor: Staff | None) -> DeskCase:
        """Take somebody in: for a review with this doctor, or for whoever is next in turn."""
        visit, treatment = self._arrives(doctor)
        return services.take_in(
            visit=visit,
            department=self.department,
            purpose=DeskCase.Purpose.REVIEW if doctor else DeskCase.Purpose.CONSULT,
            treatment=treatment if doctor else None,
            staff=self.clerk,
            now=self._later(),
        )

    def _given(self, case: DeskCase) -> DeskCase:
        services.give_case(case=case, expected_sequence=None, staff=self.clerk, now=self._later())
        return case

    def _received(self, doctor: Staff | None) -> None:
        case = self._given(self._in(doctor))
        services.enter_case(case=case, staff=self.clerk, now=self._later())
        services.finish_case(case=case, staff=self.clerk, now=self._later())
