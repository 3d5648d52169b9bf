"""Addresses of this room."""

from django.urls import path

from triage.views import boards, corrections, fairness, policies, questions, teams, visits

app_name = "triage"
urlpatterns = [
    path("triage/desk-board/", boards.desk_board, name="desk_board"),
    path("triage/boards/", boards.boards, name="boards"),
    path("triage/boards/open/", boards.open_board, name="open_board"),
    path("triage/boards/fairness/", fairness.fairness, name="fairness"),
    path("triage/boards/<int:pk>/", boards.board, name="board"),
    path("triage/boards/<int:pk>/fairness/", fairness.board_fairness, name="board_fairness"),
    path("triage/boards/<int:pk>/panel/", boards.board_panel, name="board_panel"),
    path("triage/boards/<int:pk>/wall/", boards.wall, name="wall"),
    path("triage/boards/<int:pk>/wall/rows/", boards.wall_panel, name="wall_panel"),
    path("triage/boards/<int:pk>/order/", boards.reorder, name="reorder"),
    path("triage/boards/<int:pk>/close/", boards.close, name="close_board"),
    path("triage/boards/<int:pk>/reopen/", boards.reopen, name="reopen_board"),
    path("triage/boards/<int:pk>/log/", boards.board_log, name="board_log"),
    path("triage/boards/<int:pk>/seat/", boards.seat, name="seat"),
    path("triage/boards/<int:pk>/seat-state/", boards.seat_state, name="seat_state"),
    path("triage/boards/<int:pk>/check-in/", boards.check_in, name="check_in"),
    path("triage/no-proposal/", visits.no_proposal, name="no_proposal"),
    path("triage/visits/<int:pk>/", visits.decision, name="decision"),
    path("triage/visits/<int:pk>/moved/", visits.moved, name="moved"),
    path("triage/visits/<int:pk>/proposal/", visits.proposal, name="proposal"),
    path("triage/visits/<int:pk>/confirm/", visits.confirm, name="confirm"),
    path("triage/visits/<int:pk>/undo/", visits.undo, name="undo"),
    path("triage/visits/<int:pk>/name/", visits.name, name="name"),
    path("triage/visits/<int:pk>/leave/", visits.leave, name="leave"),
    path("triage/visits/<int:pk>/corrections/", corrections.corrections, name="corrections"),
    path("triage/visits/<int:pk>/correction/", corrections.correction, name="correction"),
    path("triage/visits/<int:pk>/correct/", corrections.correct, name="correct"),
    path("triage/visits/<int:pk>/menu/", visits.visit_menu, name="visit_menu"),
    path("triage/visits/<int:pk>/why/", visits.why, name="why"),
    path("triage/visitors/<int:pk>/panel/", questions.visitor_decisions, name="visitor_decisions"),
    path("triage/questions/", questions.escalations, name="escalations"),
    path("triage/questions/panel/", questions.questions, name="questions"),
    path("triage/questions/count/", questions.escalation_count, name="escalation_count"),
    path("triage/questions/notice/", questions.notice, name="notice"),
    path("triage/policy/", questions.policy, name="policy"),
    path("triage/teams/", teams.teams, name="teams"),
    path("triage/policies/", policies.policies, name="policies"),
    path("triage/policies/new/", policies.policy_new, name="policy_new"),
    path("triage/rehearsals/", policies.rehearsals, name="rehearsals"),
    path("triage/rehearsals/<int:pk>/", policies.rehearsal, name="rehearsal"),
]
