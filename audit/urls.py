"""The addresses of the log."""

from django.urls import path

from . import views

app_name = "audit"

urlpatterns = [
    path("", views.log, name="log"),
    path("checkpoints/", views.checkpoints, name="checkpoints"),
    path("checkpoints/<int:size>/", views.checkpoint, name="checkpoint"),
    path("page.<str:form>", views.export, name="export"),
    path("<int:entry_id>/", views.entry, name="entry"),
]
