"""Treatments under way today: tests out and back, a theatre, doses, a package, a complication."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count

from clinic.models import Department, Staff
from clinic.roles import Role
from complaints.demo.story import Story
from consultations import services
from consultations.models import Deal, DealLine, Drug, SignedForm, Treatment
from consultations.selectors.readiness import forms_before
from reception.models import Standing, Visitor

_K = Department.Kind
# Which department, which of its projects, how many minutes ago she came, and how far she is.
TOLD: Sequence[tuple[Department.Kind, str, int, tuple[str, ...]]] = (
    (_K.SURGERY, "double-eyelid", 75, ("arrived", "preparing", "in_theatre")),
    (_K.SURGERY, "rhinoplasty", 50, ("arrived", "preparing")),
    (_K.SURGERY, "eye-bags", 190, ("arrived", "preparing", "in_theatre", "done")),
    (_K.NON_INVASIVE, "botulinum-face", 45, ("arrived", "preparing", "in_theatre", "done")),
    (_K.NON_INVASIVE, "hyaluronic-filler", 25, ("arrived", "preparing")),
    (_K.LASER, "picosecond-laser", 30, ("arrived", "in_theatre")),
    (_K.LASER, "hair-removal", 12, ("arrived",)),
    (_K.SURGERY, "fat-grafting", 0, ()),
)


def tell_treatments(story: Story, now: datetime) -> int:
    """Let some visitors be treated right now, by the services the departments use; return how many."""
    return _Ward(story, now).tell()


class _Ward:
    """The departments this morning."""

    def __init__(self, story: Story, now: datetime) -> None:
        self.story, self.now = story, now
        self.branch = story.hospital.branch
        self.midnight = datetime.combine(story.today, time(), self.branch.zone) + timedelta(seconds=30)
        self.projects = {project.code: project for project in story.hospital.projects}

    def at(self, minutes_ago: float) -> datetime:
        """Return an instant of today so many minutes ago."""
        return max(self.now - timedelta(minutes=minutes_ago), self.midnight)

    def tell(self) -> int:
        """Lead each of them as far as she is."""
        visitors = (
            Visitor.objects.filter(standing=Standing.PAID, merged_into=None)
            .exclude(phone="")
            .exclude(treatments__treated_on=self.story.today)
            .order_by("pk")
        )
        filed = 0
        # Who came first is through first: a doctor is in theatre with one at a time.
        told = sorted(zip(visitors[: len(TOLD)], TOLD, strict=False), key=lambda pair: -pair[1][2])
        for visitor, (kind, code, ago, stages) in told:
            self._lead(visitor, kind, code, ago, stages)
            filed += 1
        return filed

    def _nurse(self, kind: Department.Kind) -> Staff:
        nurses = self.story.hospital.by_role[Role.NURSE]
        return next(one for one in nurses if one.department and one.department.kind == kind)

    def _lead(self, visitor: Visitor, kind: Department.Kind, code: str, ago: int, stages: Sequence[str]) -> None:
        project, nurse = self.projects[code], self._nurse(kind)
        doctor = self.story.hospital.doctors(kind)[0]
        line = self._package() if code == "picosecond-laser" else None
        visitor = line.deal.visitor if line else visitor
        treatment = services.file_treatment(
            visitor=visitor,
            project=line.project if line else project,
            doctor=doctor,
            treated_on=self.story.today,
            state=Treatment.State.PLANNED,
            deal_line=line,
            staff=doctor,
            branch=self.branch,
            now=self.at(ago + 20),
        )
        if stages:
            for form in forms_before(treatment):
                services.note_signed_form(
                    visitor=visitor,
                    treatment=treatment,
                    project=treatment.project,
                    kind=form,
                    answer=SignedForm.Answer.SIGNED,
                    staff=nurse,
                    now=self.at(ago + 5),
                )
        for number, stage in enumerate(stages):
            treatment = services.advance_treatment(
                treatment=treatment,
                stage=stage,
                room={_K.SURGERY: "手术室1", _K.LASER: "激光2室"}.get(kind, "注射1室")
                if stage == "in_theatre"
                else None,
                expected_minutes=60 if stage == "in_theatre" and kind == _K.SURGERY else None,
                staff=nurse,
                now=self.at(ago - number * ago / (len(stages) + 1)),
            )
        self._beside(treatment, code, nurse, ago)

    def _beside(self, treatment: Treatment, code: str, nurse: Staff, ago: int) -> None:
        laboratory = self.story.hospital.one(Role.LABORATORY)
        if code == "rhinoplasty":
            bad = services.order_step(treatment=treatment, kind="tests_1", staff=nurse, now=self.at(ago - 5))
            bad = services.answer_step(
                step=bad, result="abnormal", words="活化部分凝血活酶时间延长", staff=laboratory, now=self.at(ago - 20)
            )
            services.order_step(treatment=treatment, kind="tests_1", retest_of=bad, staff=nurse, now=self.at(ago - 25))
            services.order_step(treatment=treatment, kind="tests_2", staff=nurse, now=self.at(8))
            services.order_step(treatment=treatment, kind="photographs", staff=nurse, now=self.at(6))
        if code == "hyaluronic-filler":
            services.order_step(treatment=treatment, kind="payment", staff=nurse, now=self.at(11))
        if code == "botulinum-face":
            toxin = Drug.objects.get(code="botulinum-toxin")
            for site, dose in (("额部", "10"), ("眉间", "20"), ("鱼尾纹", "12.5")):
                services.record_drug_use(
                    treatment=treatment,
                    drug=toxin,
                    batch="C3709",
                    dose=Decimal(dose),
                    site=site,
                    staff=nurse,
                    now=self.at(8),
                )
            services.hand_over_treatment(treatment=treatment, text="会员八折；尾款已付清", staff=nurse, now=self.at(5))
        if code == "eye-bags":
            services.note_complication(
                treatment=treatment, text="左侧下睑轻度血肿，已加压冷敷，两小时后复查", staff=nurse, now=self.at(20)
            )

    def _package(self) -> DealLine | None:
        """Return a package of six sessions that somebody bought at the laser department."""
        bought = Deal.objects.annotate(number=Count("projects")).filter(
            number=1, lines=None, kind=Deal.Kind.PAID, visitor__merged_into=None
        )
        bought = bought.exclude(visitor__treatments__treated_on=self.story.today)
        for deal in bought.order_by("-pk").prefetch_related("projects__department")[:200]:
            project = deal.projects.all()[0]
            if project.department.kind == _K.LASER:
                return DealLine.objects.create(deal=deal, project=project, sessions=6, amount=deal.amount)
        return None
