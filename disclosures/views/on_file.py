"""The file of one request: documents, correspondence, comments, links."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header

from ..forms.delivery import DeliveryForm
from ..forms.on_file import CommentForm, CorrespondenceForm, DocumentForm, LinkForm
from ..models import Document
from ..selectors.delivered import sent_things
from ..selectors.on_file import links_of, open_document
from ..selectors.opening import open_request
from ..services import on_file
from ..services.delivery import note_delivery
from ..services.scanning import DOWNLOAD, scan_file
from ..states import Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, take_out, through_the_door

HERE = "disclosures:request"


@desk_page
def attach(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.RECORD)
    form = DocumentForm(posted(http), http.FILES or None, initial={"purpose": Document.Purpose.FORM})
    refused = None
    if form.is_valid():
        use = partial(on_file.attach_document, request_id=case.pk, actor=user, now=now, **form.given)
        if (refused := attempt(use)) is None:
            return done(http, "The file is sealed and on the request.", HERE, reference)
    return show(http, "disclosures/work/attach.html", {"case": case, "form": form}, form, refused=refused)


@desk_page
def download(http: HttpRequest, reference: str, document: str) -> HttpResponse:
    """Always as a download of no type: nothing that arrived is ever shown or run inside the site.

    It is scanned again: what was not known to be harmful when it came may be by now.
    """
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    take_out(http, case, reverse(HERE, args=[reference]))
    name, content = open_document(case, document, actor=user, now=now)
    look = partial(scan_file, content=content, what=DOWNLOAD, perm=Perm.VIEW, actor=user, now=now)
    if refused := attempt(partial(look, request_id=case.pk)):
        context = {"case": case, "name": name}
        return show(http, "disclosures/work/held_back.html", context, refused=refused)
    response = HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"},
    )
    response.headers["Content-Disposition"] = _disposition(name)
    return response


def _disposition(name: str) -> str:
    return content_disposition_header(True, name) or "attachment"


@desk_page
def correspondence(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.RECORD)
    initial = {"at": now, "direction": "IN", "channel": "TELEPHONE"}
    form, refused = CorrespondenceForm(posted(http), initial=initial), None
    if form.is_valid():
        use = partial(
            on_file.record_correspondence, request_id=case.pk, actor=user, now=now, **form.cleaned_data
        )
        if (refused := attempt(use)) is None:
            return done(http, "Recorded. It stands in the history.", HERE, reference)
    opened = open_request(case, actor=user, now=now)
    context = {"case": case, "form": form, "opened": opened}
    return show(http, "disclosures/work/correspondence.html", context, form, refused=refused)


@desk_page
def delivery(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.RECORD)
    opened = open_request(case, actor=user, now=now)
    things = sent_things(opened)
    form, refused = DeliveryForm(posted(http), things=things, initial={"at": now}), None
    if form.is_valid():
        use = partial(note_delivery, request_id=case.pk, actor=user, now=now, **form.given)
        if (refused := attempt(use)) is None:
            return done(http, "Noted. It stands in the history.", HERE, reference)
    context = {"case": case, "form": form, "things": things}
    return show(http, "disclosures/work/delivery.html", context, form, refused=refused)


@desk_page
def comments(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.RECORD)
    form, refused = CommentForm(posted(http)), None
    if form.is_valid():
        words = form.cleaned_data["words"]
        use = partial(on_file.write_comment, request_id=case.pk, words=words, actor=user, now=now)
        if (refused := attempt(use)) is None:
            return done(http, "The comment is kept.", HERE, reference)
    opened = open_request(case, actor=user, now=now)
    context = {"case": case, "form": form, "opened": opened}
    return show(http, "disclosures/work/comments.html", context, form, refused=refused)


@desk_page
def link(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.RECORD)
    form, refused = LinkForm(posted(http)), None
    if form.is_valid():
        use = partial(on_file.link_request, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "The requests are linked.", HERE, reference)
    context = {"case": case, "form": form, "links": links_of(case, user, now)}
    return show(http, "disclosures/work/link.html", context, form, refused=refused)
