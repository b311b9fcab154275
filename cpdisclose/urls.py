"""Every address of the site."""

from django.urls import include, path

from .health import healthz, readyz

handler400 = "cpdisclose.errors.bad_request"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("log/", include("audit.urls")),
    path("", include("disclosures.urls")),
]
