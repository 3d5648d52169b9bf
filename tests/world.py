"""One of every object of the system at a branch, as the people of the branch made it."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.test import Client
from django.urls import reverse

from clinic.catalogue import install_catalogue
from clinic.live import tickets, topics
from clinic.models import Branch, BranchDay, Job, MembershipLevel, Staff
from clinic.roles import Capability, Role, capabilities_of
from complaints.services import build_weekly_report, open_complaint
from consultations.models import (
    DeskCase,
    DiscountRequest,
    Drug,
    HandOver,
    HandOverLine,
    HandOverShare,
    Participant,
    PriorityList,
    Stay,
    Treatment,
)
from consultations.services import (
    Line,
    Planned,
    accept_visit,
    add_plan_item,
    enter_room,
    file_treatment,
    name_for_case,
    record_deal,
    take_in,
    tell_owner,
)
from followups.models import (
    CallAgent,
    CallAttempt,
    CallBack,
    CallBar,
    CallShare,
    OwnerCall,
    Plan,
    Tracking,
    UrgentReview,
)
from followups.services import build_call_backs, build_follow_up_report, report_absence
from reception.models import Amendment, Display, FileRequest, ImportBatch, Visitor
from reception.services import (
    ask_for_message,
    invite,
    register_arrival,
    register_visitor,
    start_kiosk,
    submit_card,
    write_entry,
    write_round_list,
)
from reception.services.retention import freeze_list
from tests.addresses import Address
from tests.conftest import MakeStaff
from tests.factories.appointments import book, pre_report
from tests.factories.photographs import keep_photograph
from tests.factories.treatments import prepared
from triage.engine.rehearsal.compare import Tally
from triage.models import Policy, Rehearsal, TeamMember
from triage.services import allocate_visit, check_in, open_board


class World:
    """One of every object at a branch. A consultant's are her own, a complaint is taken in by whoever looks."""

    def __init__(self, branch: Branch, staff_with: MakeStaff, now: datetime, looker: Staff | None = None) -> None:
        projects = [project for project in install_catalogue(branch) if project.department.kind == "surgery"]
        surgery = projects[0].department
        roles = looker.roles if looker is not None else frozenset()
        desk = staff_with(Role.RECEPTION, branch=branch)
        receives = looker is not None and Capability.WORK_OWN_QUEUE in capabilities_of(roles)
        consultant = looker if looker is not None and receives else staff_with(Role.CONSULTANT, branch=branch)
        doctor = staff_with(Role.DOCTOR, branch=branch, department=surgery)
        if looker is not None:
            looker.department = surgery
            looker.save(update_fields=["department"])
        self.sees_the_front = Capability.VIEW_DESK_BOARD in capabilities_of(roles) or looker is None
        self.visitor = register_visitor(name="曾小满", phone="14500001234", branch=branch, staff=desk, now=now)
        day = branch.today(now)
        if receives and Role.CONSULTANT not in roles:
            # Whoever is no consultant receives visitors as a member of a team.
            Policy.objects.create(branch=branch, version=1, starts_on=day, preset="teams")
            TeamMember.objects.create(branch=branch, team=1, position=1, staff=consultant)
        self.front = open_board(
            branch=branch, day=day, consultants=[consultant], present=[consultant], staff=desk, now=now
        )
        self.theirs = open_board(branch=branch, desk=surgery.code, day=day, consultants=[doctor], staff=desk, now=now)
        self.board = self.front if self.sees_the_front else self.theirs
        self.visit = register_arrival(visitor=self.visitor, branch=branch, projects=projects[:1], staff=desk, now=now)
        allocate_visit(visit=self.visit, expected_sequence=None, staff=desk, now=now)
        self.visit.refresh_from_db()
        self.consultation = accept_visit(visit=self.visit, staff=consultant, now=now)
        enter_room(consultation=self.consultation, staff=consultant, now=now)
        self.consultation.refresh_from_db()
        self.deal = record_deal(
            consultation=self.consultation,
            kind="deposit",
            lines=[Line(projects[0], Decimal(12800))],
            deposit=Decimal(1000),
            staff=consultant,
            now=now,
        )
        self.payment = self.deal.payments.get()
        self.branch_day = BranchDay.objects.create(
            branch=branch, day=branch.today(now) + timedelta(days=9), kind=BranchDay.Kind.CLOSED, name="停业"
        )
        self.level = MembershipLevel.objects.create(name="银卡", name_en="Silver", from_amount=10000)
        # Whoever receives visitors is asked about a colleague's, beside her own.
        asked = consultant if receives else doctor
        self.opinion = Participant.objects.create(
            consultation=self.consultation, staff=asked, part="panel", asked_at=now, asked_by=consultant
        )
        self.owner_hint = tell_owner(
            consultation=self.consultation, owner=None, reason="她说来过", staff=consultant, now=now
        )
        self.treatment = file_treatment(
            visitor=self.visitor,
            project=projects[0],
            doctor=looker if looker is not None and Role.DOCTOR in roles else doctor,
            treated_on=day - timedelta(days=3),
            state=Treatment.State.DONE,
            consultation=self.consultation,
            staff=consultant,
            branch=branch,
            now=now,
        )
        self.drug = Drug.objects.earliest("pk")
        self.treatment_step, self.drug_use, self.treatment_notice = prepared(self.treatment, looker or doctor, now=now)
        self.plan_item = add_plan_item(
            consultation=self.consultation, what=Planned(project=projects[0]), staff=consultant, now=now
        )
        # Somebody else asked, unless it is the consultant herself who looks.
        self.discount_request = DiscountRequest.objects.create(
            branch=branch,
            item=self.plan_item,
            wanted_price=80,
            list_total=100,
            reason="老顾客",
            asked_at=now,
            asked_by=consultant,
        )
        receiver = looker if looker is not None and roles & {Role.DOCTOR, Role.NURSE, Role.BEAUTICIAN} else doctor
        # A desk gives a beautician care alone; here she has the case that everybody has.
        named = doctor if Role.BEAUTICIAN in roles else receiver
        check_in(board=self.theirs, consultant=named, staff=desk, now=now)
        self.case = take_in(visit=self.visit, department=surgery, purpose="consult", staff=desk, now=now)
        name_for_case(case=self.case, consultant=named, reason="点名", turn=None, staff=desk, now=now)
        DeskCase.objects.filter(pk=self.case.pk).update(staff=receiver)
        self.stay = Stay.objects.create(
            visitor=self.visitor,
            treatment=self.treatment,
            branch=branch,
            department=surgery,
            ward="3",
            bed="12",
            doctor=doctor,
            admitted_at=now,
            admitted_by=doctor,
            expected_days=3,
        )
        build_call_backs(branch=branch, now=now)
        self.call_plan = Plan.objects.get(department_kind="surgery")
        self.call_back = CallBack.objects.filter(treatment=self.treatment).earliest("due_on")
        self.call_agent = caller = staff_with(Role.CUSTOMER_SERVICE, branch=branch)
        CallAgent.objects.create(staff=caller)
        self.agent_absence = report_absence(
            agent=caller, first_on=day + timedelta(days=5), last_on=day + timedelta(days=6), staff=desk, now=now
        )
        CallShare.objects.create(
            call_back=self.call_back, branch=branch, staff=caller, day=day, at=now, why="fewest", facts={"loads": {}}
        )
        said = CallAttempt.objects.create(
            call_back=self.call_back, at=now, staff=desk, result="reached", recovery="abnormal", notes="发烧"
        )
        self.review = UrgentReview.objects.create(
            attempt=said,
            treatment=self.treatment,
            visitor=self.visitor,
            branch=branch,
            doctor=looker or doctor,
            asked_at=now,
            asked_by=desk,
            due_at=now + timedelta(minutes=30),
        )
        # Both are over: what was built stays as it is.
        over = {"at": now, "by": desk, "ended_at": now, "ended_by": desk}
        CallBar.objects.create(visitor=self.visitor, reason=CallBar.Reason.DO_NOT_CALL, branch=branch, **over)
        Tracking.objects.create(visitor=self.visitor, reason="修复手术", branch=branch, **over)
        # A service supervisor sees those of visitors whom nobody owns, everybody else those of an owner.
        serves = Capability.SUPERVISE_CALL_BACKS in capabilities_of(roles)
        self.owner_call = OwnerCall.objects.create(
            kind="no_deal",
            about=f"consultation {self.consultation.pk}",
            visitor=self.visitor,
            branch=branch,
            owner=None if serves and not receives else consultant,
            reason="价格",
            due_on=day,
            call_on=day,
            built_at=now,
        )
        self.owner_call.attempts.create(at=now, staff=consultant, result="no_answer")
        self.complaint = open_complaint(
            branch=branch,
            channel="on_site",
            category="service",
            level="minor",
            text="等了四十分钟",
            visitor=self.visitor,
            staff=looker or desk,
            now=now,
        )
        year, week, _ = day.isocalendar()
        build_weekly_report(branch=branch, year=year, week=week, now=now)
        build_follow_up_report(branch=branch, year=year, week=week, now=now)
        self.job = Job.objects.create(kind="test", staff=looker or desk, branch=branch)
        self.rehearsal = Rehearsal.objects.create(
            branch=branch,
            desk="front",
            first_on=day,
            last_on=day,
            preset="standard",
            result=Tally().to_json(),
            job=Job.objects.create(kind="test", staff=looker or desk, branch=branch),
            made_by=looker or desk,
            made_at=now,
        )
        self.log_entry = write_entry(branch=branch, kind="parking", plate="浙A12345", staff=desk, now=now)
        self.slip = write_entry(
            branch=branch, kind="call", name="周女士", text="请回电", for_staff=looker or desk, staff=desk, now=now
        )
        rounds = write_round_list(branch=branch, kind="opening", items=["灯"], seen=0, staff=desk, now=now)
        self.round_item = rounds.items.get()
        self.file_request = FileRequest.objects.create(
            visit=self.visit, visitor=self.visitor, branch=branch, asked_at=now, changed_at=now
        )
        if looker is not None:
            # Whoever looks heads the department that the amendment touches.
            surgery.head = looker
            surgery.save(update_fields=["head"])
        self.amendment = Amendment.objects.create(
            branch=branch,
            day=day,
            visit=self.visit,
            before={"note": ""},
            after={"note": "改"},
            reason="录错",
            department=surgery,
            author=desk,
            proposed_at=now,
        )
        self.import_batch = ImportBatch.objects.create(
            branch=branch,
            staff=looker or desk,
            size=1,
            uploaded_at=now,
            request_key=uuid4(),
            header=["姓名"],
            samples=[[]],
        )
        self.display = Display.objects.create(
            token_hash=uuid4().hex, branch=branch, asked_at=now, paired_at=now, paired_by=looker or desk
        )
        self.invitation, _code = invite(staff=desk, now=now)
        self.card = submit_card(invitation=self.invitation, answers={"name": "曾小满"}, now=now)
        self.kiosk, _token = start_kiosk(label="大厅", staff=desk, now=now)
        self.pre_report = pre_report(branch, looker or desk, visitor=self.visitor, now=now)
        self.appointment = book(
            branch,
            day=day + timedelta(days=1),
            visitor=self.visitor,
            staff=looker or desk,
            pre_report=self.pre_report,
            now=now,
        )
        self.message = ask_for_message(appointment=self.appointment, staff=looker or desk, now=now)
        frozen = freeze_list(branch=branch, now=now)
        assert frozen is not None
        self.retention_list, self.retention_item = frozen, frozen.items.earliest("pk")
        self.hand_over = HandOver.objects.create(
            branch=branch, leaver=desk, rule="one", reason="离职", number=1, made_at=now, made_by=desk
        )
        HandOverLine.objects.create(
            hand_over=self.hand_over, visitor=self.visitor, from_staff=desk, to_staff=consultant
        )
        HandOverShare.objects.create(hand_over=self.hand_over, staff=consultant, number=1)
        self.priority_list = PriorityList.objects.create(branch=branch, month_on=day.replace(day=1), computed_at=now)
        self.photograph = keep_photograph(self.visitor, staff=consultant, treatment=self.treatment, now=now)
        if Role.CONSULTANT in roles:
            # Where a visitor stays is read by the consultant whose visitor she is.
            Visitor.objects.filter(pk=self.visitor.pk).update(owner=looker)
        self.project = projects[0]
        self.staff = doctor
        self.department = surgery
        # What some addresses ask for beside the object in the address itself.
        self.said: dict[str, str | int] = {
            "consultant": consultant.pk if self.sees_the_front else doctor.pk,
            "desk": "front" if self.sees_the_front else surgery.code,
            "year": year,
            "week": week,
            "day": day.isoformat(),
            "visit": self.visit.pk,
            "ticket": tickets.issue(staff_id=looker.pk, topics=[topics.staff(looker.pk)]) if looker else "",
        }

    def url_of(self, address: Address) -> str:
        """Return an address with this world's objects."""
        parts: dict[str, object] = {}
        for name, kind in address.objects.items():
            if kind == "week":
                parts |= {"year": self.said["year"], "week": self.said["week"]}
            elif kind == "day":
                parts[name] = self.said["day"]
            elif kind == "complaint_number":
                parts[name] = self.complaint.number
            else:
                parts[name] = getattr(self, kind).pk
        return reverse(address.name, kwargs=parts)

    def ask(self, client: Client, method: str, address: Address, *, part: bool = False) -> int:
        """Send a request about this world's objects, take back whatever it did, and return the status.

        `part`: as a part of a page asks, whose refusals are drawn without the page around them.
        """
        headers = {"HX-Request": "true"} if part else {}
        url = self.url_of(address)
        with transaction.atomic():
            send = client.get if method == "GET" else client.post
            answer = send(url, self.said, headers=headers)
            transaction.set_rollback(True)
        return answer.status_code
