"""Addresses of this room."""

from django.urls import path

from reception.views import appointments, desk, expected, pre_reports, register, visitors

app_name = "reception"
urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("desk/people/", desk.people, name="people"),
    path("desk/find/", desk.find, name="find"),
    path("desk/arrivals/new/", desk.arrival_new, name="arrival_new"),
    path("desk/arrivals/", desk.arrival_create, name="arrival_create"),
    path("desk/visits/<int:pk>/void/", desk.visit_void, name="visit_void"),
    path("desk/expected/", expected.expected, name="expected"),
    path("appointments/", appointments.calendar, name="calendar"),
    path("appointments/day/", appointments.calendar_panel, name="calendar_panel"),
    path("appointments/new/", appointments.booking_new, name="booking_new"),
    path("appointments/book/", appointments.booking_create, name="booking_create"),
    path("appointments/day-before/", expected.day_before, name="day_before"),
    path("appointments/day-before/panel/", expected.day_before_panel, name="day_before_panel"),
    path("appointments/no-shows/", expected.no_shows, name="no_shows"),
    path("appointments/no-shows/panel/", expected.no_shows_panel, name="no_shows_panel"),
    path("appointments/close/", expected.close_day, name="close_appointments"),
    path("appointments/capacity/", expected.capacity, name="capacity"),
    path("appointments/<int:pk>/", appointments.appointment, name="appointment"),
    path("appointments/<int:pk>/answer/", appointments.appointment_answer, name="appointment_answer"),
    path("appointments/<int:pk>/message/", appointments.appointment_message, name="appointment_message"),
    path("appointments/<int:pk>/no-messages/", appointments.appointment_no_messages, name="appointment_no_messages"),
    path("appointments/<int:pk>/phone/", appointments.appointment_phone, name="appointment_phone"),
    path("pre-reports/", pre_reports.pre_reports, name="pre_reports"),
    path("pre-reports/panel/", pre_reports.pre_reports_panel, name="pre_reports_panel"),
    path("pre-reports/count/", pre_reports.pre_report_count, name="pre_report_count"),
    path("pre-reports/new/", pre_reports.pre_report_new, name="pre_report_new"),
    path("pre-reports/<int:pk>/", pre_reports.pre_report, name="pre_report"),
    path("pre-reports/<int:pk>/phone/", pre_reports.pre_report_phone, name="pre_report_phone"),
    path("pre-reports/<int:pk>/entry/", pre_reports.pre_report_entry, name="pre_report_entry"),
    path("register/", register.register, name="register"),
    path("register/panel/", register.register_panel, name="register_panel"),
    path("visitors/", visitors.visitors, name="visitors"),
    path("visitors/<int:pk>/", visitors.visitor, name="visitor"),
    path("visitors/<int:pk>/visits/", visitors.visitor_visits, name="visitor_visits"),
    path("visitors/<int:pk>/card/", visitors.visitor_card, name="visitor_card"),
    path("visitors/<int:pk>/history/", visitors.visitor_history, name="visitor_history"),
    path("visitors/<int:pk>/phone/", visitors.reveal_phone, name="reveal_phone"),
]
