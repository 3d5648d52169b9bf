"""In-patients: admitted to a bed, the bill checked, asked how she found it, discharged; the treatment goes with it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinic.models import AuditEntry, Department, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Drug, StageEntry, Stay, StayCheck, StaySatisfaction, Treatment
from consultations.selectors.stays import unbilled_of
from reception import services as reception
from reception.models import Visitor
from reception.selectors.visitors import latest_history_id
from tests.at_once import AT_ONCE, at_once
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_course import go, treatment_of
from tests.factories.consultations import make_deal
from tests.factories.treatments import DrugUseFactory, make_package

pytestmark = pytest.mark.django_db
MARKS: dict[str, int | None] = {"doctor": 5, "nursing": 4, "environment": 3, "food": 2, "overall": 4}


@pytest.fixture
def surgery(morning: Morning) -> Department:
    return Department.objects.get(branch=morning.branch, kind=Department.Kind.SURGERY)


@pytest.fixture
def nurse(staff_with: MakeStaff, surgery: Department) -> Staff:
    return staff_with(Role.NURSE, department=surgery, display_name="护士小周")


def admit(morning: Morning, nurse: Staff, visitor: Visitor | None = None, **more: Any) -> Stay:
    said: dict[str, Any] = {
        "visitor": visitor or morning.register("曾小满"),
        "department": nurse.department,
        "ward": "3",
        "bed": "12",
        "doctor": morning.doctor,
        "expected_days": 3,
        "staff": nurse,
        "now": morning.now,
    }
    return services.admit(**said | more)


def ask(stay: Stay, nurse: Staff, morning: Morning, **more: Any) -> StaySatisfaction:
    said: dict[str, Any] = {"marks": MARKS, "staff": nurse, "now": morning.now}
    return services.record_stay_satisfaction(stay=stay, **said | more)


def discharge(stay: Stay, nurse: Staff, morning: Morning, **more: Any) -> Stay:
    said: dict[str, Any] = {"ending": "recovered", "staff": nurse, "now": morning.now + timedelta(hours=5)}
    return services.discharge(stay=stay, **said | more)


def keys(stay: Stay, morning: Morning) -> list[str]:
    return [one.key.split("-")[0] for one in unbilled_of(stay, morning.now) if one.said is None]


def test_she_is_admitted_asked_and_discharged(morning: Morning, nurse: Staff) -> None:
    stay = admit(morning, nurse, ward=" 3 ", bed="12a")
    assert (stay.ward, stay.bed, stay.admitted_by, stay.is_open) == ("3", "12A", nurse, True)
    said = ask(stay, nurse, morning, words="很满意")
    assert (said.kind, said.marks[0], said.overall) == ("in_person", ("doctor", 5), 4)
    gone = discharge(stay, nurse, morning, expected_version=stay.version)
    assert (gone.ending, gone.discharged_by, gone.is_open) == ("recovered", nurse, False)
    told = list(AuditEntry.objects.filter(action__startswith="consultations.").values_list("action", flat=True))
    expected = {"admit", "record_stay_satisfaction", "discharge"}
    assert {f"consultations.{verb}" for verb in expected} <= set(told)
    admit(morning, nurse, stay.visitor, bed="12a")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"bed": " 12 "}, "bed_taken"),
        ({"bed": " "}, "bed_missing"),
        ({"ward": ""}, "bed_missing"),
        ({"bed": "13", "expected_days": 0}, "expected_days"),
        ({"bed": "13", "expected_days": 366}, "expected_days"),
        ({"bed": "13", "same": True}, "in_house"),
        ({"bed": "13", "treatment": "of another"}, "not_hers"),
        ({"bed": "13", "treatment": "cancelled"}, "not_hers"),
        ({"bed": "13", "doctor": "left"}, "doctor_away"),
        ({"bed": "13", "department": "laser"}, "not_yours"),
        ({"bed": "13", "staff": Role.BEAUTICIAN}, "not_yours"),
        ({"bed": "13", "staff": Role.CONSULTANT}, "not_yours"),
        ({"bed": "13", "staff": Role.MANAGER}, "not_yours"),
    ],
)
def test_who_cannot_be_admitted(
    morning: Morning, nurse: Staff, staff_with: MakeStaff, changed: dict[str, Any], code: str
) -> None:
    there = admit(morning, nurse)
    visitor = there.visitor if changed.pop("same", False) else morning.register("李小二")
    made = treatment_of(morning)
    if changed.get("treatment") == "cancelled":
        made.visitor, made.state, made.cancel_reason = visitor, Treatment.State.CANCELLED, "不做了"
        made.save()
    if "treatment" in changed:
        changed["treatment"] = made
    if "doctor" in changed:
        changed["doctor"] = staff_with(Role.DOCTOR, active_until=morning.board.day - timedelta(days=1))
    if "department" in changed:
        changed["department"] = Department.objects.get(branch=morning.branch, kind=changed["department"])
    if "staff" in changed:
        changed["staff"] = staff_with(changed["staff"], department=nurse.department)
        changed["department"] = nurse.department
    with pytest.raises(Refused) as refused:
        admit(morning, nurse, visitor, **changed)
    assert refused.value.code == code
    assert list(Stay.objects.all()) == [there]


def test_who_is_in_the_bed_is_said(morning: Morning, nurse: Staff) -> None:
    admit(morning, nurse)
    with pytest.raises(Refused) as refused:
        admit(morning, nurse, morning.register("李小二"))
    assert "3 12" in str(refused.value.message) and "曾小满" in str(refused.value.message)


@pytest.mark.parametrize(
    ("role", "department", "may"),
    [
        (Role.NURSE, "surgery", True),
        (Role.DOCTOR, "surgery", True),
        (Role.DEPARTMENT_DESK, "surgery", True),
        (Role.NURSE, None, True),
        (Role.NURSE, "laser", False),
        (Role.BEAUTICIAN, "surgery", False),
        (Role.CONSULTANT, None, False),
        (Role.CONSULTING_SUPERVISOR, None, False),
    ],
)
def test_who_writes_about_an_in_patient(
    morning: Morning, nurse: Staff, staff_with: MakeStaff, role: Role, department: str | None, may: bool
) -> None:
    stay = admit(morning, nurse)
    of = Department.objects.get(branch=morning.branch, kind=department) if department else None
    person = staff_with(role, department=of)
    if may:
        ask(stay, person, morning)
    else:
        with pytest.raises(Refused, match="not_yours"):
            ask(stay, person, morning)


def test_she_is_moved_to_a_free_bed(morning: Morning, nurse: Staff, staff_with: MakeStaff) -> None:
    stay = admit(morning, nurse)
    admit(morning, nurse, morning.register("李小二"), bed="13")
    said: dict[str, Any] = {"ward": "3", "doctor": morning.doctor, "staff": nurse, "now": morning.now}
    with pytest.raises(Refused, match="bed_taken"):
        services.change_stay(stay=stay, bed="13", expected_days=3, **said)
    moved = services.change_stay(stay=stay, bed="14", expected_days=5, expected_version=1, **said)
    assert (str(moved), moved.expected_days, moved.version) == ("3 14", 5, 2)
    with pytest.raises(Stale, match="changed"):
        services.change_stay(stay=stay, bed="15", expected_days=5, expected_version=1, **said)


# What there is of her, and what of it the system sees no bill for.
KNOWN: list[tuple[str, list[str]]] = [
    ("nothing", []),
    ("deal paid", []),
    ("deal unpaid", ["deal"]),
    ("treated without a deal", ["treatment"]),
    ("treated by a package", []),
    ("treated before she came", []),
    ("planned", []),
    ("dose without a deal", ["treatment", "dose"]),
    ("dose of a package", []),
    ("dose corrected away", ["treatment"]),
    ("of another visitor", []),
]


def put_on_file(what: str, morning: Morning, visitor: Visitor) -> None:
    if what.startswith("deal"):
        room = morning.enter(morning.arrive(visitor))
        make_deal(room, amount=4200, received=4200 if what == "deal paid" else 1000, projects=[morning.nose])
    elif what in ("treated by a package", "dose of a package"):
        line = make_package(morning.enter(morning.arrive(visitor)), morning.nose)
        line.deal.payments.create(
            kind="full", amount=3600, received_on=morning.board.day, noted_at=morning.now, noted_by=morning.first
        )
        treated = treatment_of(morning)
        Treatment.objects.filter(pk=treated.pk).update(
            visitor=visitor, state="done", project=line.project, deal_line=line, session=1
        )
        if what == "dose of a package":
            give(treated)
    elif what != "nothing":
        before = morning.board.day - timedelta(days=1)
        treated = treatment_of(morning, on=before if what == "treated before she came" else morning.board.day)
        owner = treated.visitor if what == "of another visitor" else visitor
        Treatment.objects.filter(pk=treated.pk).update(visitor=owner, state="planned" if what == "planned" else "done")
        if what.startswith("dose"):
            use = give(treated)
            if what == "dose corrected away":
                DrugUseFactory.create(
                    treatment=treated,
                    drug=use.drug,
                    corrects=use,
                    nothing_given=True,
                    reason="没打",
                    given_at=use.given_at,
                )


def give(treatment: Treatment) -> Any:
    services.ensure_drugs()
    return DrugUseFactory.create(treatment=treatment, drug=Drug.objects.earliest("pk"))


@pytest.mark.parametrize(("what", "expected"), KNOWN, ids=[what for what, _expected in KNOWN])
def test_what_may_not_be_billed_holds_her(morning: Morning, nurse: Staff, what: str, expected: list[str]) -> None:
    visitor = morning.register("曾小满")
    put_on_file(what, morning, visitor)
    stay = admit(morning, nurse, visitor)
    ask(stay, nurse, morning)
    assert keys(stay, morning) == expected
    for number, one in enumerate(unbilled_of(stay, morning.now)):
        with pytest.raises(Refused, match="unbilled"):
            discharge(stay, nurse, morning)
        with pytest.raises(Refused, match="note_missing"):
            services.check_billed(stay=stay, key=one.key, answer="noted", note=" ", staff=nurse, now=morning.now)
        answer = {"answer": "billed"} if number % 2 else {"answer": "noted", "note": "下周一起结"}
        services.check_billed(stay=stay, key=one.key, staff=nurse, now=morning.now, **answer)
    discharge(stay, nurse, morning)
    assert StayCheck.objects.filter(stay=stay).count() == len(expected)


def test_a_deal_is_asked_again_once_more_of_it_is_open(morning: Morning, nurse: Staff) -> None:
    visitor = morning.register("曾小满")
    deal = make_deal(morning.enter(morning.arrive(visitor)), amount=4200, received=1000)
    stay = admit(morning, nurse, visitor)
    services.check_billed(
        stay=stay, key=f"deal-{deal.pk}", answer="noted", note="医保未到账", staff=nurse, now=morning.now
    )
    assert keys(stay, morning) == []
    deal.payments.create(
        kind="refund",
        amount=500,
        received_on=morning.board.day,
        reason="退一部分",
        noted_at=morning.now,
        noted_by=morning.first,
    )
    assert keys(stay, morning) == ["deal"]


def test_what_is_paid_meanwhile_is_gone(morning: Morning, nurse: Staff) -> None:
    stay = admit(morning, nurse)
    for key in ("deal-1", "treatment-999999", "dose-1"):
        with pytest.raises(Stale, match="gone"):
            services.check_billed(stay=stay, key=key, answer="billed", staff=nurse, now=morning.now)


@pytest.mark.parametrize(
    ("marks", "declined", "words", "code"),
    [
        (MARKS, False, "", ""),
        (MARKS | {"food": None}, False, "好", "marks_missing"),
        (MARKS | {"food": 0}, False, "好", "marks_missing"),
        (MARKS | {"food": 6}, False, "好", "marks_missing"),
        ({}, True, "", "note_missing"),
        ({}, True, "睡着了，家属不愿填", ""),
        (MARKS, True, "不愿填", ""),
    ],
)
def test_what_she_may_answer(
    morning: Morning, nurse: Staff, marks: dict[str, int | None], declined: bool, words: str, code: str
) -> None:
    stay = admit(morning, nurse)
    if code:
        with pytest.raises(Refused, match=code):
            ask(stay, nurse, morning, marks=marks, declined=declined, words=words)
        return
    said = ask(stay, nurse, morning, marks=marks, declined=declined, words=words)
    assert (said.overall is None) is declined
    again = ask(stay, nurse, morning)
    assert again.pk == said.pk and again.overall == 4


@pytest.mark.parametrize(
    ("ending", "note", "asked", "code"),
    [
        ("recovered", "", False, "no_satisfaction"),
        ("recovered", "", True, ""),
        ("own_wish", "", True, "note_missing"),
        ("own_wish", "想回家休养", True, ""),
        ("transferred", " ", True, "note_missing"),
        ("transferred", "市一医院", True, ""),
        ("deceased", "抢救无效", False, ""),
        ("away", "", True, "ending_unknown"),
    ],
)
def test_how_a_stay_ends(morning: Morning, nurse: Staff, ending: str, note: str, asked: bool, code: str) -> None:
    stay = admit(morning, nurse)
    if asked:
        ask(stay, nurse, morning)
    if code:
        with pytest.raises(Refused, match=code):
            discharge(stay, nurse, morning, ending=ending, note=note)
        assert Stay.objects.get().is_open
    else:
        assert discharge(stay, nurse, morning, ending=ending, note=note).ending == ending
        with pytest.raises(Stale, match="over"):
            discharge(stay, nurse, morning, ending=ending, note=note)


def operated(morning: Morning, nurse: Staff, *stages: str) -> Treatment:
    return go(treatment_of(morning), "arrived", "preparing", *stages, by=nurse, now=morning.now)


def test_an_in_patient_does_not_go_home_by_her_treatment(morning: Morning, nurse: Staff, surgery: Department) -> None:
    treatment = operated(morning, nurse, "in_theatre", "done", "observed")
    stay = admit(morning, nurse, treatment.visitor, treatment=treatment)
    surgery.head = nurse
    surgery.save()
    for spite in ("", "床位紧张"):
        with pytest.raises(Refused, match="unready") as refused:
            services.advance_treatment(
                treatment=treatment, stage="discharged", in_spite=spite, staff=nurse, now=morning.now
            )
        assert refused.value.detail["missing"] == ["in_hospital"]
    services.check_billed(stay=stay, key=f"treatment-{treatment.pk}", answer="billed", staff=nurse, now=morning.now)
    ask(stay, nurse, morning)
    gone = discharge(stay, nurse, morning)
    treatment.refresh_from_db()
    assert (treatment.stage, treatment.discharged_at) == ("discharged", gone.discharged_at)


def test_what_is_missing_stays_open_and_in_theatre_nobody_goes(morning: Morning, nurse: Staff) -> None:
    treatment = operated(morning, nurse, "in_theatre")
    stay = admit(morning, nurse, treatment.visitor, treatment=treatment)
    ask(stay, nurse, morning)
    with pytest.raises(Refused, match="in_theatre"):
        discharge(stay, nurse, morning)
    # She was never said to have been observed: the stay ends, the treatment is still to be put right.
    treatment = go(treatment, "done", by=nurse, now=morning.now)
    services.check_billed(stay=stay, key=f"treatment-{treatment.pk}", answer="billed", staff=nurse, now=morning.now)
    discharge(stay, nurse, morning)
    treatment.refresh_from_db()
    assert treatment.stage == "done"


def test_what_is_entered_afterwards_of_an_in_patient_is_not_over(morning: Morning, nurse: Staff) -> None:
    stay = admit(morning, nurse)
    later = morning.now + timedelta(days=2)
    filed: dict[str, Any] = {
        "visitor": stay.visitor,
        "doctor": morning.doctor,
        "state": "done",
        "staff": morning.doctor,
        "branch": morning.branch,
        "now": later,
    }
    during = services.file_treatment(project=morning.nose, treated_on=morning.board.day + timedelta(days=1), **filed)
    before = services.file_treatment(project=morning.eyes, treated_on=morning.board.day - timedelta(days=1), **filed)
    assert (during.stage, before.stage) == ("done", "discharged")


def test_a_mistaken_discharge_is_taken_back_with_the_treatment(morning: Morning, nurse: Staff) -> None:
    treatment = operated(morning, nurse, "in_theatre", "done", "observed")
    stay = admit(morning, nurse, treatment.visitor, treatment=treatment)
    services.check_billed(stay=stay, key=f"treatment-{treatment.pk}", answer="billed", staff=nurse, now=morning.now)
    ask(stay, nurse, morning)
    stay = discharge(stay, nurse, morning)
    again: dict[str, Any] = {"stay": stay, "staff": nurse}
    with pytest.raises(Refused, match="reason_missing"):
        services.take_discharge_back(reason=" ", now=morning.now, **again)
    with pytest.raises(Refused, match="day_over"):
        services.take_discharge_back(reason="点错", now=morning.now + timedelta(days=1), **again)
    other = admit(morning, nurse, morning.register("李小二"))
    with pytest.raises(Refused, match="bed_taken"):
        services.take_discharge_back(reason="点错", now=morning.now, **again)
    services.withdraw_stay(stay=other, reason="登记错人", staff=nurse, now=morning.now)
    back = services.take_discharge_back(reason="点错", now=morning.now + timedelta(hours=6), **again)
    treatment.refresh_from_db()
    assert (back.is_open, back.ending, treatment.stage, treatment.discharged_at) == (True, "", "observed", None)
    assert StageEntry.objects.filter(treatment=treatment).latest("pk").sort == "correction"
    with pytest.raises(Stale, match="changed"):
        services.take_discharge_back(reason="点错", now=morning.now, **again)


def test_a_mistaken_admission_frees_the_bed(morning: Morning, nurse: Staff) -> None:
    stay = admit(morning, nurse)
    services.withdraw_stay(stay=stay, reason="登记错人", staff=nurse, now=morning.now)
    with pytest.raises(Stale, match="over"):
        services.withdraw_stay(stay=stay, reason="登记错人", staff=nurse, now=morning.now)
    admit(morning, nurse, stay.visitor)


def test_two_records_that_both_lie_in_a_bed_are_not_merged(morning: Morning, nurse: Staff, supervisor: Staff) -> None:
    first, second = admit(morning, nurse), admit(morning, nurse, morning.register("曾晓满"), bed="13")
    seen = {one.visitor_id: latest_history_id(one.visitor) for one in (first, second)}
    said: dict[str, Any] = {"seen": seen, "keep": {}, "staff": supervisor, "now": morning.now}
    with pytest.raises(Refused, match="clash"):
        reception.merge_visitors(survivor=first.visitor, other=second.visitor, **said)
    assert Stay.objects.filter(discharged_at=None).count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"discharged_at": None, "ending": "recovered"},
        {"ending": ""},
        {"bed": ""},
        {"withdrawn_at": "now"},
        {"expected_days": 0},
    ],
)
def test_the_database_holds_the_rules(morning: Morning, nurse: Staff, wrong: dict[str, Any]) -> None:
    stay = admit(morning, nurse)
    if "discharged_at" not in wrong and "ending" in wrong:
        wrong = wrong | {"discharged_at": morning.now, "discharged_by": nurse}
    if wrong.get("withdrawn_at"):
        wrong = {"withdrawn_at": morning.now}
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay.objects.filter(pk=stay.pk).update(**wrong)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("same", "code"), [("bed", "bed_taken"), ("visitor", "in_house")])
def test_a_bed_is_given_once_and_a_visitor_has_one(morning: Morning, nurse: Staff, same: str, code: str) -> None:
    visitors = [morning.register(f"同时{number}") for number in range(AT_ONCE)]

    def take(number: int) -> Callable[[], object]:
        who = visitors[0] if same == "visitor" else visitors[number]
        bed = "12" if same == "bed" else str(number + 1)
        return lambda: admit(morning, nurse, who, bed=bed)

    assert at_once(*map(take, range(AT_ONCE))) == [code] * (AT_ONCE - 1) + ["ok"]
    assert Stay.objects.count() == 1
