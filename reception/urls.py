"""Addresses of this room."""

from django.urls import path

from reception.views import desk, merging, register, visitors

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
