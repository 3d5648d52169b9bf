"""Addresses of the shell."""

from django.urls import path

from clinic.views import calendar, home, levels, messages, personal, places, records, roster, sign_in, staff

app_name = "clinic"
urlpatterns = [
    path("", home.home, name="home"),
    path("healthz/", home.healthz, name="healthz"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("preferences/", personal.preferences, name="preferences"),
    path("password/", personal.password, name="password"),
    path("live-ticket/", personal.live_ticket, name="live_ticket"),
    path("messages/", messages.messages, name="messages"),
    path("messages/<int:pk>/again/", messages.message_again, name="message_again"),
    path("staff/", staff.staff_list, name="staff_list"),
    path("staff/new/", staff.staff_new, name="staff_new"),
    path("staff/<int:pk>/", staff.staff_edit, name="staff_edit"),
    path("staff/<int:pk>/leave/", staff.staff_leave, name="staff_leave"),
    path("staff/<int:pk>/password/", staff.staff_reset_password, name="staff_reset_password"),
    path("projects/", places.projects, name="projects"),
    path("projects/new/", places.project_new, name="project_new"),
    path("projects/<int:pk>/", places.project_edit, name="project_edit"),
    path("levels/", levels.levels, name="levels"),
    path("levels/new/", levels.level_new, name="level_new"),
    path("levels/<int:pk>/", levels.level_edit, name="level_edit"),
    path("levels/<int:pk>/remove/", levels.level_remove, name="level_remove"),
    path("branch/", places.branch, name="branch"),
    path("branch/departments/<int:pk>/", places.department, name="department"),
    path("branch/hours/", places.branch_hours, name="branch_hours"),
    path("branch/holidays/", calendar.days, name="branch_days"),
    path("branch/holidays/<int:pk>/forget/", calendar.day_forget, name="branch_day_forget"),
    path("roster/", roster.roster, name="roster"),
    path("roster/copy/", roster.roster_copy, name="roster_copy"),
    path("roster/print/", roster.roster_print, name="roster_print"),
    path("roster/mine/", roster.own_shifts, name="own_shifts"),
    path("audit/", records.audit, name="audit"),
    path("jobs/", records.jobs, name="jobs"),
    path("jobs/<uuid:pk>/", records.job, name="job"),
    path("jobs/<uuid:pk>/panel/", records.job_panel, name="job_panel"),
    path("jobs/<uuid:pk>/cancel/", records.job_cancel, name="job_cancel"),
]
