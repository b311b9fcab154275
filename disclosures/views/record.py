"""The decision record as a file: PDF to be read, JSON to be worked with."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.selectors import controller

from ..documents.record_pdf import record_pdf
from ..record import as_json
from ..selectors import NotThere
from ..selectors.decision_record import decision_record
from ..states import Perm
from .doors import desk_page, take_out, through_the_door

TYPES = {"pdf": "application/pdf", "json": "application/json"}


@desk_page
def decision(http: HttpRequest, reference: str, form: str) -> HttpResponse:
    """Whoever sees the request may take its record with them; the log says who did."""
    if form not in TYPES:
        raise NotThere
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    take_out(http, case, reverse("disclosures:request", args=[reference]))
    record = decision_record(case, actor=user, now=now, form=form.upper())
    made: bytes | str = as_json(record)
    if form == "pdf":
        made = record_pdf(record, company=controller().name, made_at=now)
    return HttpResponse(
        made,
        content_type=TYPES[form],
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'attachment; filename="decision-record-{case.reference}.{form}"',
        },
    )
