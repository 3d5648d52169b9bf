"""Addresses of this room."""

from django.urls import path

from followups import views

app_name = "followups"
urlpatterns = [
    path("call-backs/", views.worklist, name="worklist"),
    path("call-backs/panel/", views.worklist_panel, name="worklist_panel"),
    path("call-backs/count/", views.count, name="count"),
    path("call-backs/next/", views.next_card, name="next"),
    path("call-backs/own/", views.own, name="own"),
    path("call-backs/own/panel/", views.own_panel, name="own_panel"),
    path("call-backs/own/count/", views.own_count, name="own_count"),
    path("call-backs/own/next/", views.own_next, name="own_next"),
    path("call-backs/own/<int:pk>/", views.own_card, name="own_card"),
    path("call-backs/own/<int:pk>/take/", views.own_take, name="own_take"),
    path("call-backs/own/<int:pk>/renew/", views.own_renew, name="own_renew"),
    path("call-backs/own/<int:pk>/release/", views.own_release, name="own_release"),
    path("call-backs/own/<int:pk>/try/", views.own_try, name="own_try"),
    path("call-backs/own/<int:pk>/phone/", views.own_phone, name="own_phone"),
    path("call-backs/own/<int:pk>/messages/", views.own_messages, name="own_messages"),
    path("call-backs/own/<int:pk>/put-back/", views.own_put_back, name="own_put_back"),
    path("call-backs/own/<int:pk>/end/", views.own_end, name="own_end"),
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
]
