"""Every address of the site, and with what it is asked. An address that is missing here fails the test.

`Ask.given` names what stands in the address, by words that `Places` knows: `PUBLIC:IN_REVIEW` is the public
request in that state, `SECRET` each restricted request, `ABSENT` one that never was.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any
from urllib.parse import urlencode

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from disclosures.models.request import Urgency
from disclosures.states import Action, State

from .life import Secrets
from .other_lives import BATCH
from .public import Public

ABSENT = "CP-2222-ZZZZ"
Values = Mapping[str, str]


@dataclass(frozen=True)
class Ask:
    """One way to ask. `data`: what is posted; None is a GET. A word in it stands for each thing it names."""

    given: Values = field(default_factory=dict)
    query: Values = field(default_factory=dict)
    data: Values | None = None


@dataclass(frozen=True)
class Asked:
    """As it goes over the wire, the same in both worlds."""

    route: str
    address: str
    data: tuple[tuple[str, str], ...] | None = None

    def __str__(self) -> str:
        return f"{self.route}: {'GET' if self.data is None else 'POST'} {self.address} {dict(self.data or ())}".strip()


def lists(*queries: Values, **given: str) -> tuple[Ask, ...]:
    return (Ask(given), *(Ask(given, query) for query in queries))


def case(state: State = State.IN_REVIEW, *queries: Values, **given: str) -> tuple[Ask, ...]:
    """A page of a request: of a public one, and of a secret one; looked at, and sent back empty.

    In the world without secrets, theirs are references that never were.
    """
    public, secret = ({"reference": reference, **given} for reference in (f"PUBLIC:{state}", "SECRET"))
    return (*(Ask(public, query) for query in ({}, *queries)), Ask(secret), Ask(secret, data={}))


def task(words: str, **given: str) -> tuple[Ask, ...]:
    named = [{"reference": reference, **given} for reference in (words, f"SECRET-{words}")]
    return (*(Ask(one) for one in named), *(Ask(one, data={}) for one in named))


def company(state: State, **given: str) -> tuple[Ask, ...]:
    public, secret = ({"reference": reference, **given} for reference in (f"COMPANY:{state}", "SECRET"))
    return (Ask(public), Ask(secret), Ask(secret, data={}))


S = State
PAGES_OF_A_LIST: tuple[Values, ...] = (
    {"after": "none~SECRET"}, {"before": "none~SECRET"}, {"after": "NEXT"}, {"after": "none~CP-2222-2222"},
)  # fmt: skip
FILTERS: tuple[Values, ...] = (
    *({"state": state} for state in State),
    *({"urgency": urgency} for urgency in Urgency.values),
    {"overdue": "on"}, {"state": "NONE"}, {"q": "EACH-SECRET"}, {"q": "PUBLIC:IN_REVIEW"}, {"q": "ABSENT"}, {"q": "Example"},
)  # fmt: skip
LOG: tuple[Values, ...] = (
    {"about": "SECRET"}, {"about": "ABSENT"}, {"about": "PUBLIC:IN_REVIEW"}, {"event": "request.recorded"},
    {"event": "request.step_taken"}, {"event": "access.missed"}, {"event": "member.added"}, {"who": "Demo Handler"},
    {"who": "Demo Reporting Officer"}, {"older": "LOG-CURSOR"}, {"newer": "LOG-CURSOR"}, {"since": "1 1 2020", "until": "31 12 2035"},
    {"since": "31 12 2035"}, {"log": "sealed"}, {"log": "sealed", "about": "SECRET"},
)  # fmt: skip
STEPS = tuple(action.lower().replace("_", "-") for action in Action)
USERS = ({"q": "demo"}, {"q": "secret"}, {"is_active__exact": "1"}, {"o": "-1"}, {"p": "1"}, {"all": ""})
MODELS = ("user", "organisation", "membership")
NOTHING = (Ask(),)
FORM = (Ask(), Ask(data={}))

ROUTES: Mapping[str, tuple[Ask, ...]] = {
    "healthz": NOTHING,
    "readyz": NOTHING,
    # Signing in and what is one's own.
    **dict.fromkeys(("account_login", "account_logout", "account_inactive", "account_reauthenticate", "account_change_password", "account_sessions", "account_stay", "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"), FORM),
    **{name: (Ask({"pk": "1"}), Ask({"pk": "1"}, data={})) for name in ("mfa_edit_webauthn", "mfa_remove_webauthn")},
    # The log.
    "audit:log": lists(*LOG),
    "audit:export": tuple(Ask({"form": form}, query) for form, query in product(("csv", "jsonl"), ({}, *LOG))),
    "audit:checkpoints": lists({"log": "sealed"}),
    "audit:checkpoint": tuple(Ask({"size": size}, query) for size in ("CHECKPOINT", "AFTER-CHECKPOINT", "1") for query in ({}, {"log": "sealed"})),
    "audit:verifications": (*lists({"before": "1"}, {"log": "sealed"}), Ask(data={}), Ask(data={"what": "whole"})),
    "audit:verification-progress": lists({"log": "sealed"}),
    "audit:clearances": (*FORM, Ask(data={"end": "none"})),
    "disclosures:audit-packs": (*lists({"before": "1"}), Ask(data={})),
    "disclosures:audit-packs-progress": NOTHING,
    "disclosures:audit-pack": tuple(Ask({"ref": "p_none", "archive": archive}) for archive in ("main", "sealed")),
    "audit:stamp": tuple(Ask({"size": size}) for size in ("CHECKPOINT", "1")),
    "audit:entry": (Ask({"entry_id": "ENTRY"}), Ask({"entry_id": "7"})),
    # Administration.
    "admin:index": NOTHING,
    "admin:app_list": (Ask({"app_label": "accounts"}),),
    **{f"admin:{name}": NOTHING for name in ("login", "logout", "password_change", "password_change_done", "jsi18n")},
    "admin:autocomplete": (
        Ask(query={"app_label": "accounts", "model_name": "membership", "field_name": "user", "term": "demo"}),
        Ask(query={"app_label": "disclosures", "model_name": "request", "field_name": "body", "term": "CP"}),
    ),
    "admin:view_on_site": (Ask({"content_type_id": "1", "object_id": "1"}),),
    "admin:None": (Ask({"url": "nothing/"}), Ask({"url": "disclosures/request/"}), Ask({"url": "disclosures/request/1/change/"})),
    **{f"admin:accounts_{model}_changelist": lists(*USERS) for model in MODELS},
    **{f"admin:accounts_{model}_add": FORM for model in MODELS},
    **{
        f"admin:accounts_{model}_{page}": (Ask({"object_id": model.upper()}), Ask({"object_id": "987654321"}))
        for model in MODELS
        for page in ("change", "history", "delete")
    },
    # Lists, and what every desk has.
    "disclosures:home": NOTHING,
    "disclosures:my-queue": lists(*({f"{part}-{key}": value} for part in ("mine", "waiting") for query in PAGES_OF_A_LIST for key, value in query.items())),
    "disclosures:due-today": lists(*PAGES_OF_A_LIST),
    "disclosures:team-queue": lists(*PAGES_OF_A_LIST),
    "disclosures:find": lists(*FILTERS, *PAGES_OF_A_LIST),
    "disclosures:notices": (*lists({"before": "1"}, {"before": "999999999"}), Ask(data={"up_to": "999999999"})),
    "disclosures:theme": (Ask(), Ask(data={"theme": "dark"})),
    # Intake.
    "disclosures:new": (Ask(), *(Ask(data={"arrived": answer}) for answer in ("schedule-2", "restricted", "unsure", "interception"))),
    "disclosures:by-hand": NOTHING,
    "disclosures:new-form": tuple(
        Ask({"what": what}, data=data) for what in ("schedule-2", "restricted", "other") for data in (None, {}, {"INTAKE": "TWIN"})
    ),
    "disclosures:emergency-new": FORM,
    # A request's pages.
    "disclosures:request": (*case(), *(Ask({"reference": reference}) for reference in ("EACH-SECRET", "PUBLIC:PENDING_APPROVAL", "PUBLIC:CLOSED", "TWIN"))),
    "disclosures:edit": case(S.DRAFT),
    "disclosures:take-step": (
        *(Ask({"reference": reference, "action": step}, data={"reason": "Tried."}) for reference in ("SECRET",) for step in STEPS),
        *(Ask({"reference": "PUBLIC:SUBMITTED", "action": step}, data={"reason": "Tried."}) for step in ("accept", "return", "transfer")),
        *(Ask({"reference": reference, "action": "accept"}) for reference in ("SECRET", "PUBLIC:SUBMITTED")),
    ),
    "disclosures:evidence": (*case(S.VERIFYING), Ask({"reference": "TWIN"})),
    **{
        f"disclosures:{page}": case()
        for page in (
            "ask-search", "tests", "opinion", "counsel", "court", "lines", "addressee", "costs", "group-checks", "deadline", "assign",
            "exclude", "restrict", "attach", "correspondence", "comments", "messages", "members", "open",
            "secrecy",
        )
    },
    "disclosures:items": case(S.IN_REVIEW, {"after": "1"}, {"group": "none"}),
    "disclosures:holds": (*case(), Ask({"reference": "PRESERVED"})),
    "disclosures:delivery": case(S.RELEASED),
    "disclosures:document": case(document="SECRET-DOCUMENT"),
    "disclosures:receipt": (*case(S.RELEASED, version="SECRET-RECEIPT"), *case(S.RELEASED, version="1")),
    "disclosures:record": (*case(S.CLOSED, form="json"), *case(S.CLOSED, form="pdf")),
    "disclosures:watch": (*case(), Ask({"reference": "SECRET"}, data={"watch": "on"})),
    "disclosures:link": (
        *case(),
        *(
            Ask({"reference": "PUBLIC:IN_REVIEW"}, data={"other_reference": other, "relation": "SAME_MATTER", "reason": "Perhaps."})
            for other in ("EACH-SECRET", "ABSENT")
        ),
    ),
    "disclosures:emergency": case(S.EMERGENCY_PENDING),
    "disclosures:letter": tuple(ask for purpose in ("receipt", "return", "answer") for ask in case(S.IN_REVIEW, purpose=purpose)),
    "disclosures:letter-print": case(S.RELEASED, purpose="answer"),
    "disclosures:letter-mail": case(S.RELEASING, purpose="answer"),
    "disclosures:letter-sent": case(S.RELEASING, purpose="answer"),
    # Tasks of those who hold data.
    "disclosures:searches": lists({"after": "1"}, {"after": "9"}),
    "disclosures:search": task("SEARCH"),
    "disclosures:search-table": task("SEARCH"),
    "disclosures:hold-list": lists({"after": "1"}),
    "disclosures:hold": task("HOLD"),
    # What a person asks us to account for, and what is destroyed at its time.
    "disclosures:access-requests": lists({"after": "1"}, {"before": "1"}),
    "disclosures:access-new": FORM,
    **{f"disclosures:access-{name}": (Ask({"ref": "none"}), Ask({"ref": "none"}, data={})) for name in ("request", "letter", "file", "keeping")},
    "disclosures:access-disposal": FORM,
    "disclosures:access-disposal-batch": (Ask({"batch": "none"}), Ask({"batch": "none"}, data={})),
    "disclosures:access-disposal-certificate": (Ask({"batch": "none", "form": "pdf"}), Ask({"batch": "none", "form": "json"})),
    "disclosures:keeping": case(S.CLOSED),
    "disclosures:disposal": FORM,
    "disclosures:disposal-batch": tuple(Ask({"batch": batch}, data=data) for batch in ("none", BATCH) for data in (None, {})),
    "disclosures:disposal-certificate": tuple(Ask({"batch": batch, "form": form}) for batch in ("none", BATCH) for form in ("pdf", "json")),
    # People and registers.
    "disclosures:people": FORM,
    "disclosures:who-decides": NOTHING,
    "disclosures:colleague": tuple(Ask({"ref": ref}) for ref in ("MEMBER", "OTHER-MEMBER", "nobody")),
    "disclosures:on-call": FORM,
    "disclosures:holidays": (*lists({"year": "2026"}, {"year": "1900"}), Ask(data={})),
    "disclosures:holiday-strike-out": (Ask({"ref": "EW-2026-12-28"}), Ask({"ref": "EW-2026-12-28"}, data={})),
    "disclosures:registers": NOTHING,
    **{f"disclosures:{name}": case() for name in ("schemes", "agency", "second-periods", "interests", "partner")},
    "disclosures:edit-people": case(S.DRAFT, {"after": "1"}, {"person": "1"}, {"person": "99"}),
    "disclosures:secrecy": case(),
    "disclosures:telling": case(),
    "disclosures:organisations": lists({"kind": "POLICE_FORCE"}, {"typed": "North"}, {"after": "M"}),
    "disclosures:organisation": (Ask({"code": "northshire"}), Ask({"code": "demo-retail"}), Ask({"code": "none"})),
    **{f"disclosures:{name}": FORM for name in ("ownership", "credit", "preferences", "system-new", "cells")},
    "disclosures:interception": (*FORM, Ask(data={"end": "none"})),
    **{f"disclosures:{name}": NOTHING for name in ("systems", "policy", "letter-wordings")},
    "disclosures:system": (Ask({"code": "billing"}), Ask({"code": "billing"}, data={}), Ask({"code": "none"})),
    "disclosures:letter-wording": (Ask({"slug": "return"}), Ask({"slug": "answer"}), Ask({"slug": "none"})),
    "disclosures:instruments": lists({"q": "order"}, {"typed": "order"}, {"kind": "A"}),
    "disclosures:instrument": (Ask({"code": "A-PO"}), Ask({"code": "P-PRES"}), Ask({"code": "NONE"})),
    # The companies' own pages.
    "disclosures:company": lists({"before": "1"}, {"before": "999999999"}),
    "disclosures:company-new": FORM,
    "disclosures:company-people-table": NOTHING,
    "disclosures:company-request": tuple(ask for state in (S.DRAFT, S.IN_REVIEW, S.RELEASED, S.CLOSED) for ask in company(state)),
    "disclosures:company-messages": company(S.IN_REVIEW),
    "disclosures:company-check": company(S.DRAFT),
    "disclosures:company-result": company(S.RELEASED),
    "disclosures:company-receipt": company(S.RELEASED, version="1"),
    "disclosures:company-repeat": company(S.CLOSED),
    "disclosures:company-people": company(S.DRAFT),
    "disclosures:company-end": (*company(S.SUBMITTED, slug="withdraw"), *company(S.CLOSED, slug="appeal")),
    "disclosures:company-step": (*company(S.DRAFT, slug="why"), *company(S.DRAFT, slug="people")),
}  # fmt: skip


def addresses(patterns: Any = None, space: str = "") -> Iterator[str]:
    """The name of every address that the resolver knows."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"


class Places:
    """What the words of an `Ask` stand for."""

    def __init__(self, public: Public, secrets: Secrets) -> None:
        named: dict[str, tuple[str, ...]] = {
            "ABSENT": (ABSENT,),
            "SECRET": secrets.requests[:1],
            "EACH-SECRET": secrets.requests,
            "SEARCH": (public.searched,),
            "HOLD": (public.kept,),
            "SECRET-SEARCH": secrets.searches[:1],
            "SECRET-HOLD": secrets.holds[:1],
            "SECRET-DOCUMENT": secrets.documents[:1],
            "SECRET-RECEIPT": secrets.receipts[:1],
            "PRESERVED": (public.preserved,),
            "TWIN": (public.twin.reference,),
            "ENTRY": (str(public.entry),),
            "CHECKPOINT": (str(public.checkpoint),),
            "AFTER-CHECKPOINT": (str(public.checkpoint + 1),),
            "LOG-CURSOR": (public.log_cursor,),
            "NEXT": (public.next_page,),
            "MEMBER": (public.world["handler"].ref,),
            "OTHER-MEMBER": (public.world["mlro"].ref,),
            "USER": (str(public.world["handler"].pk),),
            "ORGANISATION": (str(public.world.police.pk),),
            "MEMBERSHIP": (str(public.membership),),
        }
        named |= {f"PUBLIC:{state}": (request.reference,) for state, request in public.requests.items()}
        named |= {f"COMPANY:{state}": (request.reference,) for state, request in public.companys.items()}
        self.named, self.intake = named, public.intake

    def asked(self, route: str) -> Iterator[Asked]:
        """Each way to ask for an address, once for each thing that is named."""
        for ask in ROUTES[route]:
            for given in self._each(ask.given):
                for query in self._each(ask.query):
                    address = self._address(route, given, query)
                    if ask.data is None:
                        yield Asked(route, address)
                    elif ask.data == {"INTAKE": "TWIN"}:
                        yield Asked(route, address, self.intake)
                    else:
                        for data in self._each(ask.data):
                            yield Asked(route, address, tuple(data.items()))

    def plain(self, route: str) -> Iterator[Asked]:
        """The page of each public thing, without filters."""
        secret = (*self.named["EACH-SECRET"], *self.named["SECRET-SEARCH"], *self.named["SECRET-HOLD"])
        pages = (asked for asked in self.asked(route) if asked.data is None and "?" not in asked.address)
        yield from islice((asked for asked in pages if not any(name in asked.address for name in secret)), 4)

    def _each(self, values: Values) -> Iterator[Values]:
        meant = [self._meant(value) for value in values.values()]
        for chosen in product(*meant):
            yield dict(zip(values, chosen, strict=True))

    def _meant(self, value: str) -> tuple[str, ...]:
        before, tilde, word = value.rpartition("~")
        return tuple(before + tilde + one for one in self.named.get(word, (word,)))

    def _address(self, route: str, given: Values, query: Values) -> str:
        path = "/administration/" + given["url"] if "url" in given else reverse(route, kwargs=dict(given))
        return f"{path}?{urlencode(query)}" if query else path
