"""Addresses of the ground: enrollment and training."""

from django.urls import path

from .views import attendance, enrollment, roster, training

app_name = "rollout"

enrollment_urls = [
    path("agencies/", enrollment.agencies, name="agencies"),
    path("agencies/new/", enrollment.agency_new, name="agency_new"),
    path("agencies/<slug:slug>/edit/", enrollment.agency_edit, name="agency_edit"),
    path("agencies/<slug:slug>/access/", enrollment.access, name="access"),
    path(
        "agencies/<slug:slug>/access/<str:role>/<int:pk>/withdraw/",
        enrollment.access_withdraw,
        name="access_withdraw",
    ),
    path("agencies/<slug:slug>/people/", enrollment.people, name="people"),
    path("agencies/<slug:slug>/people/new/", enrollment.person_new, name="person_new"),
    path("people/<uuid:uuid>/edit/", enrollment.person_edit, name="person_edit"),
    path("agencies/<slug:slug>/roster/", roster.roster_upload, name="roster_upload"),
    path("agencies/<slug:slug>/roster/<uuid:uuid>/", roster.roster_preview, name="roster_preview"),
    path("agencies/<slug:slug>/teams/", enrollment.teams, name="teams"),
    path("teams/<uuid:uuid>/edit/", enrollment.team_edit, name="team_edit"),
]

training_urls = [
    path("agencies/<slug:slug>/training/", training.training, name="training"),
    path("agencies/<slug:slug>/training/cohorts/new/", training.cohort_new, name="cohort_new"),
    path("cohorts/<uuid:uuid>/", training.cohort, name="cohort"),
    path("cohorts/<uuid:uuid>/sessions/new/", training.session_new, name="session_new"),
    path("sessions/<uuid:uuid>/", attendance.session, name="session"),
    path("sessions/<uuid:uuid>/edit/", training.session_edit, name="session_edit"),
    path("me/training/", attendance.my_training, name="my_training"),
]

urlpatterns = [*enrollment_urls, *training_urls]
