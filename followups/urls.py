"""Addresses of this room."""

from django.urls import path

from followups import views

app_name = "followups"
urlpatterns = [
    path("call-backs/", views.worklist, name="worklist"),
    path("call-backs/panel/", views.worklist_panel, name="worklist_panel"),
    path("call-backs/count/", views.count, name="count"),
    path("call-backs/next/", views.next_card, name="next"),
    path("call-backs/plans/", views.plans, name="plans"),
    path("call-backs/plans/new/", views.plan_new, name="plan_new"),
    path("call-backs/plans/<int:pk>/", views.plan, name="plan"),
    path("call-backs/<int:pk>/", views.card, name="card"),
    path("call-backs/<int:pk>/take/", views.take, name="take"),
    path("call-backs/<int:pk>/renew/", views.renew, name="renew"),
    path("call-backs/<int:pk>/release/", views.release, name="release"),
    path("call-backs/<int:pk>/attempt/", views.attempt, name="attempt"),
    path("call-backs/<int:pk>/phone/", views.reveal_phone, name="reveal_phone"),
    path("call-backs/<int:pk>/put-back/", views.put_back, name="put_back"),
    path("call-backs/<int:pk>/settle/", views.settle, name="settle"),
    path("reports/follow-ups/", views.reports, name="reports"),
    path("reports/follow-ups/build/", views.report_build, name="report_build"),
    path("reports/follow-ups/outcomes/", views.outcomes, name="outcomes"),
    path("reports/follow-ups/<int:year>/<int:week>/", views.report, name="report"),
    path("reports/follow-ups/<int:year>/<int:week>/calls/", views.report_calls, name="report_calls"),
]
