"""Writes of the consultation room. One function is one thing that happens, in one transaction.

Rows are locked in one order everywhere: visitor, board, visit, consultation.
"""

from consultations.services.aftercare import hand_over_treatment, note_complication, set_next_visit
from consultations.services.at_desk import enter_case
from consultations.services.changes import (
    change_consultant,
    record_cannot_do,
    record_not_offered,
    record_referral,
    refer_to_doctor,
    settle_owner_hint,
    tell_owner,
    transfer_visit,
)
from consultations.services.course import (
    advance_treatment,
    correct_stage,
    leave_case,
    note_result_seen,
    take_in,
    undo_stage,
)
from consultations.services.deals import (
    Line,
    correct_deal,
    share_deal,
    void_deal,
)
from consultations.services.desk_endings import end_cases_of_gone, end_forgotten_case, finish_case, forgotten_cases
from consultations.services.desk_numbing import end_numbing, see_numbing, start_numbing
from consultations.services.desks import (
    agree_to_another,
    call_case,
    give_case,
    name_for_case,
    send_to_desk,
    undo_case,
    wait_for_doctor,
)
from consultations.services.drugs import (
    add_drug,
    correct_drug_use,
    ensure_drugs,
    note_batch_traced,
    record_drug_use,
    set_drug_in_use,
)
from consultations.services.figures import export_figures
from consultations.services.hand_overs import (
    AT_ONCE,
    carry_out_hand_over,
    hand_over,
    see_hand_over,
    start_hand_over,
    take_back_hand_over,
)
from consultations.services.limits import set_discount_limits
from consultations.services.misallocations import share_as_before, share_misallocated
from consultations.services.notices import note_unheeded_seen, set_notice_switches
from consultations.services.opinions import answer_opinion, ask_opinion, call_panel, withdraw_opinion
from consultations.services.outcomes import record_deal, record_for_friend, record_no_deal, record_product
from consultations.services.payments import correct_payment, note_payment
from consultations.services.photographs import keep_photographs, open_photograph, remove_photograph
from consultations.services.plans import (
    Planned,
    add_plan_item,
    answer_discount,
    change_plan_item,
    move_plan_item,
    remove_plan_item,
    see_discount_answer,
)
from consultations.services.preparation import answer_step, nudge_overdue, order_step, see_notice
from consultations.services.priority_lists import compute_priority_list, leave_priority_list, start_priority_list
from consultations.services.record import Written, write_record
from consultations.services.signed_forms import note_signed_form, write_form_needs
from consultations.services.stays import (
    admit,
    change_stay,
    check_billed,
    discharge,
    print_stays,
    record_stay_satisfaction,
    take_discharge_back,
    withdraw_stay,
)
from consultations.services.treatments import cancel_treatment, change_treatment, file_treatment, order_treatment
from consultations.services.visits import (
    accept_visit,
    acknowledge_visit,
    call_visitor,
    decline_visit,
    enter_room,
    finish_consultation,
    resume_consultation,
    settle_left,
)

__all__ = [
    "AT_ONCE",
    "Line",
    "Planned",
    "Written",
    "accept_visit",
    "acknowledge_visit",
    "add_drug",
    "add_plan_item",
    "admit",
    "advance_treatment",
    "agree_to_another",
    "answer_discount",
    "answer_opinion",
    "answer_step",
    "ask_opinion",
    "call_case",
    "call_panel",
    "call_visitor",
    "cancel_treatment",
    "carry_out_hand_over",
    "change_consultant",
    "change_plan_item",
    "change_stay",
    "change_treatment",
    "check_billed",
    "compute_priority_list",
    "correct_deal",
    "correct_drug_use",
    "correct_payment",
    "correct_stage",
    "decline_visit",
    "discharge",
    "end_cases_of_gone",
    "end_forgotten_case",
    "end_numbing",
    "ensure_drugs",
    "enter_case",
    "enter_room",
    "export_figures",
    "file_treatment",
    "finish_case",
    "finish_consultation",
    "forgotten_cases",
    "give_case",
    "hand_over",
    "hand_over_treatment",
    "keep_photographs",
    "leave_case",
    "leave_priority_list",
    "move_plan_item",
    "name_for_case",
    "note_batch_traced",
    "note_complication",
    "note_payment",
    "note_result_seen",
    "note_signed_form",
    "note_unheeded_seen",
    "nudge_overdue",
    "open_photograph",
    "order_step",
    "order_treatment",
    "print_stays",
    "record_cannot_do",
    "record_deal",
    "record_drug_use",
    "record_for_friend",
    "record_no_deal",
    "record_not_offered",
    "record_product",
    "record_referral",
    "record_stay_satisfaction",
    "refer_to_doctor",
    "remove_photograph",
    "remove_plan_item",
    "resume_consultation",
    "see_discount_answer",
    "see_hand_over",
    "see_notice",
    "see_numbing",
    "send_to_desk",
    "set_discount_limits",
    "set_drug_in_use",
    "set_next_visit",
    "set_notice_switches",
    "settle_left",
    "settle_owner_hint",
    "share_as_before",
    "share_deal",
    "share_misallocated",
    "start_hand_over",
    "start_numbing",
    "start_priority_list",
    "take_back_hand_over",
    "take_discharge_back",
    "take_in",
    "tell_owner",
    "transfer_visit",
    "undo_case",
    "undo_stage",
    "void_deal",
    "wait_for_doctor",
    "withdraw_opinion",
    "withdraw_stay",
    "write_form_needs",
    "write_record",
]
