"""All addresses of the product."""

from allauth.account.urls import urlpatterns as account_routes
from django.urls import include, path

from .views import (
    design,
    documents,
    duplicates,
    home,
    install,
    language,
    mail,
    people,
    plan,
    plan_sessions,
    session,
    setup,
    sign_up,
)

# Addresses come from the roster: whoever could add one unproved could stand in a colleague's way.
NOT_OFFERED = {"account_email"}

urlpatterns = [
    path("", home.home, name="home"),
    path("setup/", setup.setup, name="setup"),
    path("sign-up/", sign_up.sign_up, name="sign_up"),
    path("sign-up/code/", sign_up.sign_up_code, name="sign_up_code"),
    path("sign-up/terms/", sign_up.sign_up_terms, name="sign_up_terms"),
    path("language/", language.choose, name="language"),
    path("manifest.webmanifest", install.manifest, name="manifest"),
    path("sw.js", install.service_worker, name="service_worker"),
    path("offline/", install.offline, name="offline"),
    path("session/", session.session, name="session"),
    path("session/back/", session.session_back, name="session_back"),
    path("sent-mail/", mail.sent_mail_page, name="sent_mail"),
    path("design/", design.design, name="design"),
    path("accounts/", include([route for route in account_routes if route.name not in NOT_OFFERED])),
    path("", include("rollout.urls")),
    path("", include("consultation.urls")),
    path("", include("assessments.urls")),
    path("agencies/<slug:slug>/", home.overview, name="overview"),
    path("agencies/<slug:slug>/plan/", plan.plan, name="plan"),
    path("agencies/<slug:slug>/plan/new/", plan.plan_new, name="plan_new"),
    path("agencies/<slug:slug>/plan/rework/", plan.plan_rework, name="plan_rework"),
    path("agencies/<slug:slug>/plan/baseline/", plan.plan_baseline, name="plan_baseline"),
    path("agencies/<slug:slug>/plan/file.<str:kind>", plan.plan_file, name="plan_file"),
    path(
        "agencies/<slug:slug>/plan/cohorts/<int:number>/sessions/",
        plan_sessions.plan_sessions,
        name="plan_sessions",
    ),
    path("plan/milestones/<uuid:uuid>/", plan.plan_milestone, name="plan_milestone"),
    path("agencies/<slug:slug>/report/", documents.report, name="report"),
    path("agencies/<slug:slug>/documents/", documents.documents, name="documents"),
    path("documents/<uuid:uuid>/", documents.document, name="document"),
    path("documents/<uuid:uuid>/file/", documents.document_file, name="document_file"),
    path("people/<uuid:uuid>/", people.person, name="person"),
    path("agencies/<slug:slug>/people/duplicates/", duplicates.duplicates, name="duplicates"),
    path("people/<uuid:uuid>/same-as/<uuid:other>/", duplicates.same_person, name="same_person"),
    path("merges/<uuid:uuid>/undo/", duplicates.merge_undo, name="merge_undo"),
]
