"""The standing compartments, for whoever keeps them; for everybody else the page is not there."""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts.roles import Role
from accounts.step_up import need_fresh_proof

from ..forms.cells import CellMemberForm, CellTimeForm
from ..selectors import NotThere
from ..selectors.cells import cells_kept_by
from ..selectors.opening import open_cells
from ..selectors.work import staff_and_roles
from ..services.cells import CellRefused, end_in_cell, extend_in_cell, name_to_cell
from ..services.members import MEMBER_ROLES
from ..templatetags.desk import Problem
from .answering import done, posted, reference_sent, show
from .doors import desk_page, moment, person

PAGE = "disclosures:cells"


@desk_page
def cells(http: HttpRequest) -> HttpResponse:
    """Three forms: who is taken out (`end`), whose time is changed (`time-member`), who is named."""
    user, now = person(http), moment()
    mine = cells_kept_by(user, now)
    if not mine:
        raise NotThere
    data, ending, extends = posted(http), reference_sent(http, "end"), "time-member" in http.POST
    rows = open_cells(mine, actor=user, now=now)
    staff = [(one, role) for one, role in staff_and_roles(now) if role in MEMBER_ROLES]
    form = CellMemberForm(None if ending or extends else data, cells=mine, staff=staff)
    standing = [
        (row.ref, f"{row.get_cell_display()}: {row.user.display_name}, {Role(row.role).label.lower()}")
        for row in rows
    ]
    longer = CellTimeForm(data if extends else None, members=standing)
    faults: tuple[str, ...] = ()
    if form.is_valid():
        need_fresh_proof(http)
        chosen, role = form.chosen
        given = form.cleaned_data
        faults = _faults(
            partial(
                name_to_cell, cell=given["cell"], person=chosen, member_role=role, reason=given["reason"],
                begins=form.begins, until=form.until, actor=user, now=now,
            )
        )  # fmt: skip
        if not faults:
            return done(http, f"{chosen.display_name} is named.", PAGE)
    elif longer.is_valid():
        need_fresh_proof(http)
        given = longer.cleaned_data
        faults = _faults(
            partial(
                extend_in_cell, ref=given["member"], until=longer.until, reason=given["reason"], actor=user, now=now
            )
        )  # fmt: skip
        if not faults:
            return done(http, "The time is changed.", PAGE)
    elif ending:
        need_fresh_proof(http)
        faults = _faults(partial(end_in_cell, ref=ending, actor=user, now=now))
        if not faults:
            return done(http, "Taken out: no further case is known to them. End those they know there.", PAGE)
    context = {
        "form": form,
        "longer": longer,
        "cells": [(cell.label, [row for row in rows if row.cell == cell]) for cell in mine],
        "standing": standing,
        "now": now,
    }
    more = [Problem(sentence, "") for sentence in faults]
    return show(http, "disclosures/registers/cells.html", context, form, longer, more=more)


def _faults(use: Callable[[], object]) -> tuple[str, ...]:
    try:
        use()
    except CellRefused as refused:
        return refused.sentences
    return ()
