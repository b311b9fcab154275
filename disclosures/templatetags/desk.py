"""The words, dates and marks of the desk's pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django import template
from django.forms import BaseForm, BaseFormSet, CheckboxSelectMultiple, RadioSelect
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.days import british, in_full
from accounts.models import User
from accounts.roles import Role
from disclosures.selectors.notices import unread_of
from disclosures.states import STATE_WORDS, State

register = template.Library()
LONDON = ZoneInfo("Europe/London")

STATE_LOOKS: dict[State, str] = {
    State.DRAFT: "draft",
    State.SUBMITTED: "working",
    State.RETURNED: "waiting",
    State.VERIFYING: "working",
    State.IN_REVIEW: "working",
    State.PENDING_APPROVAL: "deciding",
    State.APPROVED: "answered",
    State.REFUSED: "ended",
    State.NO_DATA: "ended",
    State.TRANSFERRED: "ended",
    State.WITHDRAWN: "ended",
    State.EXPIRED: "ended",
    State.RELEASING: "working",
    State.RELEASED: "answered",
    State.EMERGENCY_PENDING: "alarm",
    State.EMERGENCY_RELEASED: "alarm",
    State.AWAITING_RATIFICATION: "deciding",
    State.BREACH_ASSESSMENT: "alarm",
    State.UNDER_APPEAL: "deciding",
    State.CLOSED: "closed",
}


# Who works on requests. Data holders get search tasks alone, auditors the log, administrators the people.
DESK = frozenset(
    {
        Role.INTAKE_CLERK,
        Role.HANDLER,
        Role.APPROVER,
        Role.DPO,
        Role.MLRO,
        Role.RELEASE_OFFICER,
        Role.HEAD_OF_LEGAL,
        Role.TEAM_LEAD,
    }
)
RAIL: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("My queue", "disclosures:my-queue", DESK),
    ("Due today", "disclosures:due-today", DESK),
    ("Team queue", "disclosures:team-queue", DESK),
    ("Emergency", "disclosures:emergency-new", frozenset({Role.INTAKE_CLERK, Role.HANDLER, Role.APPROVER})),
    ("On call", "disclosures:on-call", DESK),
    ("People’s own requests", "disclosures:access-requests", DESK - {Role.MLRO, Role.RELEASE_OFFICER}),
    ("People", "disclosures:people", DESK),
    ("Registers", "disclosures:registers", DESK | {Role.ADMIN, Role.AUDITOR}),
    ("Bank holidays", "disclosures:holidays", frozenset({Role.ADMIN, Role.HEAD_OF_LEGAL, Role.TEAM_LEAD})),
    (
        "Disposal",
        "disclosures:disposal",
        frozenset({Role.RELEASE_OFFICER, Role.TEAM_LEAD, Role.MLRO, Role.HEAD_OF_LEGAL, Role.APPROVER}),
    ),
    ("Instruments", "disclosures:instruments", DESK | {Role.ADMIN, Role.AUDITOR}),
    ("Searches", "disclosures:searches", frozenset({Role.DATA_HOLDER})),
    ("Holds", "disclosures:hold-list", frozenset({Role.DATA_HOLDER})),
    ("Log", "audit:log", frozenset({Role.AUDITOR})),
    ("Audit packs", "disclosures:audit-packs", frozenset({Role.AUDITOR})),
    ("Clearances", "audit:clearances", frozenset({Role.HEAD_OF_LEGAL})),
    ("Administration", "admin:index", frozenset({Role.ADMIN})),
)


class Link(NamedTuple):
    label: str
    url: str
    active: bool


class Frame(NamedTuple):
    """What the reader's roles put around the page; an outsider's page has none of it."""

    links: list[Link]
    search_url: str
    new_url: str
    notices: int | None


class Problem(NamedTuple):
    text: str
    target: str


@register.simple_tag(takes_context=True)
def frame_of_page(context: Context) -> Frame:
    me, request = context.get("me"), context.get("request")
    roles: frozenset[Role] = me.roles if me else frozenset()
    here = getattr(getattr(request, "resolver_match", None), "view_name", None)
    return Frame(
        links=[Link(label, reverse(name), name == here) for label, name, whose in RAIL if roles & whose],
        search_url=reverse("disclosures:find") if roles & DESK else "",
        new_url=reverse("disclosures:new") if me and me.may_record else "",
        notices=_unread(request) if roles & DESK else None,
    )


def _unread(request: HttpRequest | None) -> int:
    user = getattr(request, "user", None)
    return unread_of(user, timezone.now()) if isinstance(user, User) else 0


@register.filter
def cut_underscores(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ")


@register.filter
def state_word(state: str) -> str:
    return STATE_WORDS[State(state)]


@register.filter
def state_mark(state: str) -> SafeString:
    """The state's word with its shape and colour."""
    known = State(state)
    return format_html('<span class="state state-{}">{}</span>', STATE_LOOKS[known], STATE_WORDS[known])


@register.filter
def long_date(when: date) -> str:
    """Tuesday 24 November 2026."""
    day = _london_day(when)
    return in_full(day)


@register.filter
def written_day(iso: str) -> str:
    """24 November 2026, of a day that is kept as text, as sealed ones are."""
    return british(date.fromisoformat(iso))


@register.filter
def short_day(when: date) -> str:
    """Tue 24 Nov."""
    day = _london_day(when)
    return f"{day:%a} {day.day} {day:%b}"


@register.filter
def long_datetime(when: datetime) -> str:
    """Tuesday 24 November 2026, 14:05; London time."""
    return f"{long_date(when)}, {when.astimezone(LONDON):%H:%M}"


@register.filter
def due_words(due_on: date | None, now: datetime) -> str:
    """How far off a due day is, and the day: "tomorrow, Tue 24 Nov", "overdue by 2 days, Sat 21 Nov"."""
    return ", ".join(_due_parts(due_on, now))


@register.filter
def due_mark(due_on: date | None, now: datetime) -> SafeString:
    """The due words, marked by shape and colour once the day has come or gone."""
    days = 1 if due_on is None else (due_on - _london_day(now)).days
    look = "due" if days > 0 else "due due-today" if days == 0 else "due due-late"
    parts = format_html_join(", ", "<span>{}</span>", ((part,) for part in _due_parts(due_on, now)))
    return format_html('<span class="{}">{}</span>', look, parts)


@register.inclusion_tag("_error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet[Any] | None) -> dict[str, list[Problem]]:
    """Every problem of the forms and sets of rows, in their order, each with the field it belongs to.

    None is a part that the page does not have this time.
    """
    return {"problems": [problem for form in forms if form is not None for problem in _problems(form)]}


def _london_day(when: date) -> date:
    return when.astimezone(LONDON).date() if isinstance(when, datetime) else when


def _due_parts(due_on: date | None, now: datetime) -> tuple[str, ...]:
    if due_on is None:
        return ("no date yet",)
    today = _london_day(now)
    day = short_day(due_on) if due_on.year == today.year else f"{short_day(due_on)} {due_on.year}"
    return (_distance((due_on - today).days), day)


def _distance(days: int) -> str:
    if days < 0:
        return f"overdue by {-days} day{'' if days == -1 else 's'}"
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def _problems(form: BaseForm | BaseFormSet[Any]) -> Iterator[Problem]:
    if isinstance(form, BaseFormSet):
        for error in form.non_form_errors():
            yield Problem(str(error), "")
        word = str(getattr(form, "word", "row")).capitalize()
        for number, row in enumerate(form.forms, start=1):
            for problem in _problems(row):
                yield Problem(f"{word} {number}: {problem.text}", problem.target)
        return
    if not form.is_bound:
        return
    for error in form.non_field_errors():
        yield Problem(str(error), "")
    for field in form:
        for error in field.errors:
            yield Problem(_with_label(str(error), str(field.label)), _target(field))


def _with_label(sentence: str, label: str) -> str:
    return sentence if label.lower() in sentence.lower() else f"{label}: {sentence}"


def _target(field: BoundField) -> str:
    """The id of the field's first control: a group of boxes or choices has no id of its own to go to."""
    if isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple) and len(field.subwidgets):
        return str(field.subwidgets[0].id_for_label)
    return field.id_for_label or f"{field.auto_id}_0"
