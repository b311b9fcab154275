"""The addresses of the log."""

from django.urls import path

from .views import log, verifications

app_name = "audit"

urlpatterns = [
    path("", log.log, name="log"),
    path("checkpoints/", log.checkpoints, name="checkpoints"),
    path("checkpoints/<int:size>/", log.checkpoint, name="checkpoint"),
    path("page.<str:form>", log.export, name="export"),
    path("verifications/", verifications.verifications, name="verifications"),
    path("verifications/progress/", verifications.progress, name="verification-progress"),
    path("<int:entry_id>/", log.entry, name="entry"),
]
