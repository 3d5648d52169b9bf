"""Every address, room by room. Each view behind them is declared to the gate in `clinic.access`."""

from django.urls import include, path

handler400 = "clinic.views.errors.bad_request"
handler403 = "clinic.views.errors.permission_denied"
handler404 = "clinic.views.errors.page_not_found"
handler500 = "clinic.views.errors.server_error"

urlpatterns = [
    path("", include("clinic.urls")),
    path("", include("reception.urls")),
    path("", include("triage.urls")),
    path("", include("consultations.urls")),
    path("", include("followups.urls")),
    path("", include("complaints.urls")),
]
