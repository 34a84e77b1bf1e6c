"""Addresses of the ground: enrollment and training."""

from django.urls import include, path

from .views import (
    attendance,
    certificate_checks,
    certificates,
    check_in,
    commitment,
    coverage,
    enroll,
    enrollment,
    hours,
    people,
    roster,
    session_days,
    trainers,
    training,
    training_files,
    workforce,
)

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
    path("agencies/<slug:slug>/people/", people.people, name="people"),
    path("agencies/<slug:slug>/people/export.<str:kind>", people.people_export, name="people_export"),
    path("agencies/<slug:slug>/people/new/", people.person_new, name="person_new"),
    path("people/<uuid:uuid>/edit/", people.person_edit, name="person_edit"),
    path("agencies/<slug:slug>/roster/", roster.roster_upload, name="roster_upload"),
    path("agencies/<slug:slug>/roster/<uuid:uuid>/", roster.roster_preview, name="roster_preview"),
    path("agencies/<slug:slug>/teams/", people.teams, name="teams"),
    path("agencies/<slug:slug>/teams/export.<str:kind>", people.teams_export, name="teams_export"),
    path("teams/<uuid:uuid>/edit/", people.team_edit, name="team_edit"),
]

step_urls = [
    path("enroll/<str:step>/", enroll.enroll, name="enroll"),
    path("commitment/", commitment.commitment, name="commitment"),
    path("commitment/form/", commitment.commitment_blank, name="commitment_blank"),
    path("commitment/exception/", commitment.commitment_exception, name="commitment_exception"),
    path("commitment/<int:pk>/paper/", commitment.commitment_paper, name="commitment_paper"),
    path("closings/", enroll.closings, name="closings"),
    path("closings/<int:pk>/remove/", enroll.closing_remove, name="closing_remove"),
    path("workforce/", workforce.workforce, name="workforce"),
    path("workforce/import/", workforce.workforce_import, name="workforce_import"),
    path("workforce/as/<str:kind>/", workforce.workforce_export, name="workforce_export"),
    path("workforce/<str:month>/", workforce.workforce_month, name="workforce_month"),
]

training_urls = [
    path("agencies/<slug:slug>/training/", training.training, name="training"),
    path("agencies/<slug:slug>/training/cohorts/new/", training.cohort_new, name="cohort_new"),
    path(
        "agencies/<slug:slug>/training/cohorts.<str:kind>",
        training_files.training_table,
        name="training_table",
    ),
    path(
        "agencies/<slug:slug>/training/sessions.<str:kind>",
        training_files.sessions_table,
        name="sessions_table",
    ),
    path("cohorts/<uuid:uuid>/", training.cohort, name="cohort"),
    path("cohorts/<uuid:uuid>/edit/", training.cohort_edit, name="cohort_edit"),
    path("cohorts/<uuid:uuid>/people.<str:kind>", training_files.cohort_table, name="cohort_table"),
    path("cohorts/<uuid:uuid>/sign-in-sheet.pdf", training_files.cohort_sheet, name="cohort_sheet"),
    path("cohorts/<uuid:uuid>/sessions/days/", session_days.session_days, name="session_days"),
    path("cohorts/<uuid:uuid>/sessions/new/", training.session_new, name="session_new"),
    path("sessions/<uuid:uuid>/", attendance.session, name="session"),
    path("sessions/<uuid:uuid>/edit/", training.session_edit, name="session_edit"),
    path("sessions/<uuid:uuid>/screen/", check_in.screen, name="check_in_screen"),
    path("sessions/<uuid:uuid>/sign-in-sheet.pdf", training_files.session_sheet, name="session_sheet"),
    path(
        "sessions/<uuid:uuid>/attendance.<str:kind>", training_files.attendance_table, name="attendance_table"
    ),
    path("check-in/<uuid:uuid>/", check_in.check_in_code, name="check_in_code"),
    path("check-in/<uuid:uuid>/done/", check_in.check_in_done, name="check_in_done"),
    path("check-in/<uuid:uuid>/<str:code>/", check_in.check_in, name="check_in"),
    path("trainers/", trainers.trainers, name="trainers"),
    path("trainers/<int:pk>/", trainers.trainer, name="trainer"),
    path("trainers/<int:pk>/edit/", trainers.trainer_edit, name="trainer_edit"),
    path("me/training/", attendance.my_training, name="my_training"),
]

hours_urls = [
    path("agencies/<slug:slug>/hours/", hours.hours, name="hours"),
    path("agencies/<slug:slug>/hours.<str:kind>", hours.hours_table, name="hours_table"),
    path("agencies/<slug:slug>/hours/paper/", hours.hours_paper, name="hours_paper"),
    path("agencies/<slug:slug>/completion/", hours.still_open, name="completion"),
    path("people/<uuid:uuid>/make-up/", hours.makeup_give, name="makeup_give"),
    path("make-up/<int:pk>/back/", hours.makeup_back, name="makeup_back"),
    path("agencies/<slug:slug>/coverage/", coverage.coverage, name="coverage"),
    path("agencies/<slug:slug>/coverage.<str:kind>", coverage.coverage_table, name="coverage_table"),
    path("curricula/", hours.curricula, name="curricula"),
]

certificate_urls = [
    path("agencies/<slug:slug>/certificates/", certificates.certificates, name="certificates"),
    path(
        "agencies/<slug:slug>/certificates/as/<str:kind>/",
        certificates.certificates_export,
        name="certificates_export",
    ),
    path("agencies/<slug:slug>/certificates/<uuid:uuid>/", certificates.certificate, name="certificate"),
    path(
        "agencies/<slug:slug>/certificates/<uuid:uuid>/again/",
        certificates.certificate_reissue,
        name="certificate_reissue",
    ),
    path(
        "agencies/<slug:slug>/certificates/<uuid:uuid>/revoke/",
        certificates.certificate_revoke,
        name="certificate_revoke",
    ),
    path("cohorts/<uuid:uuid>/certificates/", certificates.cohort_certificates, name="cohort_certificates"),
    path("people/<uuid:uuid>/certificates/", certificates.person_certificates, name="person_certificates"),
    path("certificates/file/<uuid:uuid>/", certificates.certificate_file, name="certificate_file"),
    path("certificates/check/", certificate_checks.certificate_form, name="certificate_form"),
    path("certificates/<str:code>/", certificate_checks.certificate_check, name="certificate_check"),
]

urlpatterns = [
    path("", include("rollout.own_urls")),
    path("agencies/<slug:slug>/", include(step_urls)),
    *certificate_urls,
    *enrollment_urls,
    *training_urls,
    *hours_urls,
]
