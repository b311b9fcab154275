"""Watching a request, the notices that come of it, and the messages to the company that asks."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.selectors import roles_of

from ..forms.on_file import MessageForm
from ..selectors import NotThere
from ..selectors.notices import notice_page
from ..selectors.opening import open_own, open_request
from ..services.following import answer_the_desk, stop_watching, watch_request, write_to_company
from ..services.notices import mark_notices_read
from ..states import Perm
from ..templatetags.desk import DESK
from .answering import attempt, done, posted, show
from .doors import desk_page, moment, person, through_the_door

HERE = "disclosures:request"


@desk_page
def watch(http: HttpRequest, reference: str) -> HttpResponse:
    """A button's address: it watches, or stops watching."""
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    if http.method != "POST":
        return redirect(HERE, reference)
    if http.POST.get("watch") == "on":
        watch_request(request_id=case.pk, actor=user, now=now)
        return done(http, "You watch this request: its moves stand under Notices.", HERE, reference)
    stop_watching(request_id=case.pk, actor=user, now=now)
    return done(http, "You do not watch this request any more.", HERE, reference)


@desk_page
def notices(http: HttpRequest) -> HttpResponse:
    user, now = person(http), moment()
    if not roles_of(user, now) & DESK:
        raise NotThere
    if http.method == "POST":
        if up_to := _named(http.POST.get("up_to", "")):
            mark_notices_read(user=user, up_to=up_to, now=now)
        return done(http, "All that was shown is marked as read.", "disclosures:notices")
    before = _named(http.GET.get("before", ""))
    page = notice_page(user, now, before)
    return show(http, "disclosures/notices.html", {"page": page, "now": now, "first": before is None})


def _named(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@desk_page
def messages_to_company(http: HttpRequest, reference: str) -> HttpResponse:
    """Kept apart from the comments: what stands here, the company reads."""
    case, user, now = through_the_door(http, reference, Perm.RECORD)
    form, refused = MessageForm(posted(http)), None
    if form.is_valid():
        words = form.cleaned_data["words"]
        use = partial(write_to_company, request_id=case.pk, words=words, actor=user, now=now)
        if (refused := attempt(use)) is None:
            return done(http, "The company finds it on its page.", HERE, reference)
    opened = open_request(case, actor=user, now=now)
    context = {"case": case, "form": form, "thread": opened.messages}
    return show(http, "disclosures/work/messages.html", context, form, refused=refused)


@desk_page
def company_messages(http: HttpRequest, reference: str) -> HttpResponse:
    """The company's side: the desk speaks with one voice and signs with no name."""
    case, user, now = through_the_door(http, reference, Perm.FOLLOW)
    form, refused = MessageForm(posted(http)), None
    if form.is_valid():
        words = form.cleaned_data["words"]
        use = partial(answer_the_desk, request_id=case.pk, words=words, actor=user, now=now)
        if (refused := attempt(use)) is None:
            return done(http, "Your message is with the desk.", "disclosures:company-request", reference)
    opened = open_own(case, actor=user, now=now)
    context = {"case": case, "form": form, "thread": opened.messages}
    return show(http, "company/messages.html", context, form, refused=refused)
