"""The addresses of the log."""

from django.urls import path

from .views import clearances, log, verifications

app_name = "audit"

urlpatterns = [
    path("", log.log, name="log"),
    path("checkpoints/", log.checkpoints, name="checkpoints"),
    path("checkpoints/<int:size>/", log.checkpoint, name="checkpoint"),
    path("checkpoints/<int:size>/stamp/", log.stamp, name="stamp"),
    path("page.<str:form>", log.export, name="export"),
    path("clearances/", clearances.clearances, name="clearances"),
    path("verifications/", verifications.verifications, name="verifications"),
    path("verifications/progress/", verifications.progress, name="verification-progress"),
    path("<int:entry_id>/", log.entry, name="entry"),
]
