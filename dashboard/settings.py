"""Talkback's settings. The only module that reads the environment; every variable is listed in docs/operations.md.

First start without any variable works: keys are made once and kept in `var/` (mode 600), the database is SQLite.
"""

from __future__ import annotations

import os
import secrets
import sys
import tomllib
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

# whitenoise hands small files to ASGI as plain iterators; known and harmless.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def env_text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def env_bool(name: str, *, default: bool = False) -> bool:
    value = env_text(name).lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if not value else value in ("1", "true", "yes", "on")
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def env_list(name: str) -> list[str]:
    return [part for part in env_text(name).replace(",", " ").split() if part]


def env_secret(name: str, file: str, make: Any) -> str:
    """A secret from the environment, else from `var/<file>`, made there on the first start."""
    if value := env_text(name):
        return value
    path = VAR_DIR / file
    if not path.exists():
        VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process of the same first start made it
        else:
            with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
                handle.write(make())
    return path.read_text(encoding="utf-8").strip()


VAR_DIR = Path(env_text("TALKBACK_VAR", str(BASE_DIR / "var")))
DEBUG = env_bool("TALKBACK_DEBUG")
SECRET_KEY = env_secret("TALKBACK_SECRET_KEY", "secret-key", lambda: secrets.token_urlsafe(64))
#: Newest first; older keys still decrypt.
ENCRYPTION_KEYS = [
    key
    for key in env_secret("TALKBACK_ENCRYPTION_KEYS", "encryption-keys", lambda: Fernet.generate_key().decode()).split()
    if key
]

PORT = int(env_text("TALKBACK_PORT", "8000"))
#: Where vendors and capture tools reach the console. Empty: callbacks are off, and the account page says so.
PUBLIC_URL = env_text("TALKBACK_PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
#: Hosts for which plain http to a loopback address is accepted (the sandbox). Set by `make run`, never in production.
LOCAL_HOSTS = env_list("TALKBACK_LOCAL_HOSTS")
ALLOWED_HOSTS = env_list("TALKBACK_ALLOWED_HOSTS") or ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = env_list("TALKBACK_TRUSTED_ORIGINS")
BEHIND_TLS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    # Gives `runserver` sockets. No other command loads it: docs/decisions/0036-daphne-for-runserver-alone.md.
    *(["daphne"] if "runserver" in sys.argv else []),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_htmx",
    "csp",
    "axes",
    "django_tasks",
    "django_tasks_db",
    "dashboard.lib",
    "dashboard.audit",
    "dashboard.events",
    "dashboard.accounts",
    "dashboard.vendors",
    "dashboard.library",
    "dashboard.rooms",
    "dashboard.jobs",
    "dashboard.takeover",
    "dashboard.audience",
    "dashboard.rehearsal",
    "dashboard.console",
    "dashboard.live",
    "dashboard.live.worker",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.lib.htmx.RefusalMiddleware",
    "dashboard.accounts.middleware.TeamMiddleware",
    "dashboard.accounts.middleware.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.accounts.context.console",
            ],
            "loaders": [
                ("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"]),
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "dashboard.lib.templatetags.icons"],
        },
    }
]

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # What `{% cache %}` keeps: the parts of a page that are the same for everybody with that language, team and role.
    # They change with the code alone, so each process keeps its own until it ends.
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "template_fragments",
        "OPTIONS": {"MAX_ENTRIES": 2_000},
    },
}


#: Shorter than a relay's silence counts as its death: whoever waits for a lock is not taken for dead.
IDLE_IN_TRANSACTION = "-c idle_in_transaction_session_timeout=5s"


def database(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?option=…`; empty: the SQLite file."""
    if not url:
        return {
            "ENGINE": "dashboard.lib.sqlite",
            "NAME": env_text("TALKBACK_SQLITE", str(VAR_DIR / "talkback.sqlite3")),
            # IMMEDIATE: a read-then-write transaction would otherwise fail at once with "database is locked".
            # FULL: with NORMAL a power cut may undo a committed claim, and a sentence would go out twice.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 5,
                # Python keeps 128 by itself; there are more statements than that, and each would be parsed anew.
                "cached_statements": 1000,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            # A file, not memory: async code and threads of one test use several connections.
            "TEST": {"NAME": env_text("TALKBACK_TEST_SQLITE", str(VAR_DIR / "test.sqlite3"))},
        }
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgresql", "postgres") or not name:
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    # A host that is a folder (a Unix socket) is given as ?host=/path, as libpq has it.
    host = options.pop("host", "") or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        # A server that restarted leaves dead connections in the pool: each is looked at before it is handed out.
        "CONN_HEALTH_CHECKS": True,
        # Each request takes a connection that is open already, and waits where all are busy.
        # A process that stands still within a transaction (a suspended machine) would keep its locks for hours.
        "OPTIONS": {
            "options": IDLE_IN_TRANSACTION,
            **options,
            "pool": {"min_size": 2, "max_size": POSTGRES_POOL, "timeout": 10},
        },
    }


#: Connections of one process at most. PostgreSQL's own default is 100 for all together.
POSTGRES_POOL = int(env_text("TALKBACK_POSTGRES_POOL", "20"))
#: Another PostgreSQL for the tests than the one they bring along.
TEST_POSTGRES = env_text("TALKBACK_TEST_POSTGRES")
DATABASES: dict[str, Any] = {"default": database(env_text("DATABASE_URL"))}
#: Audio clips of the library: as they came, and their sound. Relays and web processes share it.
CLIPS_DIR = VAR_DIR / "clips"
#: Where events lie that a team no longer keeps in the database. Workers on several machines share it.
ARCHIVE_DIR = Path(env_text("TALKBACK_ARCHIVE", str(VAR_DIR / "archive")))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
#: Where several processes share one database: it carries their wake-ups. Empty: one process, or a second late.
REDIS_URL = env_text("REDIS_URL")
CHANNEL_LAYERS: dict[str, Any] = {
    # Not `channels_redis.core`: it loses its groups when Redis restarts.
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "talkback"},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

#: Background tasks lie in the database: `dashboard/live/worker/` runs them.
TASKS: dict[str, Any] = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "dashboard.accounts.backends.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"

SESSION_ENGINE = "dashboard.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_NAME = "talkback_session"
CSRF_COOKIE_NAME = "talkback_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "dashboard.accounts.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
#: Headers that only a proxy before us may set are believed: the scheme, and the id of a request.
BEHIND_PROXY = env_bool("TALKBACK_BEHIND_PROXY")
#: A process that does everything keeps its threads on one processor (lib/processors.py).
ONE_PROCESSOR = env_bool("TALKBACK_ONE_PROCESSOR", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
#: The largest body anybody may send us: an audience report or a script form.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "dashboard" / "locale"]
LANGUAGE_COOKIE_NAME = "talkback_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Finders serve straight from static/: no collectstatic between a clone and its first page.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 60

#: Where a relay of its own process takes a microphone's sound from consoles, as host:port; empty: nowhere, and rooms
#: that it keeps have no microphone. The address is what consoles are told, where it is not the one listened on.
RELAY_LISTEN = env_text("TALKBACK_RELAY_LISTEN")
RELAY_ADDRESS = env_text("TALKBACK_RELAY_ADDRESS").rstrip("/")
if RELAY_LISTEN and not RELAY_LISTEN.rpartition(":")[2].isdigit():
    raise ImproperlyConfigured(f"TALKBACK_RELAY_LISTEN must be host:port, not {RELAY_LISTEN!r}.")

#: Who may read the figures at /metrics: whoever bears this; empty: this machine alone, and never through a proxy.
METRICS_TOKEN = env_text("TALKBACK_METRICS_TOKEN")
#: Where processes without pages answer /healthz, /readyz and /metrics, as host:port; empty: nowhere.
METRICS_LISTEN = env_text("TALKBACK_METRICS_LISTEN")
if METRICS_LISTEN and not METRICS_LISTEN.rpartition(":")[2].isdigit():
    raise ImproperlyConfigured(f"TALKBACK_METRICS_LISTEN must be host:port, not {METRICS_LISTEN!r}.")

# The live side, in seconds; what each is for is in docs/live.md.
POLL_EVERY_S = 5.0
HEARTBEAT_EVERY_S = 15.0
RELAY_BEAT_EVERY_S = 3.0
RELAY_DEAD_AFTER_S = 9.0
SWEEP_EVERY_S = 1.0
LINK_PING_EVERY_S = 5.0
HUB_TICK_EVERY_S = 2.0
INTAKE_MAX_EVENTS = 500
WORKER_LOOKS_EVERY_S = 2.0
WORKER_BEAT_EVERY_S = 5.0
WORKER_DEAD_AFTER_S = 30.0

LOG_FORMAT = env_text("TALKBACK_LOG_FORMAT", "text")
if LOG_FORMAT not in ("text", "json"):
    raise ImproperlyConfigured(f"TALKBACK_LOG_FORMAT must be text or json, not {LOG_FORMAT!r}.")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "dashboard.lib.logs.TextFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "dashboard.lib.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env_text("TALKBACK_LOG_LEVEL", "WARNING")},
    "loggers": {"httpx": {"level": "WARNING"}, "httpcore": {"level": "WARNING"}, "axes": {"level": "ERROR"}},
}

# W004 wants `unique=True` on the e-mail; the constraint on its lower-case form says more.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
