"""Addresses of this room."""

from django.urls import path

from reception.views import desk, displays, imports, register, slips, visitors

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
    path("visitors/", visitors.visitors, name="visitors"),
    path("visitors/<int:pk>/", visitors.visitor, name="visitor"),
    path("visitors/<int:pk>/visits/", visitors.visitor_visits, name="visitor_visits"),
    path("visitors/<int:pk>/past/", visitors.visitor_past, name="visitor_past"),
    path("visitors/<int:pk>/card/", visitors.visitor_card, name="visitor_card"),
    path("visitors/<int:pk>/history/", visitors.visitor_history, name="visitor_history"),
    path("visitors/<int:pk>/phone/", visitors.reveal_phone, name="reveal_phone"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.import_batch, name="import"),
    path("imports/<int:pk>/state/", imports.import_state, name="import_state"),
    path("imports/<int:pk>/mistakes/", imports.import_mistakes, name="import_mistakes"),
    path("imports/<int:pk>/run/", imports.import_run, name="import_run"),
    path("imports/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("display/", displays.display, name="display"),
    path("display/calls/", displays.display_calls, name="display_calls"),
    path("displays/", displays.displays, name="displays"),
    path("displays/pair/", displays.display_pair, name="display_pair"),
    path("displays/names/", displays.display_names, name="display_names"),
    path("displays/<int:pk>/revoke/", displays.display_revoke, name="display_revoke"),
    path("visits/<int:pk>/slip/", slips.slip, name="slip"),
    path("desk/scan/", slips.scan, name="scan"),
]
