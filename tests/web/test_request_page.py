"""The page of a request: who finds it, what it says, and what it offers to whom."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from accounts.roles import Role
from cpdisclose.local.postgres import Cluster
from disclosures.models import Request
from disclosures.notifications import TURNS
from disclosures.permissions import GRANTS, may
from disclosures.selectors.facts import facts_for
from disclosures.selectors.next_steps import ELSEWHERE, MANY, slug_of, told
from disclosures.services.intake import ItemInput, SubjectInput
from disclosures.states import Action, Perm, State
from disclosures.words import STEP_WORDS
from disclosures.workflow import TRANSITIONS, actions_from
from tests.every_state import Everything, desk_with_everything, undone
from tests.services.log_lines import last
from tests.web.browsers import browser_for
from tests.web.html import Page

WORK: dict[str, Perm] = {
    "edit": Perm.EDIT,
    "evidence": Perm.VERIFY,
    "ask": Perm.REVIEW,
    "tests": Perm.REVIEW,
    "counsel": Perm.REVIEW,
    "items": Perm.REVIEW,
    "opinion": Perm.ADVISE,
    "letter/answer": Perm.PROPOSE,
    "letter/return": Perm.CORRESPOND,
    "assign": Perm.ASSIGN,
    "exclude": Perm.EXCLUDE,
}


@pytest.fixture(scope="module")
def desk(cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Everything]:
    with django_db_blocker.unblock(), desk_with_everything(cluster) as made:
        yield made


@pytest.fixture(autouse=True)
def _rolled_back(desk: Everything) -> Iterator[None]:
    with undone():
        yield


def address(request: Request) -> str:
    return f"/requests/{request.reference}/"


def shown(client: Client, request: Request) -> str:
    response = client.get(address(request))
    assert response.status_code == 200
    return response.content.decode()


def words_of(html: str) -> str:
    """The text, with a space where an element begins."""
    return " ".join(Page(html.replace("<", " <")).text.split())


# Who finds it --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.CLOSED])
def test_everybody_who_may_see_it_and_nobody_else_finds_the_page(desk: Everything, state: State) -> None:
    people = [
        *desk.colleagues.values(),
        *desk.members.values(),
        desk.excluded,
        desk.superuser,
        desk.elsewhere,
    ]
    browsers = [(person, browser_for(person, desk.world.now)) for person in people]
    for request in (desk.plain[state], desk.secret[state]):
        for person, browser in browsers:
            expected = 200 if may(person, request.reference, Perm.VIEW, desk.world.now) else 404
            assert browser.get(address(request)).status_code == expected, (person, request.restricted)


def test_a_forbidden_page_is_the_same_as_one_that_is_not_there(desk: Everything) -> None:
    browser = browser_for(desk.colleagues[Role.HANDLER], desk.world.now)
    forbidden, missing = (
        browser.get(where) for where in (address(desk.secret[State.IN_REVIEW]), "/requests/CP-2222-2222/")
    )
    assert (forbidden.status_code, missing.status_code) == (404, 404)
    assert _bare(forbidden) == _bare(missing)


def _bare(response: HttpResponse) -> str:
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
    return re.sub(r"CP-[0-9A-Z]{4}-[0-9A-Z]{4}", "REFERENCE", body)


def test_the_page_is_never_kept_by_a_browser_and_its_opening_is_written_down(desk: Everything) -> None:
    request, handler = desk.plain[State.IN_REVIEW], desk.colleagues[Role.HANDLER]
    response = browser_for(handler, desk.world.now).get(address(request))
    assert "no-store" in response["Cache-Control"]
    entry = last("request.viewed")
    assert entry["actor"] == {"ref": handler.ref, "role": "HANDLER"}
    assert entry["object"] == {"type": "request", "ref": request.reference, "seen_version": request.version}


# What it offers ------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(State))
def test_it_offers_exactly_the_steps_and_the_work_that_the_person_may_do(
    desk: Everything, state: State
) -> None:
    request, now = desk.secret[state], desk.world.now
    for role, person in desk.members.items():
        held = GRANTS[state].get(role, frozenset())
        if Perm.VIEW not in held:
            continue
        page = Page(shown(browser_for(person, now), request))
        steps = {
            f"step-{slug_of(arrow.action)}"
            for arrow in actions_from(state)
            if arrow.perm in held and arrow.action not in ELSEWHERE
        }
        assert {name for name in page.ids if name.startswith("step-")} == steps
        linked = {urlsplit(link["href"]).path for link in page.every("a")}
        for work, perm in WORK.items():
            assert (f"{address(request)}{work}/" in linked) == (perm in held), (work, person)
        assert f"{address(request)}restrict/" not in linked, "it is restricted already"


@pytest.mark.parametrize("state", list(State))
def test_a_step_has_a_button_or_else_every_reason_against_it(desk: Everything, state: State) -> None:
    request, now = desk.plain[state], desk.world.now
    for role in (Role.HANDLER, Role.APPROVER):
        person = desk.colleagues[role]
        html = shown(browser_for(person, now), request)
        buttons = set(re.findall(r'action="/requests/[^/]+/step/([a-z-]+)/"', html))
        for arrow in actions_from(state):
            if arrow.action in ELSEWHERE or not may(person, request.reference, arrow.perm, now):
                continue
            facts = facts_for(
                request,
                actor=person,
                now=now,
                action=arrow.action,
                reason="x",
                seen_digest=request.proposal_digest,
            )
            against = [sentence for guard in arrow.guards if (sentence := guard(facts))]
            assert (slug_of(arrow.action) in buttons) == (not against)
            for sentence in against:
                assert sentence in words_of(html)


def test_restricting_is_offered_where_it_is_not_yet_restricted(desk: Everything) -> None:
    request = desk.plain[State.IN_REVIEW]
    for role, offered in ((Role.HEAD_OF_LEGAL, True), (Role.MLRO, True), (Role.TEAM_LEAD, False)):
        html = shown(browser_for(desk.colleagues[role], desk.world.now), request)
        assert (f"{address(request)}restrict/" in html) == offered


def test_opening_it_to_the_desk_is_offered_at_triage_of_one_born_restricted(desk: Everything) -> None:
    road = desk.world.road()
    road.record(restricted=True)
    road.step("clerk", Action.SUBMIT)
    mlro = browser_for(desk.world["mlro"], desk.world.now)
    assert f"{address(road.request)}open/" in shown(mlro, road.request)
    assert f"{address(desk.secret[State.SUBMITTED])}open/" not in shown(mlro, desk.secret[State.SUBMITTED])


def test_a_letter_is_recorded_as_sent_on_its_own_page_while_it_waits(desk: Everything) -> None:
    officer = browser_for(desk.colleagues[Role.RELEASE_OFFICER], desk.world.now)
    for state, offered in ((State.RELEASING, True), (State.REFUSED, True), (State.RELEASED, False)):
        page = f"{address(desk.plain[state])}letter/answer/sent/"
        assert (page in shown(officer, desk.plain[state])) == offered


def test_every_arrow_has_words_of_its_own_and_says_truly_who_is_told() -> None:
    assert set(STEP_WORDS) == set(Action)
    assert len({words.button for words in STEP_WORDS.values()}) == len(Action)
    assert all(words.happens and words.done for words in STEP_WORDS.values())
    for arrow in TRANSITIONS:
        turn, sentence = TURNS.get(arrow.target), told(arrow)
        assert (sentence == "Nobody is told by notice.") == (turn is None)
        for role in turn.roles if turn else ():
            assert MANY[role] in sentence.lower()


# What it says --------------------------------------------------------------------------------


def test_the_approver_reads_everything_that_the_signature_covers(desk: Everything) -> None:
    html = words_of(
        shown(browser_for(desk.colleagues[Role.APPROVER], desk.world.now), desk.plain[State.PENDING_APPROVAL])
    )
    for words in (
        "Payments made to us, and how", "Card payments", "Billing: found", "3 September 2026: £41.20 by card ending 0000",
        "Disclose", "Alex Example", "17 April 1988", "Robin Sample, constable", "Jo Specimen, inspector",
        "The payer can be identified in no other way.", "The payer cannot be found otherwise.",
        "Data Protection Act 2018, Schedule 2, Part 1, paragraph 2(1)(a) and (b)", "Version 1, in effect since",
        "Rung: 01632 960000", "Our answer follows.", "Approve release of 1 item", "Proposed by Demo Handler",
        "Requester confirmed by Demo Verifier", "Taken in by Demo Clerk", "Has it now Nobody yet",
    ):  # fmt: skip
        assert words in html


def test_what_is_missing_is_said_where_it_is_missing(desk: Everything) -> None:
    html = words_of(
        shown(browser_for(desk.colleagues[Role.HANDLER], desk.world.now), desk.plain[State.VERIFYING])
    )
    assert "Still to be recorded: Sender's address checked against the register; Rung back" in html
    assert "Not asked for yet" in html
    assert "have not been answered yet" in html
    assert "No letter has been written yet." in html


def test_an_opinion_that_is_needed_is_asked_for(desk: Everything) -> None:
    road = desk.world.road()
    road.record(items=(ItemInput(item_type="SUPPORT_NEEDS"),))
    html = words_of(shown(browser_for(desk.colleagues[Role.HANDLER], desk.world.now), road.request))
    assert "The opinion of the data protection officer is needed before an answer is proposed." in html
    assert "Two approvers" in html


def test_the_due_date_stands_with_its_derivation_and_every_other_clock(desk: Everything) -> None:
    browser = browser_for(desk.colleagues[Role.HANDLER], desk.world.now)
    html = words_of(shown(browser, desk.plain[State.IN_REVIEW]))
    assert "Answer: in " in html
    assert "How this date was worked out" in html
    assert "day 10" in html
    html = words_of(shown(browser, desk.plain[State.EMERGENCY_PENDING]))
    assert "Emergency decision: today" in html or "Emergency decision: tomorrow" in html
    assert "1 hours of elapsed time end at" in html
    assert "How “Emergency release” was worked out" in html
    assert "Answer: paused" in words_of(shown(browser, desk.plain[State.RETURNED]))
    assert "No clock is running." in words_of(shown(browser, desk.plain[State.CLOSED]))


def test_an_emergency_that_is_over_its_hour_is_overdue_since_then(desk: Everything) -> None:
    road = desk.world.road()
    road.record(
        channel="TELEPHONE", urgency="IMMEDIATE", urgency_reason="At risk.", received_at=desk.world.now - timedelta(minutes=90)
    )  # fmt: skip
    html = words_of(shown(browser_for(desk.colleagues[Role.HANDLER], desk.world.now), road.request))
    assert re.search(r"Emergency decision: overdue since \d\d:\d\d", html)


def test_a_restricted_request_says_who_knows_of_it_and_how_to_keep_it(desk: Everything) -> None:
    road = desk.world.road()
    road.record(restricted=True)
    html = words_of(shown(browser_for(desk.world["clerk"], desk.world.now), road.request))
    found = re.search(r"Restricted: (\d) people know that this request exists ([^.]+)\.", html)
    assert found
    names = found[2].split(", ")
    assert len(names) == int(found[1])
    assert {"Demo Clerk", "Demo Reporting Officer"} <= set(names)
    assert "Speak and write about it with nobody else" in html
    assert "Restricted:" not in words_of(
        shown(browser_for(desk.world["clerk"], desk.world.now), desk.plain[State.DRAFT])
    )


def test_a_person_who_is_not_to_be_told_is_marked_as_such_with_what_that_means(desk: Everything) -> None:
    browser = browser_for(desk.colleagues[Role.HANDLER], desk.world.now)
    html = words_of(shown(browser, desk.plain[State.IN_REVIEW]))
    assert "The person is not to be told of this request Do not ring, write to or ask the person" in html
    road = desk.world.road()
    road.record(do_not_notify=False)
    assert "not to be told" not in words_of(shown(browser, road.request))


def test_the_history_runs_from_the_newest_to_the_first_with_people_roles_and_reasons(
    desk: Everything,
) -> None:
    html = shown(browser_for(desk.colleagues[Role.HANDLER], desk.world.now), desk.plain[State.CLOSED])
    history = words_of(
        html[html.index('class="timeline"') : html.index("</ol>", html.index('class="timeline"'))]
    )
    told_in_order = [
        "Closed", "Letter sent", "Release begun", "Release approved", "Answer proposed", "Requester confirmed",
        "Accepted for verification", "Submitted to triage",
    ]  # fmt: skip
    places = [history.index(words) for words in told_in_order]
    assert places == sorted(places)
    for words in (
        "Reason of the demonstration.",
        "Demo Approver",
        "Approver",
        "Search answered: Billing",
        "Recorded",
    ):
        assert words in history
    times = re.findall(r'<time datetime="([^"]+)"', html)
    assert times == sorted(times, reverse=True)


def test_an_exclusion_is_shown_with_its_reason(desk: Everything) -> None:
    html = words_of(
        shown(browser_for(desk.colleagues[Role.TEAM_LEAD], desk.world.now), desk.plain[State.IN_REVIEW])
    )
    assert "Tester excluded A cousin. Excluded by Demo Team Lead" in html


def test_what_people_typed_is_text_and_nothing_else(desk: Everything) -> None:
    road = desk.world.road()
    road.record(summary="<script>alert(1)</script>", subjects=(SubjectInput(name="<b>Bold</b>"),))
    html = shown(browser_for(desk.colleagues[Role.HANDLER], desk.world.now), road.request)
    assert "<b>Bold" not in html
    assert "<script>alert" not in html


def test_the_page_needs_nothing_that_the_content_policy_forbids(desk: Everything) -> None:
    for state in State:
        page = Page(shown(browser_for(desk.colleagues[Role.HANDLER], desk.world.now), desk.plain[state]))
        for tag, attrs in page.elements:
            assert "style" not in attrs
            assert not [name for name in attrs if name.startswith("on")]
            assert tag != "script" or attrs.get("src")
        assert len(page.ids) == len(set(page.ids)), "an id stands once"


def test_the_page_costs_the_same_for_one_pair_and_for_a_hundred(desk: Everything) -> None:
    browser, counted = browser_for(desk.colleagues[Role.HANDLER], desk.world.now), []
    for people, things in ((1, 1), (25, 4)):
        road = desk.world.road()
        road.record(
            subjects=tuple(SubjectInput(name=f"Name {n}") for n in range(people)),
            items=tuple(ItemInput(item_type="PAYMENTS") for _ in range(things)),
        )
        with CaptureQueriesContext(connection) as captured:
            shown(browser, road.request)
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_the_links_of_the_page_lead_to_pages_that_are_there(desk: Everything) -> None:
    for state in (State.SUBMITTED, State.IN_REVIEW, State.RELEASING):
        for role in (Role.HANDLER, Role.RELEASE_OFFICER, Role.HEAD_OF_LEGAL):
            browser = browser_for(desk.members[role], desk.world.now)
            page = Page(shown(browser, desk.secret[state]))
            mine = [
                link["href"]
                for link in page.every("a")
                if link["href"].startswith(address(desk.secret[state]))
            ]
            for where in mine:
                assert browser.get(where).status_code in {200, 422}, where
    assert reverse("disclosures:request", args=["CP-2222-2222"]) == "/requests/CP-2222-2222/"
