"""The systems register: read by the desk, changed by team leads and administrators."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.selectors import roles_of

from ..catalogue import ITEM_TYPES
from ..forms.systems import NewSystemForm, SystemForm
from ..models import HeldSystem
from ..selectors import NotThere
from ..selectors.systems import all_systems, system_by_code, versions_of_system
from ..services.systems import KEEPERS, SystemRefused, change_system, register_system
from ..templatetags.desk import DESK, Problem
from .answering import done, posted, show
from .doors import desk_page, moment, person


def _reader(http: HttpRequest, *, keeping: bool = False) -> tuple[User, datetime, bool]:
    """Whether this person may change the register, too; for whoever may not even read it, it is not there."""
    user, now = person(http), moment()
    roles = roles_of(user, now)
    keeps = bool(roles & KEEPERS)
    if not (keeps or (roles & DESK and not keeping)):
        raise NotThere
    return user, now, keeps


@desk_page
def systems(http: HttpRequest) -> HttpResponse:
    _, _, keeps = _reader(http)
    rows = all_systems()
    held = {code for system in rows if system.is_active for code in system.holds}
    context = {
        "rows": [(system, _names(system.holds)) for system in rows],
        "nowhere": sorted(kind.name for code, kind in ITEM_TYPES.items() if code not in held),
        "keeps": keeps,
    }
    return show(http, "disclosures/registers/systems.html", context)


@desk_page
def new_system(http: HttpRequest) -> HttpResponse:
    user, now, _ = _reader(http, keeping=True)
    form, problems = NewSystemForm(posted(http)), []
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = register_system(
                code=given["code"], name=given["name"], keeper=given["keeper"], holds=given["holds"],
                actor=user, now=now,
            )  # fmt: skip
        except SystemRefused as refused:
            problems = _problems(refused, form)
        else:
            return done(http, f"{made.name} is in the register.", "disclosures:systems")
    context: dict[str, Any] = {"form": form, "system": None, "keeps": True, "versions": []}
    return show(http, "disclosures/registers/system.html", context, form, more=problems)


@desk_page
def system(http: HttpRequest, code: str) -> HttpResponse:
    user, now, keeps = _reader(http)
    found = system_by_code(code)
    if http.method == "POST" and not keeps:
        raise NotThere
    form, problems = SystemForm(posted(http), initial=_initial(found)), []
    if form.is_valid():
        try:
            change_system(code=found.code, actor=user, now=now, **form.cleaned_data)
        except SystemRefused as refused:
            problems = _problems(refused, form)
        else:
            return done(http, "The register is changed.", "disclosures:system", found.code)
    context = {
        "system": found,
        "form": form if keeps else None,
        "keeps": keeps,
        "holds": _names(found.holds),
        "versions": [(row, _names(row.holds)) for row in versions_of_system(found)],
    }
    return show(http, "disclosures/registers/system.html", context, form, more=problems)


def _initial(system: HeldSystem) -> dict[str, Any]:
    return {
        "name": system.name,
        "keeper": system.keeper,
        "holds": system.holds,
        "is_active": system.is_active,
        "seen": system.version,
    }


def _names(codes: list[str]) -> list[str]:
    return [ITEM_TYPES[code].name if code in ITEM_TYPES else code for code in codes]


def _problems(refused: SystemRefused, form: SystemForm) -> list[Problem]:
    return [Problem(sentence, form["name"].id_for_label) for sentence in refused.sentences]
