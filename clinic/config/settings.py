"""Settings, read from the environment. A missing or odd value stops the start and names the variable."""

from pathlib import Path
from typing import Any

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from clinic.config.logs import hide_codes

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()


def require(name: str, advice: str) -> str:
    """Return the variable's value; raise ImproperlyConfigured naming it and what to do when it is empty."""
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {advice}")
    return value


def whole_number(name: str, default: int, lowest: int, highest: int) -> int:
    """Return the variable as an int within the limits; raise ImproperlyConfigured naming it otherwise."""
    text = env.str(name, default=str(default))
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise ImproperlyConfigured(f"{name} is {text!r}: give a whole number from {lowest} to {highest}")
    return int(text)


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = require("SECRET_KEY", "give 50 or more random characters, or start with `make up`, which makes one")
if not DEBUG and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY is shorter than 50 characters: give a longer random one")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "template_partials",
    "phonenumber_field",
    "pgtrigger",
    "pghistory",
    "axes",
    "csp",
    "django_celery_beat",
    "django_structlog",
    "clinic",
    "reception",
    "triage",
    "consultations",
    "followups",
    "complaints",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "clinic.middleware.SessionLimitsMiddleware",
    "clinic.middleware.PersonalMiddleware",
    "clinic.middleware.FragmentMessagesMiddleware",
    "clinic.middleware.GateMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "clinic.config.urls"
WSGI_APPLICATION = "clinic.config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.context.shell",
            ],
            "builtins": ["clinic.templatetags.desk", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "clinic.forms.DeskFormRenderer"

DATABASES = {"default": env.db("DATABASE_URL")} if env.str("DATABASE_URL", default="") else {}
if not DATABASES:
    raise ImproperlyConfigured("DATABASE_URL is not set: give postgres://user:password@host:port/name, or `make up`")
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL 18 database: postgres://user:password@host/name")
DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
# Only what `clinic.statements` runs is prepared: the models' own queries are sent with their values in them.
DATABASES["default"].setdefault("OPTIONS", {}).update(
    application_name=env.str("PROCESS_NAME", default="frontdesk"), prepare_threshold=5
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = require("REDIS_URL", "give redis://host:port/0, or start with `make up`")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "clinic.Staff"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "clinic.backends.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "clinic:sign_in"
LOGIN_REDIRECT_URL = "clinic:home"
LOGOUT_REDIRECT_URL = "clinic:sign_in"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_CALLABLE = "clinic.views.sign_in.locked_out"
AXES_CLIENT_IP_CALLABLE = "clinic.services.sign_ins.address_of"

SESSION_ENGINE = "clinic.sessions"
SESSION_IDLE_MINUTES = whole_number("SESSION_IDLE_MINUTES", 60, 5, 1440)
SESSION_ABSOLUTE_HOURS = whole_number("SESSION_ABSOLUTE_HOURS", 14, 1, 72)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "clinic.views.errors.csrf_failure"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["clinic.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
PHONENUMBER_DEFAULT_REGION = "CN"
PHONENUMBER_DB_FORMAT = "E164"

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / ".local" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 2,
    "socket_keepalive": True,
    "global_keyprefix": "celery:",
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# A room on the left says what happened; here stands which tasks of rooms on the right follow. They are idempotent.
EVENT_TASKS: dict[str, list[str]] = {
    "treatment_filed": [
        "followups.tasks.build_for_treatment",
        "followups.tasks.follow_doctor_of_treatment",
        "followups.tasks.build_owners_for_treatment",
    ],
    "consultation_finished": ["followups.tasks.build_owners_for_visitor"],
    "appointment_changed": ["followups.tasks.build_owners_for_visitor"],
    "visitors_handed_over": ["followups.tasks.build_owners_for_hand_over"],
    "call_plan_changed": ["followups.tasks.build_all"],
    "call_rules_changed": ["followups.tasks.follow_branch_days"],
    "branch_days_changed": ["followups.tasks.follow_branch_days"],
    "calls_to_share_out": ["followups.tasks.share_out_calls"],
    "reception.check_import": ["reception.tasks.check_import"],
    "reception.run_import": ["reception.tasks.run_import"],
    "reception.undo_import": ["reception.tasks.undo_import"],
    "triage.rehearse_past": ["triage.tasks.rehearse_past"],
    "consultations.hand_over": ["consultations.tasks.carry_out_hand_over"],
    "reception.recompute_levels": ["reception.tasks.recompute_levels"],
    "visit_left": ["consultations.tasks.settle_left"],
    "visit_void": ["consultations.tasks.settle_left"],
    "visit_misallocated": ["consultations.tasks.share_misallocated"],
    "misallocation_undone": ["consultations.tasks.share_as_before"],
    "message_queued": ["clinic.tasks.send_message"],
    "messages_queued": ["clinic.tasks.send_due_messages"],
}

# Who tells what is kept about a visitor, in the order of the rooms.
PERSONAL_DATA: list[str] = [
    "reception.selectors.personal_data.sections",
    "triage.selectors.personal_data.sections",
    "consultations.selectors.personal_data.sections",
    "followups.personal_data.sections",
    "complaints.selectors.personal_data.sections",
]

# Who tells what in a visitor's story, and what of it matters now, in the order of the rooms.
STORY: list[str] = [
    "reception.selectors.story.SOURCES",
    "triage.selectors.story.SOURCES",
    "consultations.selectors.story.SOURCES",
    "followups.story.SOURCES",
    "complaints.selectors.story.SOURCES",
]
MATTERS: list[str] = [
    "reception.selectors.story.matters",
    "consultations.selectors.story.matters",
    "followups.story.matters",
    "complaints.selectors.story.matters",
]

# What else holds a visitor's file back than her visits: selects of visitor and day, one of each room on the right.
LAST_USED: list[str] = [
    "consultations.selectors.last_used.LAST_USED",
    "followups.last_used.LAST_USED",
    "complaints.selectors.last_used.LAST_USED",
]

# What every visitor has paid so far, less what was given back: a select of visitor and amount.
SPENT = "consultations.selectors.spending.SPENT"

# Which visits departments have with somebody now: a select of visits.
RECEIVED = "consultations.selectors.received.RECEIVED"
# Which visits came to a deal or a treatment that stands: such an entry is not made void.
CAME_TO = "consultations.selectors.received.CAME_TO"

# Who carries messages to people outside: a class like those of `clinic.senders`.
MESSAGE_SENDER = env.str("MESSAGE_SENDER", default="clinic.senders.ScreenSender")
OUTBOX_DAYS = whole_number("OUTBOX_DAYS", 7, 1, 365)

PGHISTORY_APPEND_ONLY = True
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# What every line tells, our own and those of libraries.
_TOLD: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_TOLD,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                hide_codes,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event", "logger"]),
            ],
            "foreign_pre_chain": _TOLD,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}},
}
