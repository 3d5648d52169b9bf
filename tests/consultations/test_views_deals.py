"""A deal's page and its forms, what is open of all deals; who sees amounts and whose they are."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Staff
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, Deal, DealAccount, Payment
from reception.models import Visit, Visitor
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning, typed_lines
from tests.factories.consultations import ConsultationFactory, VisitFactory, make_deal

pytestmark = pytest.mark.django_db


def at(name: str, row: Any = None) -> str:
    return reverse(f"consultations:{name}", args=[] if row is None else [row.pk])


@pytest.fixture
def deal(morning: Morning) -> Deal:
    consultation = morning.enter(morning.arrive("O'Brien <b>", morning.nose))
    made = services.record_deal(
        consultation=consultation,
        kind="deposit",
        lines=[services.Line(morning.nose, Decimal(4200), 3)],
        deposit=Decimal(1000),
        staff=morning.first,
        now=morning.now,
    )
    services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    return made


def typed_payment(morning: Morning, deal: Deal, **changes: object) -> dict[str, object]:
    return {
        "kind": "balance",
        "amount": "3,200",
        "received_on": morning.board.day.isoformat(),
        "receipt_number": "",
        "reason": "",
        "seen": deal.payments.latest("pk").pk,
        "request_key": uuid4(),
    } | changes


def test_the_page_shows_lines_money_and_credit_and_names_are_data(
    deal: Deal, morning: Morning, client_as: MakeClient
) -> None:
    page = client_as(morning.first).get(at("deal_page", deal)).content.decode()
    for told in ("4,200.00", "1,000.00", "3,200.00", "100.00", "O&#x27;Brien &lt;b&gt;"):
        assert told in page, told
    assert "<b>" not in page


def test_what_is_paid_in_full_begins_with_the_refund(deal: Deal, morning: Morning, client_as: MakeClient) -> None:
    client, chosen = client_as(morning.first), r'name="kind" value="(\w+)"[^>]* checked'
    assert re.findall(chosen, client.get(at("deal_page", deal)).content.decode()) == ["balance"]
    client.post(at("note_payment", deal), typed_payment(morning, deal))
    assert DealAccount.objects.get().received == 4200
    assert re.findall(chosen, client.get(at("deal_page", deal)).content.decode()) == ["refund"]


def test_a_balance_is_noted_once_and_who_saw_an_earlier_one_is_told(
    deal: Deal, morning: Morning, client_as: MakeClient
) -> None:
    client = client_as(morning.first)
    typed = typed_payment(morning, deal, amount="１,２００")
    noted = client.post(at("note_payment", deal), typed, follow=True)
    assert noted.redirect_chain[0][0] == at("deal_page", deal) and "The payment is noted." in noted.content.decode()
    assert client.post(at("note_payment", deal), typed).status_code == 302
    assert DealAccount.objects.get().received == 2200

    stale = client.post(at("note_payment", deal), typed | {"request_key": uuid4(), "receipt_number": "SJ-9"})
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "1,200.00" in page and 'value="SJ-9"' in page
    newest = Payment.objects.latest("pk").pk
    assert f'name="seen" value="{newest}"' in page


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"amount": "9,000"}, "more than is open: 3,200.00"),
        ({"amount": "viel"}, "Write the amount in digits"),
        ({"amount": "1e3"}, "Write the amount in digits"),
        ({"kind": "refund", "amount": "10"}, "given back"),
        ({"received_on": "2126-01-01"}, "cannot lie ahead"),
    ],
)
def test_a_wrong_payment_keeps_what_was_typed(
    deal: Deal, morning: Morning, client_as: MakeClient, changes: dict[str, str], says: str
) -> None:
    typed = typed_payment(morning, deal, **changes)
    answer = client_as(morning.first).post(at("note_payment", deal), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "error-summary" in page and says in page
    assert f'value="{typed["amount"]}"' in page
    assert deal.payments.count() == 1


def test_the_title_says_that_a_form_is_wrong(
    deal: Deal, morning: Morning, client_as: MakeClient, supervisor: Staff
) -> None:
    client, wrong = client_as(supervisor), "<title>Error:"
    for name in ("deal_page", "deal_correct", "deal_sales"):
        assert wrong not in client.get(at(name, deal)).content.decode(), name
    rows = typed_lines((morning.nose.pk, "1", "viel")) | {"reason": "x"}
    shares = {"shares-TOTAL_FORMS": "1", "shares-INITIAL_FORMS": "0", "shares-0-percent": "60", "reason": "x"}
    for name, typed in (
        ("note_payment", typed_payment(morning, deal, amount="viel")),
        ("deal_void", {"reason": ""}),
        ("deal_correct", rows),
        ("deal_sales", shares),
    ):
        answer = client.post(at(name, deal), typed)
        assert answer.status_code == 422 and wrong in answer.content.decode(), name


def test_a_note_is_corrected_on_a_page_of_its_own(deal: Deal, morning: Morning, client_as: MakeClient) -> None:
    client, payment = client_as(morning.first), deal.payments.get()
    address = at("payment_correct", payment)
    assert 'value="1000.00"' in client.get(address).content.decode()
    typed = {"kind": "deposit", "amount": "900", "received_on": morning.board.day.isoformat(), "reason": ""}
    wrong = client.post(address, typed)
    assert wrong.status_code == 422 and 'value="900"' in wrong.content.decode()
    assert client.post(address, typed | {"reason": "看错"}).status_code == 302
    stale = client.post(address, typed | {"reason": "看错", "amount": "800"})
    assert stale.status_code == 409 and 'value="800"' in stale.content.decode()
    page = client.get(at("deal_page", deal)).content.decode()
    assert "<del>1,000.00</del>" in page and "900.00" in page and "看错" in page


def test_a_deal_is_corrected_line_by_line_and_shown_struck_out(
    deal: Deal, morning: Morning, client_as: MakeClient
) -> None:
    client = client_as(morning.first)
    page = client.get(at("deal_correct", deal)).content.decode()
    assert 'value="4200.00"' in page and 'value="3"' in page
    lines = typed_lines((morning.nose.pk, "2", "3000"), (morning.eyes.pk, "1", "500"))
    assert client.post(at("deal_correct", deal), lines | {"reason": ""}).status_code == 422
    low = client.post(at("deal_correct", deal), typed_lines((morning.nose.pk, "1", "5")) | {"reason": "x"})
    assert low.status_code == 422 and "Note the refund first" in low.content.decode()
    done = client.post(at("deal_correct", deal), lines | {"reason": "少做一次"})
    newest = Deal.objects.latest("pk")
    assert done["Location"] == at("deal_page", newest)
    stale = client.post(at("deal_correct", deal), lines | {"reason": "再来"})
    assert stale.status_code == 409 and "3,500.00" in stale.content.decode()

    opened = client.get(at("deal_page", deal)).content.decode()
    assert "was corrected" in opened and "少做一次" in opened
    assert '<del class="num deal-amount">¥4,200.00</del>' in opened
    story = client.get(reverse("reception:visitor_story", args=[deal.visitor_id])).content.decode()
    assert "¥4,200.00" in story and "¥3,500.00" in story


WRONG_LINES: dict[str, tuple[list[tuple[str, str, str]], str]] = {
    "no line": ([("", "1", "")], "Choose what was bought."),
    "no amount": ([("nose", "1", "")], "Say for how much"),
    "no project": ([("", "1", "5")], "Choose what was bought."),
    "no number": ([("nose", "1", "abc")], "Write the amount in digits"),
    "sessions of nothing": ([("nose", "0", "5")], "greater than or equal to 1"),
    "the same twice": ([("nose", "1", "5"), ("nose", "1", "6")], "stands here twice"),
}


@pytest.mark.parametrize(("rows", "says"), WRONG_LINES.values(), ids=WRONG_LINES)
def test_wrong_lines_of_a_deal_say_which_and_keep_what_was_typed(
    morning: Morning, client_as: MakeClient, rows: list[tuple[str, str, str]], says: str
) -> None:
    consultation = morning.enter(morning.arrive())
    lines = typed_lines(*((getattr(morning, name).pk if name else "", times, amount) for name, times, amount in rows))
    answer = client_as(morning.first).post(
        at("deal", consultation), lines | {"kind": "paid", "version": "2"}, headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "error-summary" in page and says in page
    assert all(f'value="{amount}"' in page for _name, _times, amount in rows if amount)
    assert not Deal.objects.exists()


def test_a_deposit_says_how_much(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive())
    typed = typed_lines((morning.nose.pk, "1", "5000")) | {"kind": "deposit", "version": "2"}
    client, work = client_as(morning.first), {"HX-Request": "true"}
    silent = client.post(at("deal", consultation), typed, headers=work)
    assert silent.status_code == 422 and "Say how much was received" in silent.content.decode()
    assert client.post(at("deal", consultation), typed | {"deposit": "0"}, headers=work).status_code == 200
    assert DealAccount.objects.get().due == 5000


def test_what_stands_in_the_hidden_deposit_is_not_read_when_all_is_paid(
    morning: Morning, client_as: MakeClient
) -> None:
    consultation = morning.enter(morning.arrive())
    typed = typed_lines((morning.nose.pk, "1", "5000")) | {"deposit": "五千", "version": "2"}
    client, work = client_as(morning.first), {"HX-Request": "true"}
    wrong = client.post(at("deal", consultation), typed | {"kind": "deposit"}, headers=work)
    assert wrong.status_code == 422 and 'value="五千"' in wrong.content.decode()
    # With another mistake the form comes back, and the deposit with it, should she go back to it.
    unsaid = client.post(at("deal", consultation), typed | {"kind": "paid", "lines-0-amount": ""}, headers=work)
    page = unsaid.content.decode()
    assert unsaid.status_code == 422 and 'value="五千"' in page and "deal_deposit_error" not in page
    assert client.post(at("deal", consultation), typed | {"kind": "paid"}, headers=work).status_code == 200
    assert DealAccount.objects.get().received == 5000


@pytest.mark.parametrize("junk", ["gone", "999999", "1\x00", "x"])
def test_a_project_that_is_not_offered_any_more_is_said_beside_the_field(
    morning: Morning, client_as: MakeClient, junk: str
) -> None:
    consultation = morning.enter(morning.arrive())
    if junk == "gone":
        morning.nose.offered = False
        morning.nose.save()
    typed = typed_lines((morning.nose.pk if junk == "gone" else junk, "1", "5000")) | {"kind": "paid", "version": "2"}
    answer = client_as(morning.first).post(at("deal", consultation), typed, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and "error-summary" in answer.content.decode()
    assert not Deal.objects.exists()


def test_the_form_begins_with_the_wishes(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive("张小美", morning.nose, morning.eyes))
    page = client_as(morning.first).get(at("deal", consultation)).content.decode()
    assert f'<option value="{morning.nose.pk}" selected>' in page
    assert 'name="lines-TOTAL_FORMS" value="3"' in page
    assert 'name="lines-__prefix__-amount"' in page


def test_a_deal_is_made_void_after_the_refund(deal: Deal, morning: Morning, client_as: MakeClient) -> None:
    client = client_as(morning.first)
    early = client.post(at("deal_void", deal), {"reason": "不做了"})
    assert early.status_code == 422 and "Note the refund first" in early.content.decode()
    client.post(at("note_payment", deal), typed_payment(morning, deal, kind="refund", amount="1000", reason="不做了"))
    assert client.post(at("deal_void", deal), {"reason": "不做了"}).status_code == 302
    page = client.get(at("deal_page", deal)).content.decode()
    assert "the deal is void" in page
    assert client.post(at("deal_void", deal), {"reason": "不做了"}).status_code == 409


def typed_shares(*rows: tuple[object, str]) -> dict[str, str]:
    said = {"shares-TOTAL_FORMS": str(len(rows)), "shares-INITIAL_FORMS": "0"}
    for number, (person, percent) in enumerate(rows):
        said |= {f"shares-{number}-person": str(person), f"shares-{number}-percent": percent}
    return said


def test_shares_are_changed_by_a_supervisor_and_execution_is_written_down_by_the_seller(
    deal: Deal, morning: Morning, client_as: MakeClient
) -> None:
    first, doctor = morning.first.pk, morning.doctor.pk
    seller, supervisor = client_as(morning.first), client_as(Role.CONSULTING_SUPERVISOR)
    assert seller.post(at("deal_execution", deal), typed_shares((doctor, ""), (first, ""))).status_code == 302
    shares = typed_shares((first, "66.67"), (doctor, "33.33"))
    assert seller.post(at("deal_sales", deal), shares | {"reason": "x"}).status_code == 422
    wrong = supervisor.post(at("deal_sales", deal), typed_shares((first, "66.67"), (doctor, "33")) | {"reason": "x"})
    assert (
        wrong.status_code == 422 and "99.67 %" in wrong.content.decode() and 'value="66.67"' in wrong.content.decode()
    )
    assert supervisor.post(at("deal_sales", deal), shares).status_code == 422
    assert supervisor.post(at("deal_sales", deal), shares | {"reason": "协助"}).status_code == 302
    page = supervisor.get(at("deal_page", deal)).content.decode()
    assert "66.67" in page and page.count("50.00") == 2


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.RECEPTION, 403),
        (Role.DESK_SUPERVISOR, 403),
        (Role.DOCTOR, 403),
        (Role.AUDITOR, 403),
        (Role.CONSULTANT, 404),
        (Role.MANAGER, 200),
        (Role.CONSULTING_SUPERVISOR, 200),
    ],
)
def test_amounts_are_for_those_who_may_see_them(deal: Deal, client_as: MakeClient, role: Role, status: int) -> None:
    client = client_as(role)
    assert client.get(at("deal_page", deal)).status_code == status
    listed = client.get(at("unpaid"))
    assert listed.status_code == (403 if status == 403 else 200)
    assert ("3,200.00" in listed.content.decode()) is (status == 200)


def test_a_manager_reads_and_notes_nothing(deal: Deal, morning: Morning, client_as: MakeClient) -> None:
    client = client_as(Role.MANAGER)
    assert "payment-form" not in client.get(at("deal_page", deal)).content.decode()
    assert client.post(at("note_payment", deal), typed_payment(morning, deal)).status_code == 403


def test_what_is_open_of_another_branch_is_not_there(
    deal: Deal, other_branch: Branch, staff_with: MakeStaff, client_as: MakeClient
) -> None:
    client = client_as(staff_with(Role.CONSULTING_SUPERVISOR, branch=other_branch))
    assert client.get(at("deal_page", deal)).status_code == 404
    assert "Nothing is open" in client.get(at("unpaid")).content.decode()


def open_deals(morning: Morning, consultant: Staff, count: int) -> None:
    for number in range(count):
        visit = VisitFactory.create(consultant=consultant, state=Visit.State.FINISHED)
        consultation = ConsultationFactory.create(
            visit=visit, state=Consultation.State.FINISHED, outcome="deal", offered_at=morning.now
        )
        make_deal(consultation, amount=1000 + number, kind="deposit", received=100, projects=[morning.nose])


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_costs_the_same_for_one_and_for_fifty(
    morning: Morning, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    open_deals(morning, morning.first, rows)
    client = client_as(morning.first)
    client.get(at("unpaid"))
    with django_assert_num_queries(6):
        page = client.get(at("unpaid")).content.decode()
    assert page.count('<td class="num">100.00</td>') == rows + (rows == 1)


def test_the_list_is_hers_the_oldest_first_with_the_sum_of_all_pages(morning: Morning, client_as: MakeClient) -> None:
    open_deals(morning, morning.first, 51)
    open_deals(morning, morning.second, 2)
    make_deal(Consultation.objects.filter(consultant=morning.first).latest("pk"), amount=77, received=77)
    page = client_as(morning.first).get(at("unpaid")).content.decode()
    due = sum(900 + number for number in range(51))
    assert f"{due:,}.00" in page and "51 entries" in page and "1 / 2" in page
    assert page.index("1,000.00") < page.index("1,001.00") < page.index("1,049.00")

    supervisor = client_as(Role.CONSULTING_SUPERVISOR)
    assert "53 entries" in supervisor.get(at("unpaid")).content.decode()
    narrowed = supervisor.get(at("unpaid"), {"consultant": morning.second.pk}).content.decode()
    assert "2 entries" in narrowed


def test_whose_visitor_she_is_now_asks_for_the_balance(deal: Deal, morning: Morning, client_as: MakeClient) -> None:
    Visitor.objects.filter(pk=deal.visitor_id).update(owner=morning.second)
    client = client_as(morning.second)
    assert "3,200.00" in client.get(at("unpaid")).content.decode()
    assert client.post(at("note_payment", deal), typed_payment(morning, deal)).status_code == 302


@pytest.mark.parametrize("rows", [1, 50])
def test_the_page_of_a_deal_costs_the_same_for_one_and_for_fifty(
    deal: Deal,
    morning: Morning,
    client_as: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    for _number in range(rows):
        services.note_payment(
            deal=deal,
            kind="balance",
            amount=Decimal(1),
            received_on=morning.board.day,
            staff=morning.first,
            now=morning.now,
        )
    standing = deal
    for number in range(rows):
        standing = services.correct_deal(
            deal=standing,
            lines=[services.Line(morning.nose, Decimal(4000 - number))],
            reason="改",
            staff=morning.first,
            now=morning.now,
        )
    client = client_as(morning.first)
    client.get(at("deal_page", standing))
    with django_assert_num_queries(15):
        page = client.get(at("deal_page", standing)).content.decode()
    assert page.count("deal-corrected") == rows


def test_the_page_redraws_itself_when_something_was_noted(deal: Deal, morning: Morning, client_as: MakeClient) -> None:
    fragment = client_as(morning.first).get(at("deal_page", deal), headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith("<div") and "payment-form" not in fragment
    assert f"live-visitor-{deal.visitor_id} from:body" in fragment


# --- levels ---
