"""Addresses of this room."""

from django.urls import path

from reception.views import amendments, days, desk, register, visitors

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
    path("register/sheet/", register.register_sheet, name="register_sheet"),
    path("register/days/", days.days, name="days"),
    path("register/days/interference/", days.interference, name="interference"),
    path("register/days/amendments/", amendments.amendments, name="amendments"),
    path("register/days/amendments/<int:pk>/", amendments.amendment, name="amendment"),
    path("register/days/amendments/<int:pk>/refuse/", amendments.amendment_refuse, name="amendment_refuse"),
    path(
        "register/days/amendments/<int:pk>/supervisor/", amendments.approve_as_supervisor, name="approve_as_supervisor"
    ),
    path("register/days/amendments/<int:pk>/head/", amendments.approve_as_head, name="approve_as_head"),
    path("register/days/<str:day>/", days.day, name="day"),
    path("register/days/<str:day>/sign/", days.day_sign, name="day_sign"),
    path("register/days/<str:day>/close/", days.day_close, name="day_close"),
    path("register/days/<str:day>/end-visits/", days.day_end_visits, name="day_end_visits"),
    path("register/days/<str:day>/print/", days.day_print, name="day_print"),
    path("register/days/<str:day>/export/", days.day_export, name="day_export"),
    path("register/day-count/", days.day_count, name="day_count"),
    path("register/day-notice/", days.day_notice, name="day_notice"),
    path("register/visits/<int:pk>/amend/", amendments.amendment_new, name="amendment_new"),
    path("visitors/", visitors.visitors, name="visitors"),
    path("visitors/<int:pk>/", visitors.visitor, name="visitor"),
    path("visitors/<int:pk>/visits/", visitors.visitor_visits, name="visitor_visits"),
    path("visitors/<int:pk>/card/", visitors.visitor_card, name="visitor_card"),
    path("visitors/<int:pk>/history/", visitors.visitor_history, name="visitor_history"),
    path("visitors/<int:pk>/phone/", visitors.reveal_phone, name="reveal_phone"),
]
