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
    path("call-backs/team/", views.team, name="team"),
    path("call-backs/team/panel/", views.team_panel, name="team_panel"),
    path("call-backs/team/share-out/", views.share_out, name="share_out"),
    path("call-backs/team/<int:pk>/", views.team_agent, name="team_agent"),
    path("call-backs/team/<int:pk>/absent/", views.team_absent, name="team_absent"),
    path("call-backs/team/<int:pk>/takes/", views.team_takes, name="team_takes"),
    path("call-backs/absences/<int:pk>/withdraw/", views.absence_withdraw, name="absence_withdraw"),
    path("call-backs/reviews/", views.reviews, name="reviews"),
    path("call-backs/reviews/panel/", views.reviews_panel, name="reviews_panel"),
    path("call-backs/reviews/count/", views.review_count, name="review_count"),
    path("call-backs/reviews/notice/", views.review_notice, name="review_notice"),
    path("call-backs/reviews/<int:pk>/", views.review, name="review"),
    path("call-backs/reviews/<int:pk>/seen/", views.review_seen, name="review_seen"),
    path("call-backs/reviews/<int:pk>/answer/", views.review_answer, name="review_answer"),
    path("call-backs/reviews/<int:pk>/told/", views.review_told, name="review_told"),
    path("call-backs/paused/", views.paused, name="paused"),
    path("call-backs/<int:pk>/", views.card, name="card"),
    path("call-backs/<int:pk>/reviews/", views.card_reviews, name="card_reviews"),
    path("call-backs/<int:pk>/take/", views.take, name="take"),
    path("call-backs/<int:pk>/renew/", views.renew, name="renew"),
    path("call-backs/<int:pk>/release/", views.release, name="release"),
    path("call-backs/<int:pk>/attempt/", views.attempt, name="attempt"),
    path("call-backs/<int:pk>/phone/", views.reveal_phone, name="reveal_phone"),
    path("call-backs/<int:pk>/put-back/", views.put_back, name="put_back"),
    path("call-backs/<int:pk>/settle/", views.settle, name="settle"),
]
