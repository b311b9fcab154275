"""Every address of the site."""

from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("log/", include("audit.urls")),
    path("", include("disclosures.urls")),
]
