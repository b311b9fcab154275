"""Every address of the site."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("log/", include("audit.urls")),
    path("", include("disclosures.urls")),
]
