"""The app of the log."""

from django.apps import AppConfig

from . import registry


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "The log"

    def ready(self) -> None:
        registry.discover()
