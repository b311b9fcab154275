"""Every address that the resolver knows, as everybody, with ids of others and odd values: no error of ours, nothing of others.

An address that is added is walked by itself; one with a new variable part fails here until `crawled` names something
to put into it.
"""

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.http import HttpResponse
from django.urls import resolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from cpdisclose.local.postgres import Cluster
from tests.addresses import ABSENT, Address, every_address
from tests.conftest import cloned

from .crawled import ACCESS, MINE, PLAIN, SECRET, Site, make_site
from .filling import Filled

ODD = (
    "", " ", "0", "-1", "7", "99999999999999999999", "１２", "½", "²", "\x00", "a" * 3000, "<script>alert(1)</script>",
    "' OR 1=1 --", "%s%(x)s{0}", "é\u202eabc", "2026-02-30", "0000-00-00", "None", "[]", "../../etc/passwd", "on",
    "u_2222222222", "7b7fd5cb-3b8b-4a9b-9d6c-0d3e64f0f6b1", ABSENT, "1.5", "1e999", "\r\nSet-Cookie: a=b", "\ud7ff\U0010ffff",
)  # fmt: skip
QUERY = (
    "q", "after", "before", "newer", "older", "since", "until", "event", "who", "about", "kind", "state", "due", "page", "year",
    "again", "refusal", "group", "typed", "sort", "o", "p", "e", "log", "next", "urgency", "overdue", "all", "term",
)  # fmt: skip
OPEN_TO_NOBODY = {
    "account_login",
    "account_logout",
    "account_inactive",
    "healthz",
    "readyz",
    "disclosures:theme",
    "admin:jsi18n",
}
Values = Mapping[str, Any]


@dataclass
class Walked:
    """What the walk over all addresses left: what was wrong, what was there, and of each page a form, with who was shown it."""

    wrong: list[str] = field(default_factory=list)
    here: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    told: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    forms: dict[str, tuple[str, str, dict[str, list[str]]]] = field(default_factory=dict)
    asked: int = 0


@pytest.fixture(scope="module")
def site(cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    with django_db_blocker.unblock(), cloned(cluster) as database:
        yield make_site(database)


@pytest.fixture(scope="module")
def walk(site: Site) -> Walked:
    found = Walked()
    for key, visitor in site.visitors.items():
        for name, path in paths_of(site, key):
            answer = visitor.get(path)
            found.asked += 1
            found.wrong += wrong_with(site, key, answer, f"GET {path}", path)
            if answer.status_code == 200:
                found.here[key].add(name)
                _look(found, key, path, answer)
    return found


def paths_of(site: Site, key: str) -> list[tuple[str, str]]:
    """Three of each for those who have most or least; the others come once to each, in turn to a secret and to what is none."""
    whole = key in {"member", "all roles", "company", "other company", "nobody"}
    turn = list(site.visitors).index(key)
    found = []
    for number, address in enumerate(every_address()):
        paths = site.paths(address)
        some = paths[:3] if whole else [paths[(number + turn) % min(2, len(paths))]]
        found += [(address.name, path) for path in some]
    return found


def _look(found: Walked, key: str, path: str, answer: HttpResponse) -> None:
    if answer.streaming or not answer["Content-Type"].startswith("text/html"):
        return
    text = answer.content.decode()
    found.told[key] |= {word for word in (MINE, PLAIN, SECRET, ACCESS) if word in text}
    for action, values in Filled(text).forms.items():
        names = set(re.findall(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"', text))
        to = action or path
        if to.startswith("/") and names:
            page = resolve(to.partition("?")[0]).view_name
            found.forms.setdefault(page, (to, key, {**{name: [""] for name in sorted(names)}, **values}))


def wrong_with(site: Site, key: str, answer: HttpResponse, what: str, *sent: str) -> list[str]:
    """An error of ours, or a word of what this visitor may not know; what they sent themselves may come back."""
    said = str(dict(answer.items())) + ("" if answer.streaming else answer.content.decode(errors="replace"))
    own = " ".join(sent)
    told = [word for word in site.forbidden[key] if word in said and word not in own]
    return (
        [f"{key} {what[:200]}: {answer.status_code} {' '.join(told)}"]
        if told or answer.status_code >= 500
        else []
    )


def test_nobody_finds_an_error_of_ours_or_anything_of_others_at_any_address(walk: Walked) -> None:
    assert walk.wrong == []
    assert walk.asked > 2_500


def test_the_walk_came_to_what_there_is_to_tell(walk: Walked) -> None:
    """Else it would find nothing wherever it leaked."""
    assert walk.told["member"] >= {MINE, PLAIN, SECRET}
    assert walk.told["INTAKE_CLERK"] >= {PLAIN}
    assert walk.told["all roles"] >= {PLAIN, MINE, ACCESS}
    assert walk.told["company"] == {MINE}
    assert walk.told["other company"] == walk.told["nobody"] == set()
    assert walk.here["nobody"] <= OPEN_TO_NOBODY
    assert len(walk.here["member"] | walk.here["all roles"]) > 80


def test_a_leak_would_be_seen(site: Site) -> None:
    leaking = [
        HttpResponse(f"Alex {MINE}"),
        HttpResponse(headers={"Location": f"/company/{site.cases['mine'].reference}/"}),
    ]
    for answer in leaking:
        assert wrong_with(site, "other company", answer, "GET /", "/")
        assert not wrong_with(site, "company", answer, "GET /", "/")
    assert wrong_with(site, "member", HttpResponse(status=500), "GET /", "/")


def test_odd_values_in_an_address_and_behind_it_are_no_error_of_ours(site: Site, walk: Walked) -> None:
    wrong, tried = [], 0
    for number, address in enumerate(every_address()):
        key = next((who for who in site.visitors if address.name in walk.here[who]), "all roles")
        for path in _odd(site, address, number):
            tried += 1
            wrong += wrong_with(
                site, key, site.visitors[key].get(path), f"GET {path}", path, *site.references
            )
    assert wrong == []
    assert tried > 300


def _odd(site: Site, address: Address, number: int) -> Iterator[str]:
    loose = {name for name, kind in address.parts.items() if kind in {"str", "path"}}
    texts = [text for text in ODD if text.strip() and "\r" not in text and (text != "../../etc/passwd")]
    for odd in texts[number % 3 :: 3] if loose else ():
        yield address.at({name: quote(odd, safe="") for name in loose})
    first, second = (
        [(name, ODD[(number * 5 + place + turn) % len(ODD)]) for place, name in enumerate(QUERY)]
        for turn in (0, 9)
    )
    path = site.paths(address)[-1]
    yield f"{path}?{urlencode(first)}"
    yield f"{path}?{urlencode(second + first)}"
    yield f"{path}?%00=%ff&=&&q=%ed%a0%80&{'x=1&' * 50}"


# What is sent -------------------------------------------------------------------------------------

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
RAW = (
    (b'{"action": ["x"]}', JSON), (b"{", JSON), (b"\xff\xfe\x00", "text/plain"), (b"<a/>", "application/xml"), (b"", ""),
    (b"a=1&a=2&=&%00=%00&%ff=%ff", FORM), (b"&".join(b"f%d=1" % n for n in range(3_000)), FORM),
    (b"", "multipart/form-data"), (b"--b\r\n", PARTS), (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", PARTS),
    (b'--b\r\nContent-Disposition: form-data; name="file"; filename="\x00"\r\n\r\nx', PARTS),
    (b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--b--", PARTS),
    (b"x", "multipart/form-data; boundary=" + "b" * 300), (b"a=1", f"{FORM}; charset=none"),
)  # fmt: skip


def bodies(site: Site, names: list[str], number: int) -> Iterator[Values]:
    """Nothing; each name with an odd value, one of another's and many; twice the same; and far too much."""
    theirs = [*site.references, *(text for texts in site.named["usual"].values() for text in texts)]
    yield {}
    for turn in (0, 11):
        yield {name: ODD[(number + place + turn) % len(ODD)] for place, name in enumerate(names)}
    yield {name: theirs[(number + place) % len(theirs)] for place, name in enumerate(names)}
    yield {
        name: [ODD[(number + place) % len(ODD)], theirs[place % len(theirs)], "1"]
        for place, name in enumerate(names)
    }
    yield {**dict.fromkeys(names, "9" * 60), names[number % len(names)]: "Ω" * 100_000}


def test_no_form_fails_on_what_its_page_never_sends(site: Site, walk: Walked) -> None:
    assert len(walk.forms) > 60
    wrong = []
    for number, (path, key, values) in enumerate(sorted(walk.forms.values(), key=lambda form: form[0])):
        visitor, own = site.visitors[key], (path, *site.references)
        for body in bodies(site, sorted(values), number):
            wrong += wrong_with(site, key, visitor.post(path, body), f"POST {path} {str(body)[:900]}", *own)
        for turn in (0, 1):
            body, kind = RAW[(number + 5 * turn) % len(RAW)]
            answer = visitor.raw(path, body, kind)
            wrong += wrong_with(site, key, answer, f"POST {path} {kind} {body[:60]!r}", *own)
    assert wrong == []


def test_nothing_is_sent_by_whoever_the_form_is_not_for(site: Site, walk: Walked) -> None:
    """The very form that somebody else was shown, sent by others: no error, nothing told, nothing taken."""
    wrong = []
    for path, _, values in walk.forms.values():
        for key in ("other company", "nobody", "AUDITOR"):
            answer = site.visitors[key].post(path, values)
            wrong += wrong_with(site, key, answer, f"POST {path}", path, json.dumps(values))
            theirs = any(case.reference in path for case in site.cases.values())
            led = answer.status_code == 302 and answer["Location"].startswith("/account/")
            if theirs and answer.status_code not in {403, 404, 405} and not led:
                wrong.append(f"{key} POST {path}: {answer.status_code}")
    assert wrong == []


def test_a_post_where_no_form_is_finds_no_error_of_ours(site: Site, walk: Walked) -> None:
    wrong = []
    forms = {path for path, _, _ in walk.forms.values()}
    for number, address in enumerate(every_address()):
        for path in site.paths(address)[:3]:
            if path not in forms:
                body, kind = RAW[number % len(RAW)]
                answer = site.visitors["all roles"].raw(path, body, kind)
                wrong += wrong_with(site, "all roles", answer, f"POST {path} {kind} {body[:60]!r}", path)
    assert wrong == []


# Longer than Python reads a number, with a sign no row keeps, on days before and after every calendar, and far too long.
SPOILT = (
    "9" * 5_000, "\x00", "a\x00b.example H", "31 12 9999", "9999-12-31", "0001-01-01", "1 1 1900", "31 12 2199", "Ω" * 5_000, "[" * 5_000,
)  # fmt: skip
NAMED_BY_A_VIEW = re.compile(
    r"""(?:POST(?:\.get)?[\[(]|_sent\(http, |data\.get\()"(\w+)\"|"([\w-]+)" in http\.POST"""
)


def test_no_answer_spoils_a_form_by_itself(site: Site, walk: Walked) -> None:
    """Each name of each form, and each that a view asks for by itself, spoilt in its turn; the rest as the page was shown."""
    wrong, turn = [], 0
    for _, (path, key, values) in sorted(walk.forms.items()):
        for name in sorted({*values, *asked_for_by_name(path)}):
            for spoilt in [SPOILT[turn % len(SPOILT)]] if name in values else SPOILT[:2]:
                answer = site.visitors[key].post(path, {**values, name: spoilt})
                what = f"POST {path} {name}={spoilt[:20]!r}"
                wrong += wrong_with(site, key, answer, what, path, *site.references)
            turn += 1
    assert wrong == []


def asked_for_by_name(path: str) -> set[str]:
    """What the view's module reads of a form by itself."""
    module = inspect.getmodule(inspect.unwrap(resolve(path.partition("?")[0]).func))
    found = NAMED_BY_A_VIEW.findall(inspect.getsource(module)) if module else []
    return {name for names in found for name in names if name}


VALUES = st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))


@settings(
    max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_a_form_filled_in_but_for_a_few_answers_never_fails(
    site: Site, walk: Walked, data: st.DataObject
) -> None:
    path, key, values = walk.forms[data.draw(st.sampled_from(sorted(walk.forms)))]
    changed = data.draw(st.lists(st.sampled_from(sorted(values)), min_size=1, max_size=4, unique=True))
    sent: dict[str, Any] = {**values, **{name: data.draw(st.lists(VALUES, max_size=3)) for name in changed}}
    answer = site.visitors[key].post(path, sent)
    assert wrong_with(site, key, answer, f"POST {path}", path, *site.references) == [], {
        name: sent[name] for name in changed
    }
