"""Two records of one person: what the preview says, what merging moves, and that taking it back leaves no trace."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability, Role, capabilities_of
from consultations.models import Treatment
from reception import services
from reception.models import Merge, Standing, Visit, Visitor, VisitorKey
from reception.selectors.find import find_visitors
from reception.selectors.merging import BOTH, OTHER, SURVIVOR, belongings, merge_preview, records_of
from reception.selectors.visitors import (
    card_history,
    history_of_records,
    latest_history_id,
    visitor_seen_by,
    visitors_of,
    where_merged,
)
from tests.conftest import MakeStaff
from tests.factories.complaints import a_complaint
from tests.factories.consultations import ConsultationFactory, TreatmentFactory, make_deal
from tests.factories.reception import MORNING, ProjectFactory, VisitFactory, VisitorFactory
from tests.reception.merging.scenes import everything, merge

pytestmark = pytest.mark.usefixtures("now")


def test_who_may_merge() -> None:
    may = {role for role in Role if Capability.MERGE_VISITORS in capabilities_of(frozenset({role}))}
    assert may == {Role.DESK_SUPERVISOR, Role.MANAGER}


def test_every_table_that_names_visitors_is_known(branch: Branch) -> None:
    """Read from the database itself: a foreign key to visitors that merging would forget is found here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select conrelid::regclass::text, attname from pg_constraint"
            " join pg_attribute on attrelid = conrelid and attnum = any(conkey)"
            " where contype = 'f' and confrelid = 'reception_visitor'::regclass"
        )
        in_database = set(cursor.fetchall())
    known = {(kind.model._meta.db_table, kind.field.column) for kind in belongings()}
    of_merging = {table for table, _column in in_database - known}
    assert known <= in_database
    assert of_merging == {"reception_visitorkey", "reception_merge", "reception_possibleduplicate"}


def test_the_preview_says_what_differs_and_how_much_each_has(branch: Branch, staff_with: MakeStaff) -> None:
    owner = staff_with(Role.CONSULTANT, display_name="周琳")
    ours = VisitorFactory(name="王小美", phone="13800138000", medical_notes="青霉素过敏", standing="no_deal")
    theirs = VisitorFactory(
        name="王小媄",
        phone="13800138000",
        medical_notes="疤痕体质",
        standing="paid",
        owner=owner,
        birth_on=date(1990, 2, 1),
    )
    for days in (5, 3):
        VisitFactory(visitor=theirs, now=MORNING - timedelta(days=days))
    VisitFactory(visitor=ours)
    theirs.refresh_from_db()
    ours.refresh_from_db()
    preview = merge_preview(ours, theirs)
    said = {one.name: (one.survivor, one.other, one.suggested) for one in preview.differences}
    assert said == {
        "name": ("王小美", "王小媄", "survivor"),
        "birth_on": ("", "1990-02-01", "other"),
        "medical_notes": ("青霉素过敏", "疤痕体质", "both"),
        "owner": ("", "周琳", "other"),
        "standing": ("Consulted, no deal", "Paid", "other"),
    }
    amounts = {one.label: (one.survivor, one.other) for one in preview.amounts}
    assert amounts == {"visits": (1, 2)}


def test_phones_are_masked_in_the_preview(branch: Branch) -> None:
    preview = merge_preview(VisitorFactory(phone="13800138000"), VisitorFactory(phone="13900139001"))
    phone = next(one for one in preview.differences if one.name == "phone")
    assert (phone.survivor, phone.other) == ("138****8000", "139****9001")


def test_after_merging_she_is_found_by_both_and_everything_is_hers(
    branch: Branch, supervisor: Staff, staff_with: MakeStaff
) -> None:
    consultant = staff_with(Role.CONSULTANT)
    ours = VisitorFactory(name="王小美", phone="13800138000")
    theirs = VisitorFactory(name="曾小妹", phone="13900139001", medical_notes="疤痕体质")
    friend = VisitFactory(
        visitor=VisitorFactory(name="李敏", phone=""),
        circumstances={"referrer": theirs, "referral_by": Visit.ReferralBy.VISITOR},
    )
    visit = VisitFactory(visitor=theirs, consultant=consultant)
    complaint, consultation = a_complaint(supervisor, now=MORNING, visitor=theirs), ConsultationFactory(visit=visit)
    merge(ours, theirs, supervisor, medical_notes=BOTH)
    for moved in (visit, complaint, consultation):
        moved.refresh_from_db()
        assert moved.visitor == ours
    friend.refresh_from_db()
    assert friend.referrer == ours
    for text in ("王小美", "wxm", "8000", "曾小妹", "cxm", "9001", ours.file_number, theirs.file_number):
        (found,) = find_visitors(text)
        assert found == ours
        assert found.also == ["曾小妹"]
    assert ours.medical_notes == "疤痕体质"
    assert (theirs.merged_into, theirs.owner) == (ours, None)
    assert not VisitorKey.objects.filter(visitor=theirs).exists()
    assert AuditEntry.objects.get(action="reception.merge_visitors").detail == {
        "survivor": ours.pk,
        "other": theirs.pk,
    }


def test_what_was_chosen_stays(branch: Branch, supervisor: Staff, staff_with: MakeStaff) -> None:
    mine, hers = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT)
    ours = VisitorFactory(name="王小美", owner=mine, standing="treated", consulted_by=[mine.pk], medical_notes="一")
    theirs = VisitorFactory(
        name="王晓美", owner=hers, standing="paid", consulted_by=[hers.pk, mine.pk], medical_notes="二"
    )
    merge(ours, theirs, supervisor, name=OTHER, owner=OTHER, medical_notes=BOTH)
    assert (ours.name, ours.owner, ours.standing) == ("王晓美", hers, Standing.TREATED)
    assert ours.consulted_by == [mine.pk, hers.pk]
    assert ours.medical_notes == "一\n二"
    (change, *_rest) = card_history(ours)
    assert change.staff == "孙主管"


def test_a_birth_date_of_one_and_a_year_of_the_other_become_the_date(branch: Branch, supervisor: Staff) -> None:
    ours = VisitorFactory(name="王小美", birth_on=date(1990, 5, 6))
    theirs = VisitorFactory(name="王小美", birth_on=None, birth_year=1991)
    merge(ours, theirs, supervisor, birth_on=SURVIVOR, birth_year=OTHER)
    assert (ours.birth_on, ours.birth_year) == (date(1990, 5, 6), None)
    services.take_merge_back(merge=Merge.objects.get(), staff=supervisor, now=MORNING)
    theirs.refresh_from_db()
    assert theirs.birth_year == 1991


def test_taking_it_back_restores_exactly(branch: Branch, supervisor: Staff, staff_with: MakeStaff) -> None:
    owner = staff_with(Role.CONSULTANT)
    ours = VisitorFactory(name="王小美", phone="13800138000", standing="no_deal", consulted_by=[7])
    theirs = VisitorFactory(
        name="曾小妹",
        phone="13800138000",
        owner=owner,
        standing="paid",
        consulted_by=[owner.pk],
        birth_on=date(1990, 2, 1),
    )
    third = VisitorFactory(name="王小梅", phone="13700137000")
    merge(theirs, third, supervisor)
    for one, days in ((ours, 9), (theirs, 4), (theirs, 2)):
        VisitFactory(visitor=one, now=MORNING - timedelta(days=days))
    services.record_progress(visit=Visit.objects.latest("pk"), state="left", now=MORNING)
    a_complaint(supervisor, now=MORNING, visitor=theirs)
    TreatmentFactory(visitor=theirs, doctor=owner)
    ConsultationFactory(visit=VisitFactory(visitor=ours, consultant=owner))
    ours.refresh_from_db()
    theirs.refresh_from_db()
    before = everything(ours, theirs, third)
    done = merge(ours, theirs, supervisor, name=OTHER, standing=OTHER, owner=OTHER, birth_on=OTHER)
    third.refresh_from_db()
    assert third.merged_into == ours
    assert find_visitors("7000") == [ours]
    assert services.take_merge_back(merge=done, staff=supervisor, now=MORNING + timedelta(hours=23)) == []
    assert everything(ours, theirs, third) == before
    assert find_visitors("7000") == [theirs]
    assert set(find_visitors("8000")) == {ours, theirs}


def test_what_was_changed_and_entered_since_stays(branch: Branch, supervisor: Staff) -> None:
    ours = VisitorFactory(name="王小美", phone="13800138000")
    theirs = VisitorFactory(name="曾小妹", phone="13900139001")
    done = merge(ours, theirs, supervisor, name=OTHER, phone=OTHER)
    services.change_visitor(visitor=ours, staff=supervisor, now=MORNING, name="王晓美")
    since = VisitFactory(visitor=ours)
    assert services.take_merge_back(merge=done, staff=supervisor, now=MORNING) == ["name"]
    ours.refresh_from_db()
    assert (ours.name, str(ours.phone)) == ("王晓美", "+8613800138000")
    since.refresh_from_db()
    assert since.visitor == ours
    assert ours.last_visit_on == since.day
    theirs.refresh_from_db()
    assert theirs.last_visit_on is None
    assert find_visitors("王晓美") == [ours]
    assert find_visitors("曾小妹") == [theirs]


def test_rows_nobody_may_change_stay_and_are_shown_with_her(
    branch: Branch, supervisor: Staff, staff_with: MakeStaff
) -> None:
    ours, theirs = VisitorFactory(), VisitorFactory()
    visit = VisitFactory(visitor=theirs, consultant=staff_with(Role.CONSULTANT))
    deal = make_deal(ConsultationFactory(visit=visit))
    (stays,) = [one for one in merge_preview(ours, theirs).amounts if one.stays]
    assert (stays.label, stays.other) == ("deals", 1)
    merge(ours, theirs, supervisor)
    deal.refresh_from_db()
    assert deal.visitor == theirs
    assert set(records_of(ours)) == {ours, theirs}


def test_two_open_visits_are_not_made_one(branch: Branch, supervisor: Staff) -> None:
    ours, theirs = VisitorFactory(name="王小美"), VisitorFactory(name="曾小妹")
    for one in (ours, theirs):
        VisitFactory(visitor=one)
    assert "001 王小美" in merge_preview(ours, theirs).trouble
    with pytest.raises(Refused) as refused:
        merge(ours, theirs, supervisor)
    assert refused.value.code == "both_here"
    assert "002 曾小妹" in str(refused.value.message)
    services.record_progress(visit=Visit.objects.get(visitor=theirs), state="left", now=MORNING)
    merge(ours, theirs, supervisor)
    assert ours.visits.count() == 2


def test_the_same_treatment_on_both_is_settled_first(branch: Branch, supervisor: Staff, staff_with: MakeStaff) -> None:
    ours, theirs, doctor = VisitorFactory(), VisitorFactory(), staff_with(Role.DOCTOR)
    kept = TreatmentFactory(visitor=ours, doctor=doctor)
    TreatmentFactory(visitor=theirs, doctor=doctor, project=kept.project, treated_on=kept.treated_on)
    with pytest.raises(Refused) as refused:
        merge(ours, theirs, supervisor)
    assert refused.value.code == "clash"
    assert "treatments" in str(refused.value.message)
    assert not Merge.objects.exists()
    assert not Visitor.objects.exclude(merged_into=None).exists()
    assert Treatment.objects.filter(visitor=theirs).count() == 1


def test_one_record_is_not_two(branch: Branch, supervisor: Staff) -> None:
    only = VisitorFactory()
    with pytest.raises(Refused) as refused:
        merge(only, only, supervisor)
    assert refused.value.code == "same"


def test_a_page_that_is_behind_is_told_what_happened(branch: Branch, supervisor: Staff) -> None:
    ours, theirs, third = VisitorFactory(), VisitorFactory(name="曾小妹"), VisitorFactory()
    seen = {one.pk: latest_history_id(one) for one in (ours, theirs)}
    services.change_visitor(visitor=theirs, staff=supervisor, now=MORNING, heard_from="朋友")
    with pytest.raises(Stale) as changed:
        services.merge_visitors(survivor=ours, other=theirs, keep={}, seen=seen, staff=supervisor, now=MORNING)
    assert changed.value.code == "card_changed"
    assert "how they heard of us" in str(changed.value.message)
    merge(ours, theirs, supervisor)
    for pair in ((ours, theirs), (theirs, ours), (third, theirs), (theirs, third)):
        with pytest.raises(Stale) as stale:
            merge(*pair, supervisor)
        assert stale.value.code == "merged"
        assert f"曾小妹 ({theirs.file_number}) was merged into" in str(stale.value.message)
    with pytest.raises(Stale):
        services.change_visitor(visitor=theirs, staff=supervisor, now=MORNING, name="新")
    with pytest.raises(Stale):
        services.register_arrival(visitor=theirs, branch=branch, projects=[], staff=supervisor, now=MORNING)


def test_it_can_be_taken_back_once_for_a_day_and_in_order(branch: Branch, supervisor: Staff) -> None:
    first, second, third = VisitorFactory.create_batch(3)
    inner = merge(second, third, supervisor)
    outer = merge(first, second, supervisor)
    with pytest.raises(Stale) as behind:
        services.take_merge_back(merge=inner, staff=supervisor, now=MORNING)
    assert behind.value.code == "merged_on"
    with pytest.raises(Refused) as late:
        services.take_merge_back(merge=outer, staff=supervisor, now=MORNING + timedelta(hours=24))
    assert late.value.code == "too_late"
    for one in (outer, inner):
        services.take_merge_back(merge=one, staff=supervisor, now=MORNING)
    with pytest.raises(Stale) as again:
        services.take_merge_back(merge=inner, staff=supervisor, now=MORNING)
    assert again.value.code == "taken_back"
    assert not Visitor.objects.exclude(merged_into=None).exists()
    merge(first, second, supervisor)


def test_the_histories_of_both_are_kept(branch: Branch, supervisor: Staff) -> None:
    ours, theirs = VisitorFactory(name="王小美"), VisitorFactory(name="曾小妹")
    services.change_visitor(visitor=theirs, staff=supervisor, now=MORNING, name="曾晓妹")
    services.change_visitor(visitor=ours, staff=supervisor, now=MORNING, name="王晓美")
    merge(ours, theirs, supervisor)
    told = [(change.record, change.before, change.after) for change in history_of_records(ours)]
    assert told == [(ours.file_number, "王小美", "王晓美"), (theirs.file_number, "曾小妹", "曾晓妹")]


def test_a_merged_record_is_no_visitor_and_leads_to_her(
    branch: Branch, supervisor: Staff, staff_with: MakeStaff
) -> None:
    ours, theirs = VisitorFactory(), VisitorFactory()
    merge(ours, theirs, supervisor)
    assert list(visitors_of(supervisor)) == [ours]
    assert not visitor_seen_by(supervisor, theirs.pk).exists()
    assert where_merged(supervisor, theirs.pk) == ours
    assert where_merged(supervisor, ours.pk) is None
    assert where_merged(staff_with(Role.CONSULTANT), theirs.pk) is None


@pytest.mark.parametrize("visits", [1, 20])
def test_the_preview_asks_the_same_however_much_there_is(
    page: Client, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ours, theirs = VisitorFactory(), VisitorFactory()
    for days in range(visits, 0, -1):
        VisitFactory(visitor=theirs, now=MORNING - timedelta(days=days), projects=[ProjectFactory()])
    address = reverse("reception:visitor_merge", args=[ours.pk])
    page.get(address, {"other": theirs.pk})
    with django_assert_num_queries(9 + len(list(belongings()))):
        page.get(address, {"other": theirs.pk})
