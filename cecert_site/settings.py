"""One settings module for every way to run the product; everything that differs comes from the environment.

Without any variable set the product runs embedded: SQLite under ``var/``, the queue inside the web process, mail
written to ``var/mail``. ``DATABASE_URL``, ``REDIS_URL``, ``MAIL_URL`` and ``SITE_URL`` move it to production engines.
``NAME_FILE=/path`` may stand for ``NAME=value`` wherever a value is a secret.
"""

import os
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))


def secret(name: str, default: str = "") -> str:
    """Value of a setting that may be given as a mounted file: ``NAME_FILE`` wins over ``NAME``."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def kept_secret(path: Path) -> str:
    """The secret in ``path``; made there on the first start, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process starting at the same moment was first
        else:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(secrets.token_urlsafe(50))
    return path.read_text(encoding="utf-8").strip()


# --- Where it is reached ------------------------------------------------------------------------------------
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
_site = urlsplit(SITE_URL)
if not _site.hostname:
    raise ImproperlyConfigured(f"SITE_URL must look like https://rollout.agency.example, not {SITE_URL!r}.")
HTTPS = _site.scheme == "https"
DEMO = env.bool("DEMO", default=False)
"""Invented data: marked on every page, sign-ins printed, sent mail shown. ``script/demo`` listens on loopback only."""
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY") or kept_secret(VAR_DIR / "secret-key")
ALLOWED_HOSTS = [*{_site.hostname, *env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])}]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- Survey keys: outside the database and apart from SECRET_KEY ---------------------------------------------
ROOT_KEY_FILE = Path(env("ROOT_KEY_FILE", default=str(VAR_DIR / "keys" / "root.key")))
KEY_RING_FILE = Path(env("KEY_RING_FILE", default=str(VAR_DIR / "keys" / "ring.json")))

# --- Apps ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "cecert_site.apps.SiteConfig",
    "consultation.apps.ConsultationConfig",
    "assessments.apps.AssessmentsConfig",
    "rollout.apps.RolloutConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cecert_site.compression.CompressedPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cecert_site.middleware.pages_of_signed_in_people",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "cecert_site.urls"
WSGI_APPLICATION = "cecert_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cecert_site.context.site",
            ],
        },
    }
]

# --- Database ----------------------------------------------------------------------------------------------------
DATABASE_URL = secret("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'rollout.sqlite3'}"
_database: dict[str, Any] = environ.Env.db_url_config(DATABASE_URL)
if _database["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # Tests use a file as well: in memory, threads would share one connection, which no installation does.
    _database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
    # Opening the file, its settings and its schema anew for every request took a third of a page's time.
    _database["CONN_MAX_AGE"] = None
    _database["OPTIONS"] = {
        # Taking the write lock at BEGIN is what keeps "database is locked" away: an upgrade in mid-transaction
        # cannot wait for another writer.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {"pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8)}}
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        # Of 300 entries, the default, addresses that try codes would soon push out everybody else's.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# --- Trainers' bookings: both parts that book a trainer know of each other's entries through these ----------------------
TRAINER_BOOKINGS = [
    "rollout.bookings.session_bookings",
    "rollout.bookings.away_bookings",
    "consultation.bookings.call_bookings",
]

# Who cannot complete what is required besides hours, for the page that says who can still complete.
COMPLETION_SOURCES = ["consultation.agenda.few_calls"]

# --- Queue ---------------------------------------------------------------------------------------------------------
REDIS_URL = secret("REDIS_URL")
HEARTBEAT_SECONDS = env.int("HEARTBEAT_SECONDS", default=60)
CELERY_BROKER_URL = REDIS_URL or "memory://localhost"
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = CELERY_BEAT_ENABLE_REMOTE_CONTROL = bool(
    REDIS_URL
)  # `celery inspect ping`
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_TASK_TIME_LIMIT = 300
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # no file: there is nothing to remember
CELERY_BEAT_SCHEDULE = {
    # One heartbeat does everything that is due. It expires with its interval, so that none pile up unworked.
    "heartbeat": {
        "task": "cecert_site.tasks.heartbeat",
        "schedule": HEARTBEAT_SECONDS,
        "options": {"expires": HEARTBEAT_SECONDS},
    },
    # Somebody waits for a report, and the web never talks to the broker. One EXISTS when there is nothing to make.
    "make_documents": {
        "task": "cecert_site.tasks.make_documents",
        "schedule": 2,
        "options": {"expires": 30},
    },
}
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "global_keyprefix": env("REDIS_KEY_PREFIX", default=""),  # several products on one Redis
        "visibility_timeout": 360,  # a little over the longest task
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 3,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.25}

# --- Mail ------------------------------------------------------------------------------------------------------------
MAIL_DIR = VAR_DIR / "mail"
MAIL_FROM = env("MAIL_FROM", default="CE-CERT Rollout <rollout@localhost>")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM


def mailer(url: str) -> dict[str, Any]:
    """Mail settings from ``smtp://user:password@host:587`` (``smtps://`` for implicit TLS, ``?tls=0`` for none)."""
    if not url:
        return {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(MAIL_DIR)},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("MAIL_URL must look like smtp://user:password@mail.agency.example:587.")
    options = {
        "host": parts.hostname,
        "port": parts.port or (465 if parts.scheme == "smtps" else 587),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": parts.scheme == "smtp" and "tls=0" not in parts.query,
        "timeout": 20,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}


MAILERS = {"default": mailer(secret("MAIL_URL"))}

# --- Sign-in -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "rollout.User"
AUTHENTICATION_BACKENDS = ["cecert_site.signed_in.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "cecert_site.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses come from the roster; a mailed code proves who reads them
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_SESSION_REMEMBER = True  # for SESSION_COOKIE_AGE, without asking
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
OPEN_SIGNUP = env.bool("OPEN_SIGNUP", default=DEMO)
"""Whether people without an agency may come by themselves. Off on an agency's own server: its roster says who comes."""
ACCOUNT_RATE_LIMITS = {"own_sign_up": "10/m/ip,5/h/key"}  # the key is the address that would get the mail
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
# Limits count visitors by address: behind a proxy that is the one the proxy saw, not the proxy's own.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24

# --- Sessions and security ---------------------------------------------------------------------------------------------
SESSION_ENGINE = "cecert_site.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 10
SESSION_WARNING_SECONDS = 120  # this long before the end a page asks whether to go on
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_FAILURE_VIEW = "cecert_site.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 6_000_000  # a roster stays in memory and never touches the disk in clear

# --- Language and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else "language"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "cecert_site" / "locale"]
FORMAT_MODULE_PATH = "cecert_site.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files --------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
TESTING = "pytest" in sys.modules
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing is uploaded to disk
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or TESTING

# --- Logs: what happened, never what somebody wrote or answered -----------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"secret_paths": {"()": "cecert_site.log_filters.MaskSecretPaths"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secret_paths"]}
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
    "loggers": {"rollout.outbox": {"level": "INFO"}, "celery": {"level": "WARNING"}},
}
