"""The app of the job itself."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db.models import OuterRef, QuerySet

from audit.hooks import digest_rows_of, hide


class DisclosuresConfig(AppConfig):
    name = "disclosures"
    verbose_name = "Requests"

    def ready(self) -> None:
        import_module("disclosures.documents.malware")
        hide("request", restricted)
        digest_rows_of("request", 1)
        digest_rows_of("cell_member", 1)
        digest_rows_of("interception_clearance", 1)
        digest_rows_of("interception_clearance_end", 1)


def restricted(reference: OuterRef) -> QuerySet[Any]:
    """Entries of a request are on the page of the log only while it is not restricted."""
    return apps.get_model("disclosures", "Request").objects.filter(reference=reference, restricted=True)
