"""A search for many people: the list to take along, one answer for all of it as a file, and the lines page by page."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import User

from .. import selectors
from ..forms.finds_csv import COLUMNS, LongAnswerForm, read_answer
from ..models import SearchTask
from ..selectors.opening import Opened, open_search
from ..selectors.work import people_searched, records_of
from ..services import ActionRefused, searching
from ..services.scanning import scan_file
from ..services.searching import Find
from ..states import Perm
from ..tables import written
from .answering import as_csv, attempt, done, posted, show, whole_number
from .doors import desk_page, moment, person, take_out

LINES = 25


def long_task(http: HttpRequest, task: SearchTask, user: User, now: datetime) -> HttpResponse:
    """The page of a task with more lines than anybody types; whoever calls has asked who may see it."""
    form = LongAnswerForm(posted(http), http.FILES or None)
    refused, said = None, tuple[str, ...]()
    if form.is_valid() and not task.completed_at:
        refused, said, finds = _answered(form, task, user, now)
        if not refused and not said:
            held = sum(find.result == "FOUND" for find in finds.values())
            words = f"{held:,} found, {len(finds) - held:,} not held"
            return done(
                http, f"Search {task.reference} is answered: {words}. Thank you.", "disclosures:searches"
            )
    after = http.GET.get("after", "")
    page = people_searched(task, after=whole_number(after, digits=5) or 0, lines=LINES)
    records, people, things = open_search(task, actor=user, now=now, people=page.people)
    context = {
        "task": task,
        "form": form,
        "said": said,
        "page": page,
        "sections": [
            {
                "person": people[record.subject_id],
                "born": _born(people[record.subject_id]),
                "item": things[record.item_id],
                "record": record,
            }
            for record in records
        ],
        "now": now,
    }
    response = show(http, "disclosures/searches/long.html", context, form, refused=refused)
    response.status_code = 422 if said else response.status_code
    return response


def _answered(
    form: LongAnswerForm, task: SearchTask, user: User, now: datetime
) -> tuple[ActionRefused | None, tuple[str, ...], Mapping[int, Find]]:
    """What the file says is recorded once the scanner has seen it; else who refuses it, or what is wrong with it."""
    content = form.content
    look = partial(scan_file, content=content, what="SEARCH", perm=Perm.SEARCH, actor=user, now=now)
    if refused := attempt(partial(look, request_id=task.request_id)):
        return refused, (), {}
    answer = read_answer(
        content,
        records_of(task),
        rest_not_held=form.cleaned_data["rest_not_held"],
        terms=form.cleaned_data["terms"],
    )
    if answer.problems:
        return None, answer.problems, {}
    use = partial(searching.record_search, task_id=task.pk, finds=answer.finds, actor=user, now=now)
    return attempt(use), (), answer.finds


def _born(someone: Opened) -> date | None:
    return date.fromisoformat(someone.born_on) if someone.born_on else None


@desk_page
def table(http: HttpRequest, reference: str) -> HttpResponse:
    """The task as a table to be filled in: the identifiers, the items and the periods; never the investigation."""
    user, now = person(http), moment()
    task = selectors.search_task_for(user, reference, now)
    take_out(http, task.request, reverse("disclosures:search", args=[reference]))
    records, people, things = open_search(task, actor=user, now=now, form="CSV")
    rows = [_row(record, people[record.subject_id], things[record.item_id]) for record in records]
    return as_csv(written([column.names[0] for column in COLUMNS], rows), reference)


def _row(record: Opened, someone: Opened, item: Opened) -> list[str]:
    """In the order of the columns."""
    days = [day.isoformat() if day else "" for day in (item.period_from, item.period_to)]
    identifiers = ("name", "aliases", "born_on", "address", "phone", "email", "account_number")
    return [
        str(someone.position),
        str(item.position),
        item.catalogued.name,
        item.detail,
        *days,
        *(str(getattr(someone, name)) for name in identifiers),
        "" if not record.result else ("found" if record.result == "FOUND" else "not held"),
        record.terms,
        record.found,
    ]
