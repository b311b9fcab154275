"""What leaves, lets in or weakens a rule needs a fresh proof on whichever page it is done, not on that of the steps alone."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import CompanyProfile
from audit.models import Entry
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.models import CompartmentMember, Document, LegalHold, LetterMail, Request
from disclosures.services.on_file import attach_document
from disclosures.states import State
from tests.accounting import an_answered_access
from tests.disposal_desk import closed, lift, propose
from tests.services.log_lines import entries, last
from tests.signed_in import sits_there_since
from tests.world import World

from .long_list import asked as asked_for_many
from .long_list import long_road
from .test_step_up import prove
from .work_pages import Browsers, address, at, goes_back

pytestmark = pytest.mark.django_db
CODE_PAGE = "/account/2fa/reauthenticate/"


def old(browser: Client) -> Client:
    sits_there_since(browser, 11)
    return browser


def is_asked(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(CODE_PAGE)


def sent_form(browser: Client, where: str) -> dict[str, Any]:
    form = browser.get(where).context["form"]
    return {name: form[name].value() for name in ("channel", "sent_to", "key")}


def test_the_answer_is_recorded_as_sent_with_one_wherever_that_is_done(
    world: World, browser_of: Browsers
) -> None:
    road, browser = at(world, State.RELEASING), old(browser_of("release"))
    where = address(road, "letter/answer/sent")
    sent = browser.post(where, sent_form(browser, where))
    assert is_asked(sent)
    assert Request.objects.get(pk=road.request.pk).state == State.RELEASING
    goes_back(browser.get(prove(browser, sent)["Location"]), road)
    assert Request.objects.get(pk=road.request.pk).state == State.RELEASED


def test_the_answer_leaves_by_mail_with_one_and_is_called_back_without(
    world: World, browser_of: Browsers
) -> None:
    road, browser = at(world, State.RELEASING), old(browser_of("release"))
    domain = road.body.domains.filter(legacy=False).first()
    assert domain
    where = address(road, "letter/answer/mail")
    sent = browser.post(where, {"address": f"disclosure.unit@{domain.domain}"})
    assert is_asked(sent)
    assert not LetterMail.objects.exists()
    assert browser.get(prove(browser, sent)["Location"])["Location"] == where
    assert LetterMail.objects.get().waits
    old(browser)
    assert browser.post(where, {"back": "1"})["Location"] == where
    assert not LetterMail.objects.get().waits


def test_a_letter_that_tells_nothing_of_the_answer_needs_none(world: World, browser_of: Browsers) -> None:
    road, browser = at(world, State.SUBMITTED), old(browser_of("clerk"))
    written = {"recipient": "PC Sample", "body": "We have your form.", "refusal_code": ""}
    goes_back(browser.post(address(road, "letter/receipt"), written), road)
    where = address(road, "letter/receipt/sent")
    goes_back(browser.post(where, sent_form(browser, where)), road)


def test_a_document_on_file_is_taken_out_with_one_and_the_way_leads_back_to_its_request(
    world: World, browser_of: Browsers
) -> None:
    request = world.request_in(State.IN_REVIEW)
    attach_document(
        request_id=request.pk, purpose="PAPER", name="Order.pdf", content=b"%PDF-1.7 x", actor=world["handler"],
        now=world.now,
    )  # fmt: skip
    browser = old(browser_of("handler"))
    where = f"/requests/{request.reference}/documents/{Document.objects.get().reference}/"
    asked = browser.get(where)
    assert is_asked(asked)
    assert prove(browser, asked)["Location"] == f"/requests/{request.reference}/"
    assert browser.get(where).content == b"%PDF-1.7 x"


def test_who_restricts_names_members_with_one_and_the_main_log_knows_of_neither(
    world: World, browser_of: Browsers
) -> None:
    road, browser = at(world, State.IN_REVIEW), old(browser_of("head"))
    given = {"members": [f"{world['handler'].ref}:HANDLER"], "reason": "An order forbids telling."}
    sent = browser.post(address(road, "restrict"), given)
    assert is_asked(sent)
    assert not CompartmentMember.objects.exists()
    goes_back(browser.get(prove(browser, sent)["Location"]), road)
    assert CompartmentMember.objects.count() == 2
    of = Entry.objects.filter(event__in=("second_factor.asked", "second_factor.confirmed"))
    assert set(of.values_list("log", flat=True)) == {"sealed"}


def test_one_person_alone_is_allowed_to_release_with_one_and_forbidden_without(
    world: World, browser_of: Browsers
) -> None:
    browser = old(browser_of("head"))
    assert browser.post("/on-call/", {"alone": "no"})["Location"] == "/on-call/"
    sent = browser.post("/on-call/", {"alone": "yes"})
    assert is_asked(sent)
    assert not CompanyProfile.objects.filter(lone_release_allowed=True).exists()
    assert browser.get(prove(browser, sent)["Location"])["Location"] == "/on-call/"
    assert CompanyProfile.objects.filter(lone_release_allowed=True).exists()


def test_sessions_of_ones_own_are_seen_without_one_and_ended_with_one(
    world: World, browser_of: Browsers
) -> None:
    browser = old(browser_of("handler"))
    assert browser.get("/account/sessions/").status_code == 200
    sent = browser.post("/account/sessions/", {"end": "others"})
    assert is_asked(sent)
    assert entries("session.revoked") == []
    assert browser.get(prove(browser, sent)["Location"])["Location"] == "/account/sessions/"


def test_a_batch_that_holds_a_secret_is_confirmed_on_a_proof_of_the_main_log(
    world: World, browser_of: Browsers
) -> None:
    """The main log shows the confirmation of the others, and would miss the proof before it."""
    secret, plain = (
        OrderRoad(world.people, world.police, world.now, number=41).to(State.CLOSED),
        closed(world),
    )
    lift(world, LegalHold.objects.get(request=secret), "mlro")
    propose(world, secret, batch="d_mixed", actor=world["mlro"])
    propose(world, plain, batch="d_mixed")
    sent = old(browser_of("mlro")).post("/disposal/d_mixed/", {"confirm": "1"})
    assert is_asked(sent)
    assert [entry["detail"]["about"] for entry in entries("second_factor.asked")] == [plain.reference]
    assert Entry.objects.get(event="second_factor.asked").log == "main"


def test_the_log_tells_what_was_taken_along_from_what_was_looked_at(
    world: World, browser_of: Browsers
) -> None:
    answered = CompanyRoad(world.people, world.police, world.now, number=43).to(State.RELEASED)
    task, access = asked_for_many(world, long_road(world, 30)), an_answered_access(world)
    taken = [
        ("holder", f"/searches/{task.reference}/", "list.csv", "search.viewed", "CSV"),
        ("outsider", f"/company/{answered.reference}/", "result.csv", "request.viewed", "CSV"),
        ("dpo", f"/access/{access.ref}/", "answer.pdf", "access.viewed", "PDF"),
    ]
    for who, page, file, event, form in taken:
        assert browser_of(who).get(page).status_code == 200
        assert "form" not in last(event)["detail"]
        assert "attachment" in browser_of(who).get(page + file)["Content-Disposition"]
        assert last(event)["detail"]["form"] == form
