"""Where the pages and parts of pages of a person lead in the demo hospital."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from tests.addresses import Address

# Other tests open branches of their own.
DEMO = "branch_id = (select id from clinic_branch where code = 'riverside')"
# Where the demo has what a person's pages are about; %s is her id. The newest of what is hers comes first.
OBJECTS = {
    "visit": f"select id from reception_visit where {DEMO} and consultant_id is not null"
    " order by consultant_id = %s desc, id desc",
    "visitor": f"select visitor_id from reception_visit where {DEMO} and consultant_id is not null"
    " order by consultant_id = %s desc, id desc",
    "board": f"select id from triage_board where {DEMO} and id <> -%s order by day desc",
    "consultation": f"select id from consultations_consultation where {DEMO}"
    " order by consultant_id = %s desc, state = 'in_room' desc, id desc",
    "opinion": "select id from consultations_participant where staff_id = %s order by answered_at nulls first, id",
    "owner_hint": f"select id from consultations_ownerhint where {DEMO} and id <> -%s order by id",
    "treatment": "select id from consultations_treatment order by doctor_id = %s desc, treated_on desc",
    "treatment_step": "select id from consultations_treatmentstep where id <> -%s order by id desc",
    "drug_use": "select id from consultations_druguse where id <> -%s order by id desc",
    "treatment_notice": "select id from consultations_treatmentnotice where staff_id = %s order by id",
    "drug": "select id from consultations_drug where id <> -%s order by id",
    "deal": f"select id from consultations_deal where {DEMO} order by made_by_id = %s desc, id desc",
    "payment": "select payment.id from consultations_payment payment join consultations_deal deal"
    f" on deal.id = payment.deal_id where {DEMO} order by deal.made_by_id = %s desc, payment.id desc",
    "branch_day": "select id from clinic_branchday where id <> -%s order by day",
    "level": "select id from clinic_membershiplevel where id <> -%s order by id",
    "call_back": "select id from followups_callback where state = 'open' order by held_by_id = %s desc, call_on",
    "call_agent": "select staff_id from followups_callattempt where staff_id <> %s order by id desc",
    "agent_absence": f"select id from followups_agentabsence where {DEMO} and id <> -%s order by id desc",
    "review": f"select id from followups_urgentreview where {DEMO} and told_at is null"
    " order by doctor_id = %s desc, answer = '' desc, id",
    "owner_call": f"select id from followups_ownercall where {DEMO} order by owner_id = %s desc, id",
    "call_plan": "select id from followups_plan where treatment_id is null and id <> -%s order by id",
    "complaint": "select id from complaints_complaint order by responsible_id = %s desc, id desc",
    "complaint_number": "select number from complaints_complaint order by responsible_id = %s desc, id desc",
    "staff": "select id from clinic_staff where id <> %s order by id",
    "project": "select id from clinic_project where id <> -%s order by id",
    "department": "select id from clinic_department where id <> -%s order by id",
    "job": "select id from clinic_job where staff_id = %s",
    "log_entry": f"select id from reception_logentry where {DEMO} and id <> -%s order by id desc",
    "slip": "select id from reception_logentry where kind = 'call' and for_staff_id = %s order by id desc",
    "round_item": "select id from reception_rounditem where id <> -%s order by id desc",
    "file_request": f"select id from reception_filerequest where {DEMO} and id <> -%s order by id desc",
    "card": f"select id from reception_intakecard where {DEMO} and id <> -%s order by id desc",
    "invitation": f"select id from reception_intakeinvitation where {DEMO} and id <> -%s order by id desc",
    "kiosk": f"select id from reception_kioskdevice where {DEMO} and id <> -%s order by id desc",
    "appointment": "select id from reception_appointment order by agent_id = %s desc, id",
    "pre_report": "select id from reception_prereport order by agent_id = %s desc, id",
    "message": "select id from clinic_outgoingmessage where id <> -%s order by id",
    "rehearsal": "select id from triage_rehearsal where id <> -%s order by id",
    "case": f"select id from consultations_deskcase where {DEMO} order by staff_id = %s desc, id desc",
    "stay": f"select id from consultations_stay where {DEMO} and id <> -%s order by discharged_at desc nulls first, id",
    "day": f"select day::text from reception_registersheet where {DEMO} and id <> -%s order by day desc",
    "amendment": f"select id from reception_amendment where {DEMO} and id <> -%s order by id desc",
    "import_batch": f"select id from reception_importbatch where {DEMO} and id <> -%s order by id",
    "display": f"select id from reception_display where {DEMO} and id <> -%s order by id",
    "photograph": "select id from consultations_photograph where removed_at is null order by taken_by_id = %s desc, id",
    "retention_list": f"select id from reception_retentionlist where {DEMO} and id <> -%s order by id",
    "plan_item": f"select item.id from consultations_planitem item join consultations_consultation c"
    f" on c.id = item.consultation_id where c.{DEMO} order by c.consultant_id = %s desc, item.id desc",
    "discount_request": f"select id from consultations_discountrequest where {DEMO}"
    " order by asked_by_id = %s desc, id desc",
    "retention_item": "select item.id from reception_retentionitem item join reception_retentionlist list"
    f" on list.id = item.list_id where {DEMO} and item.id <> -%s order by item.number desc, item.id",
    "hand_over": f"select id from consultations_handover where {DEMO} and undoes_id is null and id <> -%s"
    " order by id desc",
    "priority_list": f"select id from consultations_prioritylist where {DEMO} and id <> -%s order by id desc",
}


def path_of(address: Address, pk: int, rows: Callable[..., list[tuple[Any, ...]]]) -> str | None:
    """Return an address with objects of a person (her `pk`), None when the demo has none; `rows` asks its database."""
    parts: dict[str, object] = {}
    for part, kind in address.objects.items():
        if kind == "week":
            ((parts["year"], parts["week"]),) = rows(
                "select year, week from complaints_weeklyreport order by 1 desc, 2 desc limit 1"
            )
            continue
        found = rows(f"{OBJECTS[kind]} limit 1", pk)
        if not found:
            return None
        parts[part] = found[0][0]
    return reverse(address.name, kwargs=parts)
