"""The registers: what the desk looks things up in, gathered on one page."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.roles import Role
from accounts.selectors import roles_of

from ..selectors import NotThere
from ..selectors.wording import EDITORS
from ..templatetags.desk import DESK
from .answering import show
from .doors import desk_page, moment, person


@dataclass(frozen=True, slots=True)
class Register:
    name: str
    what: str
    address: str


# Name, what it tells, the page, and who finds it here.
REGISTERS: tuple[tuple[str, str, str, frozenset[Role]], ...] = (
    ("People", "Who works here, in which role, who is away and who covers.", "people", DESK),
    (
        "Who can decide what",
        "For each instrument, whether enough people are left today.",
        "who-decides",
        DESK,
    ),
    ("On call", "Who is rung at night, in which order.", "on-call", DESK),
    (
        "Organisations",
        "Forces, agencies, courts and companies: their names, mail domains and switchboards.",
        "organisations",
        DESK | {Role.ADMIN, Role.AUDITOR},
    ),
    (
        "Ownership",
        "Which companies are related to us, by which chain of holdings, and the document that shows it.",
        "ownership",
        DESK | {Role.ADMIN, Role.AUDITOR},
    ),
    ("Systems", "Which system holds what, and who looks into it.", "systems", DESK | {Role.ADMIN}),
    (
        "What our policy says",
        "Which purposes, categories and sources each version names, and which stand above its disclosure clause.",
        "policy",
        DESK | {Role.ADMIN, Role.AUDITOR},
    ),
    (
        "Credit checks",
        "Licensed agencies, and the versions of our terms with their clause.",
        "credit",
        DESK | {Role.ADMIN, Role.AUDITOR},
    ),
    (
        "Preferences and objections",
        "What people said about being approached: consents, opt-outs, objections, screenings.",
        "preferences",
        DESK | {Role.ADMIN},
    ),
    (
        "Standing compartments",
        "Who is named to each new secret of communications data, or of the laws against money laundering.",
        "cells",
        frozenset({Role.HEAD_OF_LEGAL, Role.MLRO}),
    ),
    (
        "Cleared for interception",
        "Who may be handed an interception warrant, until when, and who was before.",
        "interception",
        frozenset({Role.HEAD_OF_LEGAL}),
    ),
    ("Text of our letters", "What each letter says before a person corrects it.", "letter-wordings", EDITORS),
)


@desk_page
def index(http: HttpRequest) -> HttpResponse:
    roles = roles_of(person(http), moment())
    found = [
        Register(name, what, reverse(f"disclosures:{page}"))
        for name, what, page, whose in REGISTERS
        if roles & whose
    ]
    if not found:
        raise NotThere
    return show(http, "disclosures/registers/index.html", {"registers": found})
