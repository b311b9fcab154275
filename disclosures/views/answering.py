"""How a page answers a posted form: every problem at once, the values kept; or on to the request with a word."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from ..services import ActionRefused
from ..templatetags.desk import Problem, error_summary

DIGITS = 18  # as many as a number of a row may have and be one for certain


def posted(http: HttpRequest) -> QueryDict | None:
    """What was posted, for a form to be bound to; None when the page is only opened."""
    return http.POST if http.method == "POST" else None


def whole_number(text: str, *, digits: int) -> int | None:
    """What an address or a button gives as a number; None for anything else, of however many digits."""
    return int(text) if text.isdecimal() and len(text) <= digits else None


def number_sent(http: HttpRequest, name: str) -> int | None:
    """The number that a button sends: of a row or of a version. None where nothing came that could be one."""
    return whole_number(http.POST.get(name, ""), digits=DIGITS)


def reference_sent(http: HttpRequest, name: str) -> str:
    """The opaque reference that a button sends; empty where nothing came that could be one."""
    text = http.POST.get(name, "")
    return text if text.isascii() and text.isprintable() else ""


def attempt(use_case: Callable[[], object]) -> ActionRefused | None:
    """Tries it; a refusal comes back with its sentences."""
    try:
        use_case()
    except ActionRefused as refused:
        return refused
    return None


def show(
    http: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *forms: BaseForm,
    refused: ActionRefused | None = None,
    more: Iterable[Problem] = (),
) -> HttpResponse:
    """The page; status 422 if a form has a problem, the service refused, or `more` is wrong."""
    problems = [problem for form in forms for problem in _problems(form)]
    problems += [Problem(sentence, "") for sentence in refused.sentences] if refused else []
    problems += more
    return render(http, template, {**context, "problems": problems}, status=422 if problems else 200)


def done(http: HttpRequest, message: str, to: str, *args: str) -> HttpResponse:
    messages.success(http, message)
    return redirect(to, *args)


def as_csv(content: bytes, name: str) -> HttpResponse:
    """A table as a download, never shown or run inside the site."""
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _problems(form: BaseForm) -> list[Problem]:
    """A form that is one of many says in its `where` which it is; its problems say so too."""
    found = error_summary(form)["problems"]
    where = getattr(form, "where", "")
    return [
        row if row.text.startswith(where) else Problem(f"{where}: {row.text}", row.target) for row in found
    ]
