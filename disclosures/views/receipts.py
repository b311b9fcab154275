"""Receipts as files: for the desk, and for a company's own people once the answer has gone to them."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User

from .. import selectors
from ..models import Request
from ..selectors.company import answer_has_gone
from ..selectors.receipts import NotProvedYet, receipt_of
from ..states import Perm
from .doors import desk_page, through_the_door


@desk_page
def receipt(http: HttpRequest, reference: str, version: int) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    return _file(http, case, user, now, Perm.VIEW, version, "disclosures:request")


@desk_page
def company_receipt(http: HttpRequest, reference: str, version: int) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.FOLLOW)
    if not answer_has_gone(case):
        raise selectors.NotThere
    return _file(http, case, user, now, Perm.FOLLOW, version, "disclosures:company-request")


def _file(
    http: HttpRequest, case: Request, user: User, now: datetime, perm: Perm, version: int, back: str
) -> HttpResponse:
    try:
        text = receipt_of(case, version, actor=user, perm=perm, now=now)
    except NotProvedYet as reason:
        messages.warning(http, str(reason))
        return redirect(back, case.reference)
    name = f"{case.reference}-{version}.tlog-proof"
    return HttpResponse(
        text.encode(),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
