"""The register's days: signed by four and closed, but for yesterday's, where one is late; and what followed."""

from datetime import date, datetime
from itertools import groupby

from clinic.models import AuditEntry, Department, Staff
from clinic.roles import Role
from complaints.demo.story import Story
from complaints.demo.write import insert
from reception.models import DayClose, DaySignature, Interference, Party, RegisterSheet, Visit
from reception.selectors.sheets import Row, hash_of, rows_of, visits_of_sheet
from reception.services import HEAD, SUPERVISOR, approve_amendment, propose_amendment

HEADS = {
    Department.Kind.RECEPTION: "desk-supervisor",
    Department.Kind.CONSULTING: "consulting-supervisor",
    Department.Kind.SURGERY: "doctor1",
    Department.Kind.LASER: "doctor5",
    Department.Kind.NON_INVASIVE: "doctor7",
    Department.Kind.CUSTOMER_SERVICE: "service-supervisor",
    Department.Kind.PHONE: "agent1",
    Department.Kind.MANAGEMENT: "manager",
}
INTERFERENCES = (
    (6, "consultant4", Interference.Kind.ORDER, "在前台催促先安排她的顾客，已说明轮次规则"),
    (3, "consultant7", Interference.Kind.VISITOR, "未经分诊直接把到店顾客带进咨询室"),
    (1, "consultant4", Interference.Kind.REGISTER, "要求把登记表上的接诊人改成她"),
)


def close_days(story: Story) -> None:
    """Name heads of departments, sign and close the past days, amend one of them, and record interference."""
    for department in Department.objects.filter(branch=story.hospital.branch):
        department.head = story.hospital.staff[HEADS[Department.Kind(department.kind)]]
        department.save(update_fields=["head"])
    days = _days(story)
    sheets = RegisterSheet.objects.bulk_create(_sheet(story, day, rows) for day, rows in days)
    yesterday = sheets[-1] if sheets else None
    signatures = [one for sheet in sheets for one in _signatures(story, sheet, late=sheet is yesterday)]
    insert(DaySignature, signatures)
    closed = [
        DayClose(
            branch=sheet.branch,
            day=sheet.day,
            sheet=sheet,
            last_number=sheet.last_number,
            closed_at=story.instant(sheet.day, 18, 42),
            closed_by=story.hospital.one(Role.DESK_SUPERVISOR),
        )
        for sheet in sheets[:-1]
    ]
    insert(DayClose, closed)
    insert(AuditEntry, [_entry("reception.sign_day", one.signed_at, one.staff, one.day) for one in signatures])
    insert(AuditEntry, [_entry("reception.close_day", one.closed_at, one.closed_by, one.day) for one in closed])
    _amend(story)
    _interfere(story)


def _days(story: Story) -> list[tuple[date, list[Row]]]:
    """Return what the register says of every past day, read at once."""
    branch = story.hospital.branch
    visits = visits_of_sheet(branch).filter(day__lt=story.today).order_by("day", "number")
    return [(day, rows_of(group)) for day, group in groupby(visits, key=lambda visit: visit.day)]


def _sheet(story: Story, day: date, rows: list[Row]) -> RegisterSheet:
    return RegisterSheet(
        branch=story.hospital.branch,
        day=day,
        number=1,
        rows=rows,
        hash=hash_of(rows),
        last_number=rows[-1]["number"],
        taken_at=story.instant(day, 18, 12),
    )


def _signatures(story: Story, sheet: RegisterSheet, *, late: bool) -> list[DaySignature]:
    """Four signatures of a sheet, in the order people come by; where somebody is late, marketing has not signed."""
    dice, people = story.dice, story.hospital.by_role
    who = {
        Party.DESK: dice.choice(people[Role.RECEPTION]),
        Party.CONSULTANTS: dice.choice([*people[Role.CONSULTANT], *people[Role.CONSULTING_SUPERVISOR]]),
        Party.PHONE: dice.choice(people[Role.PHONE_AGENT]),
        Party.MARKETING: story.hospital.one(Role.MANAGER),
    }
    return [
        DaySignature(
            branch=sheet.branch,
            day=sheet.day,
            party=party,
            sheet=sheet,
            staff=staff,
            signed_at=story.instant(sheet.day, 18, 12 + 7 * place),
        )
        for place, (party, staff) in enumerate(who.items())
        if not (late and party is Party.MARKETING)
    ]


def _amend(story: Story) -> None:
    """A consultant's name was wrong three days ago, which two have approved; of two days ago something waits."""
    staff, branch = story.hospital.staff, story.hospital.branch
    received = Visit.objects.filter(branch=branch, state=Visit.State.FINISHED, consultant__isnull=False)
    for back, reason in ((3, "前台选错接诊人，纸质分诊单为准"), (2, "顾客实际由她接诊，登记时点错了一行")):
        visit = received.filter(day=story.today.fromordinal(story.today.toordinal() - back)).order_by("number").first()
        if visit is None:
            continue
        others = [one for one in story.hospital.by_role[Role.CONSULTANT] if one.pk != visit.consultant_id]
        at = story.instant(visit.day, 19, 5)
        amendment = propose_amendment(
            visit=visit,
            consultant=others[0],
            reason=reason,
            department=Department.objects.get(branch=branch, kind=Department.Kind.CONSULTING),
            staff=staff["reception1"],
            now=at,
        )
        approve_amendment(amendment=amendment, part=SUPERVISOR, staff=staff["desk-supervisor"], now=at)
        if back == 3:
            approve_amendment(amendment=amendment, part=HEAD, staff=staff["consulting-supervisor"], now=at)


def _interfere(story: Story) -> None:
    times: dict[str, int] = {}
    for back, login_name, kind, note in INTERFERENCES:
        day = story.today.fromordinal(story.today.toordinal() - back)
        times[login_name] = times.get(login_name, 0) + 1
        Interference.objects.create(
            branch=story.hospital.branch,
            day=day,
            person=story.hospital.staff[login_name],
            kind=kind,
            note=note,
            count=times[login_name],
            recorded_at=story.instant(day, 15, story.dice.uniform(0, 90)),
            recorded_by=story.hospital.one(Role.DESK_SUPERVISOR),
        )


def _entry(action: str, at: datetime, staff: Staff, day: date) -> AuditEntry:
    return AuditEntry(at=at, staff=staff, branch=staff.branch, action=action, detail={"day": day.isoformat()})
