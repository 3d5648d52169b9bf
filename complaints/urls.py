"""Addresses of this room."""

from django.urls import path

from complaints.views import complaints, reports

app_name = "complaints"
urlpatterns = [
    path("complaints/", complaints.complaint_list, name="list"),
    path("complaints/open/", complaints.open_complaint, name="open"),
    path("complaints/open/find/", complaints.find_visitor, name="find_visitor"),
    path("complaints/count/", complaints.count, name="count"),
    path("complaints/notice/", complaints.notice, name="notice"),
    path("complaints/number/<str:number>/", complaints.by_number, name="by_number"),
    path("complaints/<int:pk>/", complaints.complaint, name="complaint"),
    path("complaints/<int:pk>/take/", complaints.take, name="take"),
    path("complaints/<int:pk>/assign/", complaints.assign, name="assign"),
    path("complaints/<int:pk>/note/", complaints.note, name="note"),
    path("complaints/<int:pk>/decide/", complaints.decide, name="decide"),
    path("complaints/<int:pk>/close/", complaints.close, name="close"),
    path("reports/weekly/", reports.weekly_reports, name="weekly_reports"),
    path("reports/weekly/build/", reports.build, name="weekly_build"),
    path("reports/weekly/<int:year>/<int:week>/", reports.weekly_report, name="weekly_report"),
]
