"""Settings of the floor: what ``django-admin startproject`` gives, on the product's database and accounts."""

from pathlib import Path

from cecert_site.settings import *  # noqa: F403 - the same database, hosts, language and time zone

INSTALLED_APPS = [
    "rollout.apps.RolloutConfig",  # the accounts
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
ROOT_URLCONF = "cecert_site.bench.urls"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
LOGIN_URL = "/sign-in/"

DIFFERENT = (
    "MIDDLEWARE",
    "TEMPLATES",
    "ROOT_URLCONF",
    "AUTHENTICATION_BACKENDS",
    "SESSION_ENGINE",
    "LOGIN_URL",
)
"""What makes a process of the product the floor, for counting its queries in place."""


def overrides() -> dict[str, object]:
    """These settings by name."""
    return {name: globals()[name] for name in DIFFERENT}
