"""Addresses of this room."""

from django.urls import path

from consultations.views import consultation, queue, treatments, visitors

app_name = "consultations"
urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/panel/", queue.queue_panel, name="queue_panel"),
    path("queue/count/", queue.count, name="count"),
    path("queue/alert/", queue.alert, name="alert"),
    path("queue/seat/", queue.my_seat, name="my_seat"),
    path("queue/free-in/", queue.free_in, name="free_in"),
    path("queue/forbidden-declines/", queue.forbidden_declines, name="forbidden_declines"),
    path("queue/<int:visit>/accept/", queue.accept, name="accept"),
    path("queue/<int:visit>/decline/", queue.decline, name="decline"),
    path("queue/<int:visit>/seen/", queue.seen, name="seen"),
    path("my-visitors/", visitors.my_visitors, name="my_visitors"),
    path("consultations/<int:pk>/", consultation.consultation, name="consultation"),
    path("consultations/<int:pk>/enter/", consultation.enter, name="enter"),
    path("consultations/<int:pk>/deal/", consultation.deal, name="deal"),
    path("consultations/<int:pk>/no-deal/", consultation.no_deal, name="no_deal"),
    path("consultations/<int:pk>/finish/", consultation.finish, name="finish"),
    path("consultations/<int:pk>/notes/", consultation.notes, name="notes"),
    path("consultations/<int:pk>/treatments/", consultation.file_treatment, name="file_treatment"),
    path("consultations/visitors/<int:visitor>/panel/", visitors.visitor_panel, name="visitor_panel"),
    path("consultations/visitors/<int:visitor>/treatments/new/", treatments.treatment_new, name="treatment_new"),
    path("treatments/", treatments.treatments, name="treatments"),
    path("treatments/panel/", treatments.treatments_panel, name="treatments_panel"),
    path("treatments/<int:pk>/", treatments.treatment, name="treatment"),
    path("treatments/<int:pk>/done/", treatments.done, name="treatment_done"),
    path("treatments/<int:pk>/cancel/", treatments.cancel, name="treatment_cancel"),
]
