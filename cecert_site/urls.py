"""All addresses of the product."""

from allauth.account.urls import urlpatterns as account_routes
from django.urls import include, path

from .views import design, documents, home, install, language, mail, people, session, setup

# Addresses come from the roster: whoever could add one unproved could stand in a colleague's way.
NOT_OFFERED = {"account_email"}

urlpatterns = [
    path("", home.home, name="home"),
    path("setup/", setup.setup, name="setup"),
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
    path("agencies/<slug:slug>/report/", documents.report, name="report"),
    path("agencies/<slug:slug>/documents/", documents.documents, name="documents"),
    path("documents/<uuid:uuid>/", documents.document, name="document"),
    path("documents/<uuid:uuid>/file/", documents.document_file, name="document_file"),
    path("people/<uuid:uuid>/", people.person, name="person"),
]
