"""What must be in the log, class by class: reads of personal data, searches, exports, denials, permission changes,
sign-ins and what administrators change. Each is done as people do it, and found there with who did it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from accounts.services import end_membership, grant_membership
from audit.models import Entry
from disclosures.models import HeldSystem
from disclosures.services import ActionRefused, access
from disclosures.services.searching import ask_for_search
from disclosures.states import Action, State
from tests.accounts.conftest import code_of, enrol, give_code, give_password
from tests.services.log_lines import entries, last
from tests.web.work_pages import Browsers
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db


def told(event: str, world: World, key: str) -> dict[str, Any]:
    """The newest entry of this event, which this person must have caused."""
    entry = last(event)
    assert entry["actor"]["ref"] == world[key].ref
    return entry


def new_events(before: set[int]) -> Iterator[str]:
    yield from Entry.objects.exclude(pk__in=before).order_by("at", "xid").values_list("event", flat=True)


# Reads of personal data ------------------------------------------------------------------------------


def test_opening_a_request_is_an_entry_about_that_request(world: World, browser_of: Browsers) -> None:
    request = world.request_in(State.IN_REVIEW)
    browser_of("handler").get(reverse("disclosures:request", args=[request.reference]))
    entry = told("request.viewed", world, "handler")
    assert entry["object"] == {"type": "request", "ref": request.reference, "seen_version": request.version}
    assert entry["session"]


@pytest.mark.parametrize("page", ["items", "tests", "correspondence", "comments", "letter"])
def test_so_is_every_page_of_it_that_opens_something(world: World, browser_of: Browsers, page: str) -> None:
    request = world.request_in(State.IN_REVIEW)
    more = ["answer"] if page == "letter" else []
    before = set(Entry.objects.values_list("pk", flat=True))
    answer = browser_of("handler").get(reverse(f"disclosures:{page}", args=[request.reference, *more]))
    assert answer.status_code == 200
    assert "request.viewed" in set(new_events(before))


def test_a_data_holder_who_opens_a_search_is_told_of(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.confirm()
    system = HeldSystem.objects.order_by("code")[0]
    task = ask_for_search(
        request_id=road.request.pk, system_id=system.pk, actor=world["handler"], now=world.now
    )
    answer = browser_of("holder").get(reverse("disclosures:search", args=[task.reference]))
    assert answer.status_code == 200
    assert told("search.viewed", world, "holder")["object"]["ref"] == road.request.reference


def test_looking_up_what_somebody_said_of_being_approached_is_told_of(
    world: World, browser_of: Browsers
) -> None:
    browser_of("handler").post(
        reverse("disclosures:preferences"), {"find": "1", "who-email": "nobody@people.example"}
    )
    assert "nobody@people.example" not in str(told("preference.looked_up", world, "handler"))


# Searches --------------------------------------------------------------------------------------------


def test_a_search_by_filters_says_which_and_never_what_it_found(world: World, browser_of: Browsers) -> None:
    world.request_in(State.IN_REVIEW)
    browser_of("handler").get(reverse("disclosures:find"), {"state": "IN_REVIEW", "overdue": "on"})
    assert told("requests.searched", world, "handler")["detail"] == {"state": "IN_REVIEW", "overdue": True}


def test_words_that_are_no_reference_are_a_search_and_do_not_get_into_the_log(
    world: World, browser_of: Browsers
) -> None:
    browser_of("handler").get(reverse("disclosures:find"), {"q": "Mrs Example, 1 May 1970"})
    entry = told("requests.searched", world, "handler")
    assert entry["detail"] == {"typed": True}
    assert "Example" not in str(entry)


def test_a_reference_that_leads_nowhere_leaves_the_same_entry_wherever_it_points(
    world: World, browser_of: Browsers
) -> None:
    secret = world.road()
    secret.record(restricted=True)
    browser = browser_of("handler")
    for reference in (secret.request.reference, "ZZZZ-ZZZZ"):
        before = len(entries("access.missed")) + len(entries("requests.searched"))
        browser.get(reverse("disclosures:find"), {"q": reference})
        assert len(entries("access.missed")) + len(entries("requests.searched")) == before + 1
        assert reference not in str(entries("access.missed")[-1:])


def test_the_plain_list_is_no_search(world: World, browser_of: Browsers) -> None:
    browser = browser_of("handler")
    before = set(Entry.objects.values_list("pk", flat=True))
    browser.get(reverse("disclosures:find"))
    assert "requests.searched" not in set(new_events(before))


# Exports ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "pdf"])
def test_a_decision_record_that_is_taken_along_is_told_of(
    world: World, browser_of: Browsers, form: str
) -> None:
    request = world.request_in(State.CLOSED)
    answer = browser_of("handler").get(reverse("disclosures:record", args=[request.reference, form]))
    assert answer.status_code == 200
    assert told("record.exported", world, "handler")["detail"]["form"] == form.upper()


def test_a_page_of_the_log_that_is_taken_along_is_told_of(world: World, browser_of: Browsers) -> None:
    browser_of("auditor").get(reverse("audit:export", args=["csv"]))
    assert told("log.exported", world, "auditor")["detail"]["form"] == "csv"


# Denials ---------------------------------------------------------------------------------------------


def test_a_step_that_is_refused_leaves_an_entry_with_its_reasons(world: World) -> None:
    road = world.road()
    road.to(State.PENDING_APPROVAL)
    world.give("handler", Role.APPROVER)
    with pytest.raises(ActionRefused):
        road.step("handler", Action.APPROVE_RELEASE)
    entry = told("request.step_denied", world, "handler")
    assert entry["detail"]["objections"]


def test_asking_for_what_is_not_yours_leaves_an_entry_that_names_nothing(
    world: World, browser_of: Browsers
) -> None:
    secret = world.road()
    secret.record(restricted=True)
    answer = browser_of("handler").get(reverse("disclosures:request", args=[secret.request.reference]))
    assert answer.status_code == 404
    entry = told("access.missed", world, "handler")
    assert "object" not in entry
    assert secret.request.reference not in str(entry)


def test_the_log_asked_for_in_vain_is_told_of(world: World, browser_of: Browsers) -> None:
    assert browser_of("handler").get(reverse("audit:log")).status_code == 404
    told("log.refused", world, "handler")


# Permission changes ----------------------------------------------------------------------------------


def test_a_role_that_is_given_and_ended_is_told_of_with_who_which_and_when(world: World) -> None:
    held = grant_membership(
        user=world["handler"], organisation=world.company, role=Role.TEAM_LEAD, valid_from=world.now,
        valid_until=None, actor=world["admin"], now=world.now,
    )  # fmt: skip
    entry = told("membership.granted", world, "admin")
    assert (entry["detail"]["user"], entry["detail"]["role"]) == (world["handler"].ref, "TEAM_LEAD")
    end_membership(
        membership_id=held.pk, at=world.now + timedelta(seconds=1), actor=world["admin"], now=world.now
    )
    assert told("membership.ended", world, "admin")["object"]["ref"] == held.ref


def test_who_is_kept_out_of_a_request_is_told_of(world: World) -> None:
    road = world.road()
    road.to(State.IN_REVIEW)
    lead = world.somebody(Role.TEAM_LEAD)
    access.exclude_person(
        request_id=road.request.pk,
        person=world["approver"],
        reason="They are cousins.",
        actor=lead,
        now=world.now,
    )
    entry = last("person.excluded")
    assert (entry["actor"]["ref"], entry["detail"]["person"]) == (lead.ref, world["approver"].ref)
    assert "cousins" not in str(entry)


# Sign-ins --------------------------------------------------------------------------------------------


def test_signing_in_and_out_and_failing_to_are_told_of(world: World) -> None:
    handler, client = world["handler"], Client()
    enrol(handler)
    give_password(client, handler, password="not the password")
    assert last("session.refused")["actor"]
    assert handler.email not in str(last("session.refused"))
    give_password(client, handler, password=PASSWORD)
    give_code(client, code_of(handler))
    told("session.started", world, "handler")
    client.post(reverse("account_logout"))
    told("session.ended", world, "handler")


# What administrators change --------------------------------------------------------------------------


def test_what_an_administrator_changes_is_told_of(world: World, browser_of: Browsers) -> None:
    admin, person = browser_of("admin"), world["clerk"]
    address = reverse("admin:accounts_user_change", args=[person.pk])
    answer = admin.post(
        address, {"display_name": "Demo Clerk the Second", "email": person.email, "is_active": "on"}
    )
    assert answer.status_code == 302
    entry = told("user.changed", world, "admin")
    assert entry["object"]["ref"] == person.ref
    assert "Second" not in str(entry)
