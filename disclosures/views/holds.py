"""Holds: the desk asks that something be kept; the data holder sees what and until when, never why, and confirms it."""

from datetime import date
from functools import partial

from django.http import HttpRequest, HttpResponse

from .. import selectors
from ..forms.holds import KeptForm, MoveEndForm
from ..forms.work import AskForm
from ..permissions import held_on
from ..selectors.holds import holds_of, holds_to_keep, keepers_of, lines_of
from ..selectors.opening import open_hold, open_parts
from ..selectors.work import governing_instrument
from ..services import ActionRefused, holding
from ..states import Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, moment, person, through_the_door
from .own_tasks import own_tasks

HERE = "disclosures:holds"


@desk_page
def holds(http: HttpRequest, reference: str) -> HttpResponse:
    """What is kept for one request; whoever reviews asks for more, whoever leads moves the end."""
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    instrument = governing_instrument(case)
    terms = instrument.terms if instrument else None
    held = held_on(user, reference, now)
    moving = "move" in http.POST
    preserves = terms is not None and terms.preserves
    keepers, held_by_nobody = keepers_of(case) if preserves else ([], [])
    free = {keeping.system.pk: keeping for keeping in keepers if keeping.open_lines > 0}
    form = AskForm(
        None if moving else posted(http), systems=[(str(pk), kept.system.name) for pk, kept in free.items()]
    )
    move = MoveEndForm(posted(http) if moving else None)
    refused: ActionRefused | None = None
    if http.method == "POST":
        selectors.request_for(user, reference, Perm.TIME if moving else Perm.REVIEW, now)
    if moving and move.is_valid():
        use = partial(holding.move_end, request_id=case.pk, actor=user, now=now, **move.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "The end is moved. The data holders have been told.", HERE, reference)
    elif not moving and form.is_valid():
        chosen = form.cleaned_data["systems"]
        for pk in chosen:
            ask = partial(holding.ask_for_hold, request_id=case.pk, system_id=pk, actor=user, now=now)
            refused = attempt(ask) or refused
        if refused is None:
            names = ", ".join(free[pk].system.name for pk in chosen)
            return done(http, f"Asked: {names}. The data holders have been told.", HERE, reference)
    rows = holds_of(case, terms)
    opened = open_parts(case, [row.task for row in rows], actor=user, now=now)
    boxes = {box.data["value"]: box for box in form["systems"].subwidgets}
    context = {
        "case": case,
        "preserves": preserves,
        "until": instrument.valid_until if instrument else None,
        "holds": list(zip(rows, opened, strict=True)),
        "keepers": [(keeping, boxes.get(str(keeping.system.pk))) for keeping in keepers],
        "held_by_nobody": held_by_nobody,
        "may_ask": Perm.REVIEW in held,
        "may_move": Perm.TIME in held,
        "free": free,
        "form": form,
        "move": move,
        "now": now,
    }
    return show(http, "disclosures/work/holds.html", context, form, move, refused=refused)


@desk_page
def hold_list(http: HttpRequest) -> HttpResponse:
    return own_tasks(http, holds_to_keep, "disclosures/holds/list.html")


@desk_page
def hold(http: HttpRequest, reference: str) -> HttpResponse:
    user, now = person(http), moment()
    found = selectors.hold_task_for(user, reference, now)
    choices = [
        (f"{person}-{item}", line.pk, f"Person {person}, item {item}")
        for line in lines_of(found)
        for person, item in [(line.subject.position, line.item.position)]
    ]
    form = KeptForm(posted(http), lines=choices, ended=found.ended_at is not None)
    refused = None
    if form.is_valid():
        answer = holding.Kept(**form.cleaned_data)
        use = partial(holding.confirm_hold, task_id=found.pk, answer=answer, actor=user, now=now)
        if (refused := attempt(use)) is None:
            return done(http, f"Hold {reference} is confirmed. Thank you.", "disclosures:hold-list")
    task, lines, people, things = open_hold(found, actor=user, now=now)
    sections = [
        {
            "person": (someone := people[line.subject_id]),
            "born": date.fromisoformat(someone.born_on) if someone.born_on else None,
            "item": things[line.item_id],
            "line": line,
        }
        for line in lines
    ]
    context = {"task": task, "sections": sections, "form": form, "now": now}
    return show(http, "disclosures/holds/hold.html", context, form, refused=refused)
