"""Settings, all from the environment; `X_FILE` names a file that holds the secret `X`.

Production values are the defaults: a start that forgets one is refused, never lenient.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()  # type: ignore[no-untyped-call]

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
DEPLOYMENT = env.str("DEPLOYMENT", default="cpdisclose")
PUBLIC_URL = env.str("PUBLIC_URL")
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"
if not HTTPS and _public.hostname not in {"localhost", "127.0.0.1"}:
    raise ImproperlyConfigured(
        "PUBLIC_URL must begin with https:// on every machine but this one (localhost)."
    )
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=True)
if not DEBUG and not MFA_REQUIRED:
    raise ImproperlyConfigured("MFA_REQUIRED=false is accepted only together with DEBUG=true.")

ALLOWED_HOSTS = [_public.hostname, *env.list("EXTRA_HOSTS", default=[])]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
ROOT_URLCONF = "cpdisclose.urls"
WSGI_APPLICATION = "cpdisclose.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "guardian",
    "sealing",
    "audit",
    "accounts",
    "privacy",
    "disclosures",
]

MIDDLEWARE = [
    "cpdisclose.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "cpdisclose.headers.ReadAndSendMiddleware",
    "cpdisclose.headers.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "audit.middleware.SessionDigestMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.frame",
            ],
        },
    }
]
# An upload is held in memory until it is sealed; Django's other handler would write it to disk in clear.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 26 * 1024 * 1024
# ClamAV's clamd, which is shown each file: unix:///run/clamav/clamd.ctl or tcp://clamav:3310; empty: nobody is asked.
CLAMD = env.str("CLAMD", default="")
if CLAMD and not re.fullmatch(r"unix:///.+|tcp://(\[[0-9A-Fa-f:]+\]|[^/:@]+):[0-9]{1,5}", CLAMD):
    raise ImproperlyConfigured("CLAMD must be unix:///path/of/its/socket or tcp://host:port.")
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database: each process has its own role and address (owner, app, sequencer, auditor).
DATABASES = {"default": env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")}
DATABASES["default"].setdefault("OPTIONS", {})
# Each thread keeps a connection and replaces it if a restart of the server has cut it. Not psycopg's pool:
# it tries one dead connection after the other, twice as long each time, and the first page took 30 s and failed.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sealing and the log. The signing keys are given to the sequencer's process alone.
SEALING_MASTER_KEYS = env.str("SEALING_MASTER_KEYS", default="")
BLIND_INDEX_KEYS = env.str("BLIND_INDEX_KEYS", default="")
AUDIT_SESSION_KEY = env.str("AUDIT_SESSION_KEY", default=SECRET_KEY)
AUDIT_ORIGIN = env.str("AUDIT_ORIGIN", default=f"{_public.hostname}/{DEPLOYMENT}")
AUDIT_SIGNING_KEYS = env.str("AUDIT_SIGNING_KEYS", default="")
AUDIT_VERIFIER_KEYS = env.str("AUDIT_VERIFIER_KEYS", default="")
# Who cosigns the checkpoints: "https://witness.example/log witness.example/w1+id+base64", more behind commas.
AUDIT_WITNESSES = env.str("AUDIT_WITNESSES", default="")
# Copies of the checkpoints that leave the house: mailed daily to these addresses, with those of `sealed` only to
# the second; put into a folder whose store keeps what was written once; time-stamped (RFC 3161) by this server,
# whose certificates (its root, and what is between) are in this file.
AUDIT_MAIL_TO = env.list("AUDIT_MAIL_TO", default=[])
AUDIT_SEALED_MAIL_TO = env.list("AUDIT_SEALED_MAIL_TO", default=[])
AUDIT_COPY_DIR = env.str("AUDIT_COPY_DIR", default="")
AUDIT_TSA_URL = env.str("AUDIT_TSA_URL", default="")
AUDIT_TSA_CERTIFICATES = env.str("AUDIT_TSA_CERTIFICATES", default="")

# How many days after a request is closed what was disclosed is kept whole; then its digest alone (30 to 90).
COPY_DAYS = env.int("COPY_DAYS", default=60)
if not 30 <= COPY_DAYS <= 90:
    raise ImproperlyConfigured("COPY_DAYS must be from 30 to 90.")

# Who signs in, and how.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.HouseWordsValidator"},
    {"NAME": "accounts.breached.BreachedPasswordsValidator"},
]
# A file of the SHA-1 sums of passwords known from breaches, sorted; none is part of the repository.
BREACHED_PASSWORDS = env.str("BREACHED_PASSWORDS", default="")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
# How old the second factor may be for an approval, a release, a file taken out, an end of secrecy, a role given.
STEP_UP_MINUTES = env.int("STEP_UP_MINUTES", default=10)
# A session ends when nothing was sent for so long, and in any case after so many hours.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_HOURS = env.int("SESSION_HOURS", default=12)
# How many in how many seconds, by (account, source).
RATES = {
    "search": (env.int("SEARCHES_IN_TEN_MINUTES", default=300), 600),
    "file": (env.int("FILES_IN_TEN_MINUTES", default=100), 600),
}
# Counted by axes instead, which does it by (account, source) and over all processes.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0
# A passkey may stand in for the code; the app stays, for browsers without script. Passwords are never left out.
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "cpdisclose"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorForm",
    "reauthenticate": "accounts.forms.ConfirmAgainForm",
    "add_webauthn": "accounts.forms.NewPasskeyForm",
    "edit_webauthn": "accounts.forms.PasskeyNameForm",
    "authenticate_webauthn": "accounts.forms.PasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.ConfirmByPasskeyForm",
}
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "accounts.lockout.account_of"
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.source_of"
AXES_USERNAME_FORM_FIELD = "login"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "code", "csrfmiddlewaretoken", "next"]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
GUARDIAN_MONKEY_PATCH_USER = False
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # its backend is left out on purpose: it says yes to superusers

# Cookies, headers, content security policy.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
# The prefix holds the browser to: secure, this host alone, every path.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "accounts.messages.FirstInACookie"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]  # asked on the machine itself, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# Language and time: London on the screen, UTC in the table.
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["cpdisclose.formats"]

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static", ("bootstrap", BASE_DIR / "node_modules" / "bootstrap" / "dist")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Mail.
_mail = env.email_url("EMAIL_URL", default="smtp://localhost:25")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"] or None
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"disclosures@{_public.hostname}")

# GOV.UK's list of bank holidays, fetched once a week; empty: the package's list alone.
HOLIDAYS_URL = env.str("HOLIDAYS_URL", default="https://www.gov.uk/bank-holidays.json")

# Worker. Beat only pokes; what is due is asked of the database.
CELERY_BROKER_URL = env.str("REDIS_URL", default="")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_ROUTES = {"audit.*": {"queue": "audit"}}
CELERY_TIMEZONE = "UTC"
CELERY_DB_REUSE_MAX = 1000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "disclosures.sweep", "schedule": 30.0, "options": {"expires": 25}},
    "holidays": {"task": "disclosures.import_holidays", "schedule": 7 * 24 * 3600.0},
    "sequence": {"task": "audit.sequence", "schedule": 5.0, "options": {"expires": 4}},
    "verify": {"task": "audit.verify", "schedule": 30.0, "options": {"expires": 25}},
    "copies": {"task": "audit.copies", "schedule": 300.0, "options": {"expires": 240}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}
