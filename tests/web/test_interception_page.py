"""The page of those who are cleared for interception, and what the clerk is told of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from accounts.services import end_membership
from audit.models import Entry
from disclosures.models import InterceptionClearance, OutboxRow, Request
from disclosures.services.interception import clear_for_interception
from tests.services.log_lines import last
from tests.signed_in import sits_there_since
from tests.world import World

from .work_pages import Browsers, page_of

pytestmark = pytest.mark.django_db
WHERE, BY_HAND = "/registers/interception/", "/requests/new/by-hand/"


def given(world: World, key: str = "lead", **changed: str) -> dict[str, str]:
    return {
        "person": world[key].ref, "vetting": "SC, reference FICT-7.", "last_day_day": "1", "last_day_month": "2",
        "last_day_year": str(world.now.year + 1), **changed,
    }  # fmt: skip


def text(client: Client, where: str = WHERE) -> str:
    return page_of(client.get(where)).text


def clear(world: World, key: str, *, days: int, by: str = "head") -> InterceptionClearance:
    return clear_for_interception(
        person=world[key],
        vetting="SC.",
        until=world.now + timedelta(days=days),
        actor=world[by],
        now=world.now,
    )


@pytest.mark.parametrize(
    "who",
    [
        "clerk",
        "handler",
        "approver",
        "lead",
        "dpo",
        "mlro",
        "release",
        "holder",
        "auditor",
        "admin",
        "outsider",
    ],
)
def test_for_others_there_is_no_such_page(world: World, browser_of: Browsers, who: str) -> None:
    assert browser_of(who).get(WHERE).status_code == 404
    assert browser_of(who).post(WHERE, given(world)).status_code == 404
    assert "Cleared for interception" not in browser_of(who).get("/registers/").content.decode()
    assert not InterceptionClearance.objects.exists()


def test_the_head_of_legal_clears_somebody_and_ends_it(world: World, browser_of: Browsers) -> None:
    head = browser_of("head")
    empty = text(head)
    assert "Nobody is cleared." in empty
    assert "No clearance has ended yet." in empty
    assert "you are the only head of legal in office" in empty
    assert WHERE in head.get("/registers/").content.decode()
    assert head.post(WHERE, given(world)).status_code == 302
    row = InterceptionClearance.objects.get()
    shown = text(head)
    assert "SC, reference FICT-7." in shown
    assert f"1 February {world.now.year + 1}" in shown
    assert "No clearance has ended yet." in shown
    viewed = last("interception_clearances.viewed")
    assert viewed["detail"]["clearances"] == 1
    assert set(
        Entry.objects.filter(event="interception_clearances.viewed").values_list("log", flat=True)
    ) == {"sealed"}
    assert head.post(WHERE, {"end": row.ref}).status_code == 302
    after = text(head)
    assert "Nobody is cleared." in after
    assert "SC, reference FICT-7." in after, "it stays in the history"
    assert "by Demo Head of Legal" in after
    again = head.post(WHERE, {"end": row.ref})
    assert "This clearance has ended already." in page_of(again, 422).text
    assert head.post(WHERE, {"end": "ic_none"}).status_code == 404


def test_another_head_of_legal_is_named_to_whoever_wants_to_be_cleared(
    world: World, browser_of: Browsers
) -> None:
    world.give("dpo", "HEAD_OF_LEGAL")
    head = browser_of("head")
    assert "Another head of legal can clear you: Demo Data Protection Officer." in text(head)
    assert world["head"].ref not in head.get(WHERE).content.decode()
    assert "Choose one of the people shown." in page_of(head.post(WHERE, given(world, "head")), 422).text
    assert browser_of("dpo").post(WHERE, given(world, "head")).status_code == 302


def test_every_problem_is_said_and_what_was_typed_stays(world: World, browser_of: Browsers) -> None:
    head = browser_of("head")
    page = page_of(head.post(WHERE, {"vetting": "KEPT-WORDS"}), 422).text
    for sentence in ("Choose who is cleared.", "Last day is needed", "KEPT-WORDS"):
        assert sentence in page
    assert head.post(WHERE, given(world)).status_code == 302
    again = page_of(head.post(WHERE, given(world)), 422).text
    assert "already cleared for a part of that time" in again
    long = page_of(head.post(WHERE, given(world, "dpo", last_day_year="2090")), 422).text
    assert "within two years" in long


def test_whose_clearance_ends_soon_or_does_not_count_is_marked(world: World, browser_of: Browsers) -> None:
    head = browser_of("head")
    clear(world, "lead", days=29)
    clear(world, "dpo", days=90)
    assert text(head).count("Ends soon") == 1
    assert "Does not count" not in text(head)
    held = Membership.objects.get(user=world["dpo"])
    end_membership(membership_id=held.pk, at=world.now, actor=None, now=world.now)
    assert text(head).count("Does not count") == 1


def test_the_list_costs_the_same_however_long_it_is(world: World, browser_of: Browsers) -> None:
    head = browser_of("head")
    text(head)
    clear(world, "lead", days=90)
    with CaptureQueriesContext(connection) as one:
        text(head)
    for key in ("dpo", "mlro", "handler"):
        clear(world, key, days=90)
    with CaptureQueriesContext(connection) as four:
        text(head)
    assert len(one) == len(four)


def test_a_change_asks_for_a_fresh_proof_and_the_sealed_log_alone_knows(
    world: World, browser_of: Browsers
) -> None:
    head = browser_of("head")
    sits_there_since(head, 11)
    for sent in (given(world), {"end": "ic_none"}):
        assert head.post(WHERE, sent)["Location"].startswith("/account/2fa/reauthenticate/")
    assert not InterceptionClearance.objects.exists()
    asked = Entry.objects.filter(event="second_factor.asked")
    assert set(asked.values_list("log", flat=True)) == {"sealed"}


def test_the_clerk_is_told_exactly_who_is_cleared_today(world: World, browser_of: Browsers) -> None:
    clear(world, "lead", days=90)
    clear_for_interception(
        person=world["dpo"], vetting="SC.", begins=world.now + timedelta(days=3),
        until=world.now + timedelta(days=9), actor=world["head"], now=world.now,
    )  # fmt: skip
    clerk = browser_of("clerk")
    before = (Entry.objects.count(), OutboxRow.objects.count(), Request.objects.count())
    shown = text(clerk, BY_HAND)
    assert "Demo Team Lead" in shown
    for other in (
        "Demo Data Protection Officer",
        "Demo Head of Legal",
        "keeps the list",
        "Nobody is cleared",
    ):
        assert other not in shown
    after = (Entry.objects.count(), OutboxRow.objects.count(), Request.objects.count())
    assert after == before, "nothing is written down"


def test_where_nobody_is_cleared_the_keepers_are_named_as_that(world: World, browser_of: Browsers) -> None:
    clerk = browser_of("clerk")
    shown = text(clerk, BY_HAND)
    assert "Nobody is cleared for interception today. Take the document by hand to a head of legal" in shown
    assert "Demo Head of Legal, keeps the list" in shown
    held = Membership.objects.get(user=world["head"])
    end_membership(membership_id=held.pk, at=world.now, actor=None, now=world.now)
    alone = text(clerk, BY_HAND)
    assert "no head of legal is in office" in alone
    assert "Demo Head of Legal" not in alone
