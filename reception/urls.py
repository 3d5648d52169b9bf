"""Addresses of this room."""

from django.urls import path

from reception.views import day_log, desk, file_room, merging, register, rounds, slips, visitors

app_name = "reception"
urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("desk/people/", desk.people, name="people"),
    path("desk/find/", desk.find, name="find"),
    path("desk/arrivals/new/", desk.arrival_new, name="arrival_new"),
    path("desk/arrivals/", desk.arrival_create, name="arrival_create"),
    path("desk/visits/<int:pk>/void/", desk.visit_void, name="visit_void"),
    path("register/", register.register, name="register"),
    path("register/panel/", register.register_panel, name="register_panel"),
    path("desk/visits/<int:pk>/file/", file_room.file_ask, name="file_ask"),
    path("day-log/", day_log.day_log, name="day_log"),
    path("day-log/panel/", day_log.day_log_panel, name="day_log_panel"),
    path("day-log/line/", day_log.day_log_line, name="day_log_line"),
    path("day-log/entries/", day_log.day_log_write, name="day_log_write"),
    path("day-log/entries/<int:pk>/steps/", day_log.day_log_step, name="day_log_step"),
    path("day-log/entries/<int:pk>/void/", day_log.day_log_void, name="day_log_void"),
    path("day-log/entries/<int:pk>/phone/", day_log.day_log_phone, name="day_log_phone"),
    path("day-log/mail/", day_log.mail, name="mail"),
    path("day-log/search/", day_log.log_search, name="log_search"),
    path("day-log/rounds/", rounds.rounds, name="rounds"),
    path("day-log/rounds/items/<int:pk>/", rounds.round_tick, name="round_tick"),
    path("day-log/rounds/lists/", rounds.round_lists, name="round_lists"),
    path("slips/", slips.slips, name="slips"),
    path("slips/panel/", slips.slips_panel, name="slips_panel"),
    path("slips/notice/", slips.slip_notice, name="slip_notice"),
    path("slips/<int:pk>/answer/", slips.slip_answer, name="slip_answer"),
    path("slips/<int:pk>/phone/", slips.slip_phone, name="slip_phone"),
    path("file-room/", file_room.file_room, name="file_room"),
    path("file-room/panel/", file_room.file_room_panel, name="file_room_panel"),
    path("file-room/count/", file_room.file_count, name="file_count"),
    path("file-room/requests/<int:pk>/", file_room.file_step, name="file_step"),
    path("visitors/", visitors.visitors, name="visitors"),
    path("visitors/duplicates/", merging.duplicates, name="duplicates"),
    path("visitors/duplicates/dismiss/", merging.duplicate_dismiss, name="duplicate_dismiss"),
    path("visitors/<int:pk>/merge/", merging.visitor_merge, name="visitor_merge"),
    path("visitors/<int:pk>/merge/back/", merging.visitor_merge_back, name="visitor_merge_back"),
    path("visitors/<int:pk>/", visitors.visitor, name="visitor"),
    path("visitors/<int:pk>/visits/", visitors.visitor_visits, name="visitor_visits"),
    path("visitors/<int:pk>/card/", visitors.visitor_card, name="visitor_card"),
    path("visitors/<int:pk>/history/", visitors.visitor_history, name="visitor_history"),
    path("visitors/<int:pk>/phone/", visitors.reveal_phone, name="reveal_phone"),
]
