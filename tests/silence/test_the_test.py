"""The test of the test: each of these variants of the site leaks, and the comparison names the address where."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from pytest_django import DjangoDbBlocker

import audit.selectors
import disclosures.selectors
import disclosures.selectors.anomalies
import disclosures.selectors.doors
import disclosures.services.on_file
import disclosures.services.recording
import disclosures.templatetags.desk
import disclosures.views.queue
from accounts.models import User
from audit.models import Entry
from disclosures.models import Request

from .conftest import Worlds
from .watching import Leak, Watcher, leaks

Patch = pytest.MonkeyPatch
QUEUE = "disclosures:team-queue"
logger = logging.getLogger("disclosures.views.queue")


def secrets() -> int:
    return Request.objects.filter(restricted=True).count()


def whenever_the_queue_is_asked_for(patch: Patch, happens: Callable[[], object]) -> None:
    moment = disclosures.views.queue.moment

    def asked() -> Any:
        happens()
        return moment()

    patch.setattr(disclosures.views.queue, "moment", asked)


def whenever_the_queue_is_shown(patch: Patch, change: Callable[[HttpResponse], object]) -> None:
    render = disclosures.views.queue.render

    def rendered(http: HttpRequest, template: str, *context: Any) -> HttpResponse:
        response: HttpResponse = render(http, template, *context)
        change(response)
        return response

    patch.setattr(disclosures.views.queue, "render", rendered)


# Each leaks in its own way ------------------------------------------------------------------------


def a_count_in_the_bar(patch: Patch) -> None:
    unread = disclosures.templatetags.desk.unread_of
    patch.setattr(disclosures.templatetags.desk, "unread_of", lambda user, now: unread(user, now) + secrets())


def forbidden_instead_of_missing(patch: Patch) -> None:
    ask = disclosures.selectors.request_for

    def told(user: User, reference: str, *how: Any, **besides: Any) -> Request:
        if Request.objects.filter(reference=reference, restricted=True).exists():
            raise PermissionDenied
        return ask(user, reference, *how, **besides)

    patch.setattr(disclosures.selectors, "request_for", told)


def a_hint_that_the_officer_is_known(patch: Patch) -> None:
    patch.setattr(disclosures.selectors.anomalies, "visible_to", lambda user, now, **_: Request.objects.all())


def a_reference_that_counts(patch: Patch) -> None:
    letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

    def next_reference() -> str:
        made = Request.objects.count()
        return f"CP-2345-22{letters[made // 30 % 30]}{letters[made % 30]}"

    patch.setattr(disclosures.services.recording, "new_reference", next_reference)


def one_query_more(patch: Patch) -> None:
    whenever_the_queue_is_asked_for(patch, lambda: secrets() and secrets())


def a_mail(patch: Patch) -> None:
    whenever_the_queue_is_asked_for(
        patch, lambda: EmailMessage(f"{secrets()} are not shown", "", to=["lead@desk.example"]).send()
    )


def a_line_in_the_log_file(patch: Patch) -> None:
    whenever_the_queue_is_asked_for(patch, lambda: logger.info("%s are not shown", secrets()))


def a_key_in_the_cache(patch: Patch) -> None:
    whenever_the_queue_is_asked_for(patch, lambda: cache.set(f"queue-of-{Request.objects.count()}", 1))


def a_header(patch: Patch) -> None:
    whenever_the_queue_is_shown(
        patch, lambda response: response.headers.__setitem__("X-Total", str(Request.objects.count()))
    )


def a_cookie(patch: Patch) -> None:
    whenever_the_queue_is_shown(patch, lambda response: response.set_cookie("seen", str(secrets())))


def a_page_longer_by_a_byte(patch: Patch) -> None:
    whenever_the_queue_is_shown(patch, lambda response: response.write("\n" * min(secrets(), 1)))


def another_status(patch: Patch) -> None:
    whenever_the_queue_is_shown(
        patch, lambda response: setattr(response, "status_code", 206 if secrets() else 200)
    )


def a_row_in_the_auditors_list(patch: Patch) -> None:
    patch.setattr(audit.selectors, "readable", lambda *scope: Entry.objects.all())


def another_sentence_for_what_is_there(patch: Patch) -> None:
    patch.setattr(
        disclosures.services.on_file, "_sees",
        lambda actor, reference, now: Request.objects.filter(reference=reference, restricted=True).exists(),
    )  # fmt: skip


def another_entry_in_the_main_log(patch: Patch) -> None:
    """Written where there is something to miss, it costs a query as well."""
    missed = disclosures.selectors.doors._missed

    def twice(user: User, asked_for: str) -> None:
        for _ in range(2 if Request.objects.filter(reference=asked_for).exists() else 1):
            missed(user, asked_for)

    patch.setattr(disclosures.selectors.doors, "_missed", twice)


VARIANTS: tuple[tuple[Callable[[Patch], None], str], ...] = (
    (a_count_in_the_bar, QUEUE),
    (forbidden_instead_of_missing, "disclosures:request"),
    (a_hint_that_the_officer_is_known, "disclosures:new-form"),
    (a_reference_that_counts, "disclosures:new-form"),
    (one_query_more, QUEUE),
    (a_mail, QUEUE),
    (a_line_in_the_log_file, QUEUE),
    (a_key_in_the_cache, QUEUE),
    (a_header, QUEUE),
    (a_cookie, QUEUE),
    (a_page_longer_by_a_byte, QUEUE),
    (another_status, QUEUE),
    (a_row_in_the_auditors_list, "audit:log"),
    (another_sentence_for_what_is_there, "disclosures:link"),
    (another_entry_in_the_main_log, "disclosures:request"),
)


@pytest.mark.parametrize(("leaking", "route"), VARIANTS, ids=[leaking.__name__ for leaking, _ in VARIANTS])
def test_a_site_that_leaks_is_found_out(
    worlds: Worlds, watcher: Watcher, django_db_blocker: DjangoDbBlocker, monkeypatch: Patch,
    leaking: Callable[[Patch], None], route: str,
) -> None:  # fmt: skip
    leaking(monkeypatch)
    assert {leak.asked.route for leak in _leaks(worlds, watcher, django_db_blocker, route)} == {route}


@pytest.mark.parametrize("route", sorted({route for _, route in VARIANTS}))
def test_without_them_it_is_silent(
    worlds: Worlds, watcher: Watcher, django_db_blocker: DjangoDbBlocker, route: str
) -> None:
    assert not _leaks(worlds, watcher, django_db_blocker, route)


def _leaks(worlds: Worlds, watcher: Watcher, blocker: DjangoDbBlocker, route: str) -> list[Leak]:
    wanted = worlds.asked_by_the_sharp(route)
    with blocker.unblock():
        return leaks(*(watcher.look(world, wanted) for world in (worlds.without, worlds.last)))
