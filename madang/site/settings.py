"""Django's settings. Everything that differs between two installations comes from the environment or the data folder."""

from __future__ import annotations

import os
import secrets
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from madang.site.address import site_url

BASE = Path(__file__).resolve().parent.parent
ROOT = BASE.parent
DATA = Path(os.environ.get("MADANG_DATA", ROOT / "var" / "madang"))
TESTING = os.environ.get("MADANG_TESTING") == "1"
DEBUG = os.environ.get("MADANG_DEBUG") == "1"


def _secret(name: str) -> str:
    """A secret from the environment, or one made once and kept in the data folder, readable by its owner only."""
    if from_environment := os.environ.get(f"MADANG_{name.upper()}"):
        return from_environment
    DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = DATA / name
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    options: dict[str, object] = {key: values[0] for key, values in parse_qs(parts.query).items() if key != "host"}
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    if not TESTING:
        options["pool"] = {"min_size": 2, "max_size": 8, "timeout": 15}
    if role := os.environ.get("MADANG_DB_ROLE"):
        options["options"] = f"-c role={role}"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "TEST": {"NAME": os.environ.get("MADANG_TEST_DB", "test_madang")},
    }


SECRET_KEY = _secret("secret_key")
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql://localhost/madang"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

KERNEL = ["record", "law", "rules", "people", "notices", "members", "decisions", "meetings", "ledger", "tax", "payments", "capital", "charter"]
PLATFORMS = sorted(path.parent.name for path in (BASE / "platforms").glob("*/apps.py"))
HOUSE_APPS = [*(f"madang.coop.{name}" for name in KERNEL), *(f"madang.platforms.{name}" for name in PLATFORMS), "madang.web"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "ninja",
    "procrastinate.contrib.django",
    *HOUSE_APPS,
    "madang.site",
]

MIDDLEWARE = [
    "madang.site.middleware.NotTooMuch",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "madang.site.middleware.KeyOfAProgram",
    "madang.site.middleware.LanguageOfTheReader",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "madang.site.middleware.TheClock",
    "madang.site.middleware.Answers",
    "madang.site.middleware.Platforms",
    "django.middleware.gzip.GZipMiddleware",
]

ROOT_URLCONF = "madang.site.urls"
WSGI_APPLICATION = "madang.site.wsgi.application"
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SITE_URL = site_url(os.environ)
_HOSTS = [name for name in os.environ.get("MADANG_HOSTS", "").split(",") if name]
ALLOWED_HOSTS = ["*"] if TESTING else [*_HOSTS, "localhost", "127.0.0.1", urlsplit(SITE_URL).hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "web" / "templates", BASE / "coop" / "people" / "templates"],  # before allauth's own
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "madang.web.context.house",
            ],
        },
    }
]

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LOCALE_PATHS = [BASE / app.removeprefix("madang.").replace(".", "/") / "locale" for app in HOUSE_APPS]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA / "files"}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "tgz", "bz2", "tbz", "xz", "br", "woff", "woff2", "map")
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "site_cache",
        # Django's own 300 would let a crowd at the door push out how often each of them has tried.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
if TESTING:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from this machine, before the proxy
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("MADANG_BEHIND_PROXY") == "1" else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# Sign-in (allauth): by a code sent by e-mail, or by passkey. There are no passwords.
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_REQUIRED = False
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS

EMAIL_HOST = os.environ.get("MADANG_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("MADANG_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("MADANG_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("MADANG_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("MADANG_SMTP_TLS", "1") == "1"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("MADANG_MAIL_FROM", "madang@localhost")
EMAIL_BACKEND = "madang.coop.notices.mail.OutboxBackend"

PORTONE: dict[str, Any] | None = {
    "secret": os.environ["MADANG_PORTONE_SECRET"],
    "store": os.environ.get("MADANG_PORTONE_STORE", ""),
    "channel": os.environ.get("MADANG_PORTONE_CHANNEL", ""),
    "webhook_secret": os.environ.get("MADANG_PORTONE_WEBHOOK", ""),
    "contract": os.environ.get("MADANG_PORTONE_CONTRACT", ""),
    "fee_basis_points": int(os.environ.get("MADANG_PORTONE_FEE", "0")),
    "url": os.environ.get("MADANG_PORTONE_URL", "https://api.portone.io"),
    "test": os.environ.get("MADANG_PORTONE_TEST", "0") == "1",
} if os.environ.get("MADANG_PORTONE_SECRET") else None  # fmt: skip

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"madang": {"level": "INFO"}},
}

for _app in HOUSE_APPS:  # an app may bring settings of its own: `settings.py` with upper-case names
    try:
        _own = import_module(f"{_app}.settings")
    except ModuleNotFoundError as missing:
        if missing.name != f"{_app}.settings":
            raise
    else:
        globals().update({key: value for key, value in vars(_own).items() if key.isupper()})
