"""Audit packs: asked for, watched while they are made, and taken along, by the auditor who asked."""

import base64
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.rates import count_use
from accounts.step_up import need_fresh_proof
from audit.clearances import is_cleared

from ..forms.audit_pack import PackForm
from ..selectors import NotThere
from ..selectors.audit_packs import pack_for, packs_of
from ..selectors.opening import open_pack
from ..services.audit_packs import KEPT_FOR, PackRefused, ask_audit_pack
from ..templatetags.desk import Problem
from .answering import done, posted, show
from .doors import desk_page, moment, person

HERE = "disclosures:audit-packs"


@desk_page
def packs(http: HttpRequest) -> HttpResponse:
    user, now = person(http), moment()
    found = packs_of(user, now, before=http.GET.get("before", ""))
    form, problems = PackForm(posted(http)), []
    if form.is_valid():
        try:
            ask_audit_pack(wish=form.wish(), actor=user, now=now)
        except PackRefused as refused:
            problems = [Problem(str(refused), "")]
        else:
            return done(http, "The pack is being made. You may leave the page.", HERE)
    context: dict[str, Any] = {
        "form": form,
        "packs": found,
        "today": localdate(now),
        "kept_days": KEPT_FOR.days,
    }
    return show(http, "disclosures/packs/packs.html", context, form, more=problems)


@desk_page
def progress(http: HttpRequest) -> HttpResponse:
    """The list alone, asked for every second or two while a pack is being made."""
    found = packs_of(person(http), moment())
    answer = render(http, "disclosures/packs/_packs.html", {"packs": found})
    if not found.is_moving:
        answer["HX-Refresh"] = "true"
    return answer


@desk_page
def download(http: HttpRequest, ref: str, archive: str) -> HttpResponse:
    user, now = person(http), moment()
    pack, sealed = pack_for(user, ref, now), archive == "sealed"
    if archive not in {"main", "sealed"}:
        raise NotThere
    if sealed and (pack.sealed_content is None or not is_cleared(user.ref, now)):
        raise NotThere
    need_fresh_proof(http, log=pack.log, back=reverse(HERE))
    count_use(http, "file")
    content = base64.b64decode(open_pack(pack, sealed=sealed, actor=user))
    name = f"audit-pack-{archive}-{pack.first_day.isoformat()}-{pack.last_day.isoformat()}.zip"
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
