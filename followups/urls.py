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
    path("call-backs/plans/<int:pk>/take-back/", views.plan_take_back, name="plan_take_back"),
    path("call-backs/treatments/<int:pk>/plan/", views.treatment_plan, name="treatment_plan"),
    path("call-backs/rules/", views.rules, name="rules"),
    path("call-backs/rules/change/", views.rules_change, name="rules_change"),
    path("call-backs/inbound/", views.inbound, name="inbound"),
    path("call-backs/visitors/<int:pk>/", views.visitor, name="visitor"),
    path("call-backs/visitors/<int:pk>/track/", views.track, name="track"),
    path("call-backs/visitors/<int:pk>/untrack/", views.untrack, name="untrack"),
    path("call-backs/visitors/<int:pk>/bar/", views.bar, name="bar"),
    path("call-backs/visitors/<int:pk>/unbar/", views.unbar, name="unbar"),
    path("call-backs/<int:pk>/", views.card, name="card"),
    path("call-backs/<int:pk>/take/", views.take, name="take"),
    path("call-backs/<int:pk>/renew/", views.renew, name="renew"),
    path("call-backs/<int:pk>/release/", views.release, name="release"),
    path("call-backs/<int:pk>/attempt/", views.attempt, name="attempt"),
    path("call-backs/<int:pk>/phone/", views.reveal_phone, name="reveal_phone"),
    path("call-backs/<int:pk>/photographs/", views.photographs, name="photographs"),
    path("call-backs/<int:pk>/put-back/", views.put_back, name="put_back"),
    path("call-backs/<int:pk>/settle/", views.settle, name="settle"),
]
