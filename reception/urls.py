"""Addresses of this room."""

from django.urls import path

from reception.views import consent_texts, desk, intake, own_card, papers, pre_checks, register, visitors

app_name = "reception"
urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("desk/people/", desk.people, name="people"),
    path("desk/find/", desk.find, name="find"),
    path("desk/arrivals/new/", desk.arrival_new, name="arrival_new"),
    path("desk/arrivals/", desk.arrival_create, name="arrival_create"),
    path("desk/visits/<int:pk>/void/", desk.visit_void, name="visit_void"),
    path("desk/visits/<int:pk>/pre-check/", pre_checks.pre_check, name="pre_check"),
    path("desk/visits/<int:pk>/cleared/", pre_checks.isolation_end, name="isolation_end"),
    path("desk/visits/<int:pk>/isolation-seen/", pre_checks.isolation_seen, name="isolation_seen"),
    path("desk/isolations/", pre_checks.isolation_notice, name="isolation_notice"),
    path("desk/cards/", intake.cards, name="cards"),
    path("desk/cards/<int:pk>/take/", intake.card_take, name="card_take"),
    path("desk/cards/<int:pk>/drop/", intake.card_drop, name="card_drop"),
    path("desk/invitations/", intake.invitation_create, name="invitation_create"),
    path("desk/invitations/<int:pk>/", intake.invitation, name="invitation"),
    path("kiosk/", own_card.kiosk, name="kiosk"),
    path("kiosk/card/", own_card.kiosk_card, name="kiosk_card"),
    path("kiosks/", intake.kiosks, name="kiosks"),
    path("kiosks/start/", intake.kiosk_start, name="kiosk_start"),
    path("kiosks/<int:pk>/end/", intake.kiosk_end, name="kiosk_end"),
    path("card/<str:code>/", own_card.own_card, name="own_card"),
    path("consent-texts/", consent_texts.consent_texts, name="consent_texts"),
    path("register/", register.register, name="register"),
    path("register/panel/", register.register_panel, name="register_panel"),
    path("visitors/", visitors.visitors, name="visitors"),
    path("visitors/<int:pk>/", visitors.visitor, name="visitor"),
    path("visitors/<int:pk>/visits/", visitors.visitor_visits, name="visitor_visits"),
    path("visitors/<int:pk>/card/", visitors.visitor_card, name="visitor_card"),
    path("visitors/<int:pk>/history/", visitors.visitor_history, name="visitor_history"),
    path("visitors/<int:pk>/papers/", papers.visitor_papers, name="visitor_papers"),
    path("visitors/<int:pk>/id-number/", papers.reveal_id, name="reveal_id"),
    path("visitors/<int:pk>/consents/", papers.visitor_consents, name="visitor_consents"),
    path("visitors/<int:pk>/phone/", visitors.reveal_phone, name="reveal_phone"),
]
