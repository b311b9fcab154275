"""The data holder's pages: what to look for, and what was found. Never the investigation behind it."""

from datetime import date
from functools import partial

from django.http import HttpRequest, HttpResponse

from .. import selectors
from ..forms.searches import FindForm
from ..models import SearchRecord
from ..selectors.opening import open_search
from ..selectors.work import is_long, open_searches, records_of
from ..services import searching
from .answering import attempt, done, posted, show
from .doors import desk_page, moment, person
from .own_tasks import own_tasks
from .search_list import long_task


@desk_page
def task_list(http: HttpRequest) -> HttpResponse:
    return own_tasks(http, open_searches, "disclosures/searches/list.html")


@desk_page
def task(http: HttpRequest, reference: str) -> HttpResponse:
    user, now = person(http), moment()
    found = selectors.search_task_for(user, reference, now)
    if is_long(found):
        return long_task(http, found, user, now)
    rows, data = records_of(found), posted(http)
    forms = [FindForm(data, where=_where(row), prefix=_prefix(row), initial=_period(row)) for row in rows]
    refused = None
    if data is not None and all(form.is_valid() for form in forms):
        finds = {row.pk: searching.Find(**form.cleaned_data) for row, form in zip(rows, forms, strict=True)}
        use = partial(searching.record_search, task_id=found.pk, finds=finds, actor=user, now=now)
        if (refused := attempt(use)) is None:
            return done(http, f"Search {reference} is answered. Thank you.", "disclosures:searches")
    records, people, things = open_search(found, actor=user, now=now)
    sections = [
        {
            "person": (someone := people[record.subject_id]),
            "born": date.fromisoformat(someone.born_on) if someone.born_on else None,
            "item": things[record.item_id],
            "record": record,
            "form": form,
        }
        for record, form in zip(records, forms, strict=True)
    ]
    context = {"task": found, "sections": sections, "now": now}
    return show(http, "disclosures/searches/task.html", context, *forms, refused=refused)


def _where(row: SearchRecord) -> str:
    return f"Person {row.subject.position}, item {row.item.position}"


def _prefix(row: SearchRecord) -> str:
    return f"person-{row.subject.position}-item-{row.item.position}"


def _period(row: SearchRecord) -> dict[str, date | None]:
    return {"period_from": row.period_from, "period_to": row.period_to}
