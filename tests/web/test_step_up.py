"""Before what cannot be taken back the desk asks again who this is; nothing that was typed is lost."""

import json
import time
from uuid import uuid4

import pyotp
import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, UsedCode
from accounts.roles import Role
from accounts.step_up import WORDS_LOST, WORDS_TAKEN
from audit.models import Entry
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.models import CompartmentMember, Request
from disclosures.states import Action, Perm, State
from disclosures.workflow import PROVED, TRANSITIONS
from tests.services.log_lines import entries, last
from tests.signed_in import sits_there_since
from tests.world import World

from .conftest import SECRET
from .filling import filled
from .long_list import asked as asked_for_many
from .long_list import long_road
from .test_emergency_pages import asked
from .work_pages import Browsers, address, at, moment

pytestmark = pytest.mark.django_db
CODE_PAGE = "/account/2fa/reauthenticate/"


@pytest.fixture
def idle(browser_of: Browsers) -> Browsers:
    """Browsers of people who gave their code eleven minutes ago."""
    known: set[str] = set()

    def browser(key: str) -> Client:
        client = browser_of(key)
        if key not in known:
            known.add(key)
            sits_there_since(client, 11)
        return client

    return browser


def prove(browser: Client, asked_at: HttpResponse, *, wrong: bool = False) -> HttpResponse:
    """The page that asks, as a browser without script shows and sends it; then wherever that leads."""
    where = asked_at["Location"]
    assert where.startswith(CODE_PAGE), where
    page = browser.get(where).content.decode()
    assert "Confirm that it is you" in page
    code = "000000" if wrong else pyotp.TOTP(SECRET).at(int(time.time()))
    return browser.post(CODE_PAGE, filled(page, CODE_PAGE) | {"code": code})


def approval(browser: Client, road: Road, **typed: str) -> HttpResponse:
    here = f"/requests/{road.request.reference}/"
    where = f"{here}step/approve-release/"
    return browser.post(where, filled(browser.get(here).content.decode(), where) | typed)


def state_of(road: Road) -> str:
    return Request.objects.get(pk=road.request.pk).state


def test_an_approval_waits_for_a_fresh_code_and_then_goes_on_by_itself(world: World, idle: Browsers) -> None:
    road, browser = at(world, State.PENDING_APPROVAL), idle("approver")
    sent = approval(browser, road, reason="Weighed twice, ZEBRA-REASON.")
    assert sent.status_code == 302
    assert state_of(road) == State.PENDING_APPROVAL
    proved = prove(browser, sent)
    assert proved.status_code == 302
    done = browser.get(proved["Location"])
    assert (done.status_code, done["Location"]) == (302, f"/requests/{road.request.reference}/")
    assert state_of(road) == State.APPROVED
    assert [last(f"second_factor.{what}")["actor"] for what in ("asked", "confirmed")] == [
        {"ref": world["approver"].ref}
    ] * 2
    assert last("second_factor.asked")["detail"] == {
        "about": road.request.reference,
        "page": "disclosures:take-step",
    }


def test_what_was_typed_lies_sealed_in_the_session(world: World, idle: Browsers) -> None:
    road, browser = at(world, State.PENDING_APPROVAL), idle("approver")
    approval(browser, road, reason="Weighed twice, ZEBRA-REASON.")
    kept = [str(row.get_decoded()) for row in Session.objects.all()]
    assert any("sent" in text for text in kept)
    assert not any("ZEBRA" in text for text in kept)


def test_a_wrong_code_changes_nothing_and_loses_nothing(world: World, idle: Browsers) -> None:
    road, browser = at(world, State.PENDING_APPROVAL), idle("approver")
    sent = approval(browser, road)
    assert prove(browser, sent, wrong=True).status_code == 200
    assert state_of(road) == State.PENDING_APPROVAL
    assert last("session.refused")["detail"]["why"] == "SECOND_FACTOR"
    browser.get(prove(browser, sent)["Location"])
    assert state_of(road) == State.APPROVED


def test_one_proof_serves_ten_minutes_and_sign_in_counts(world: World, browser_of: Browsers) -> None:
    road, browser = at(world, State.PENDING_APPROVAL), browser_of("approver")
    sits_there_since(browser, 9)
    assert approval(browser, road)["Location"] == f"/requests/{road.request.reference}/"
    assert entries("second_factor.asked") == []


def test_a_step_kept_is_taken_once_and_not_by_a_proof_for_something_else(
    world: World, idle: Browsers
) -> None:
    road, browser = at(world, State.PENDING_APPROVAL), idle("approver")
    sent = approval(browser, road)
    code = pyotp.TOTP(SECRET).at(int(time.time()))
    elsewhere = browser.post(CODE_PAGE, {"code": code, "next": "/people/"})
    assert elsewhere["Location"] == "/people/"
    where = f"/requests/{road.request.reference}/step/approve-release/"
    assert browser.get(where)["Location"] == f"/requests/{road.request.reference}/"
    assert state_of(road) == State.PENDING_APPROVAL
    assert sent["Location"].startswith(CODE_PAGE)


def test_a_kept_step_that_no_longer_opens_is_asked_for_again(world: World, idle: Browsers) -> None:
    road, browser = at(world, State.PENDING_APPROVAL), idle("approver")
    proved = prove(browser, approval(browser, road))
    session = browser.session
    session["step_up_proved"] = {**session["step_up_proved"], "sent": "AgABAAAA"}
    session.save()
    page = browser.get(proved["Location"], follow=True).content.decode()
    assert WORDS_LOST in page
    assert state_of(road) == State.PENDING_APPROVAL


def test_whoever_may_not_see_it_is_asked_for_nothing(world: World, idle: Browsers) -> None:
    road = OrderRoad(world.people, world.police, world.now, number=31)
    secret = road.to(State.PENDING_APPROVAL)
    for reference in (secret.reference, "CP-2222-2222"):
        for path in ("step/approve-release/", "members/", "open/", "record/json/"):
            answer = idle("auditor").post(f"/requests/{reference}/{path}", {"key": str(uuid4())})
            assert answer.status_code == 404, path
    assert entries("second_factor.asked") == []


def test_the_proof_for_a_restricted_request_is_in_the_sealed_log_alone(world: World, idle: Browsers) -> None:
    road = OrderRoad(world.people, world.police, world.now, number=32)
    secret = road.to(State.IN_REVIEW)
    browser = idle("handler")
    assert prove(browser, browser.get(f"/requests/{secret.reference}/record/json/"), wrong=True).status_code
    prove(browser, browser.get(f"/requests/{secret.reference}/record/json/"))
    from_there = {
        (row["event"], log) for row, log in _with_log() if row["actor"]["ref"] == world["handler"].ref
    }
    for event in ("second_factor.asked", "second_factor.confirmed", "session.refused"):
        assert (event, "sealed") in from_there
        assert (event, "main") not in from_there


def test_a_proof_for_a_restricted_request_serves_no_public_step(world: World, idle: Browsers) -> None:
    """The main log would show the step without the proof before it. The other way round nothing is missing there."""
    secret = OrderRoad(world.people, world.police, world.now, number=34).to(State.IN_REVIEW)
    hidden, plain = (
        f"/requests/{case.reference}/record/json/" for case in (secret, world.request_in(State.RELEASED))
    )
    browser = idle("handler")
    prove(browser, browser.get(hidden))
    assert "attachment" in browser.get(hidden)["Content-Disposition"]
    codes = reverse("mfa_generate_recovery_codes")
    assert CODE_PAGE in browser.get(codes, follow=True).redirect_chain[-1][0]
    assert _events(world["handler"].ref, "main") & {"second_factor.asked", "second_factor.confirmed"} == set()
    _half_a_minute_later()
    prove(browser, browser.get(plain))
    assert "attachment" in browser.get(plain)["Content-Disposition"]
    assert {"second_factor.asked", "second_factor.confirmed"} <= _events(world["handler"].ref, "main")
    assert CODE_PAGE not in str(browser.get(codes, follow=True).redirect_chain)
    sits_there_since(browser, 11)
    _half_a_minute_later()
    prove(browser, browser.get(plain))
    assert "attachment" in browser.get(hidden)["Content-Disposition"]


def _half_a_minute_later() -> None:
    """There is another code."""
    UsedCode.objects.all().delete()
    cache.clear()


def _events(of: str, log: str) -> set[str]:
    return {str(row["event"]) for row, where in _with_log() if row["actor"]["ref"] == of and where == log}


def _with_log() -> list[tuple[dict[str, dict[str, str]], str]]:
    rows = Entry.objects.exclude(actor="system").values_list("body", "log")
    return [(json.loads(bytes(body)), log) for body, log in rows]


# Which steps, which pages -----------------------------------------------------------------------


def test_every_approval_and_every_release_is_a_step_that_needs_a_proof() -> None:
    ends = {
        row.action
        for row in TRANSITIONS
        if row.perm in {Perm.APPROVE, Perm.RELEASE, Perm.RATIFY, Perm.DECIDE_APPEAL}
    }
    back = {
        Action.SEND_BACK, Action.SEND_BACK_TO_TRIAGE, Action.VOID_APPROVAL, Action.UNDO_RELEASE, Action.UNDO_NIL,
    }  # fmt: skip
    assert ends - back <= PROVED
    assert not back & PROVED, "taking something back is never made harder"
    assert PROVED - ends == {Action.RELEASE_EMERGENCY, Action.RELEASE_ALONE}


def test_none_of_them_is_taken_without(world: World, idle: Browsers) -> None:
    """Whoever may take the step is asked for a proof; everybody else finds nothing, as ever."""
    for source in sorted({row.source for row in TRANSITIONS if row.action in PROVED}):
        road = at(world, source)
        for action in (row.action for row in TRANSITIONS if row.source is source and row.action in PROVED):
            where = f"/requests/{road.request.reference}/step/{action.lower().replace('_', '-')}/"
            given = {"key": str(uuid4()), "reason": "A reason.", "seen": road.request.proposal_digest}
            answers = [idle(key).post(where, given) for key in world.people]
            assert {answer.status_code for answer in answers} == {302, 404}, action
            led = {answer["Location"].partition("?")[0] for answer in answers if answer.status_code == 302}
            assert led == {CODE_PAGE}, action
        assert state_of(road) == source


def test_an_emergency_is_read_out_with_one_prompt_and_what_was_written_down_is_kept(
    world: World, idle: Browsers
) -> None:
    idle("clerk").post("/emergency/", asked(world))
    request = Request.objects.get()
    where = f"/requests/{request.reference}/emergency/"
    call = {
        "code": "CALL_BACK", "call_back-number_called": "01632 960000", "call_back-answered_by": "Control room",
        "call_back-passed": "yes", **moment("call_back-at", world.now),
    }  # fmt: skip
    idle("verifier").post(f"/requests/{request.reference}/evidence/", call)
    idle("handler").post(f"/requests/{request.reference}/step/propose-emergency/", {"key": str(uuid4())})
    request.refresh_from_db()
    assert request.state == State.EMERGENCY_PENDING, "up to here nobody is held up"
    read = {
        "read": "1", "key": str(uuid4()), "words": "Seen at home on Friday.", "read_to": "Sergeant Sample",
        "number": "07700 900000", **moment("at", world.now),
    }  # fmt: skip
    browser = idle("approver")
    proved = prove(browser, browser.post(where, read))
    refused = browser.get(proved["Location"])
    assert refused.status_code == 422, (
        "the number is not the register's: the page says so, at its own address"
    )
    assert "Seen at home on Friday." in refused.content.decode()
    assert browser.post(where, {**read, "number": "01632 960000"}).status_code == 302
    request.refresh_from_db()
    assert request.state == State.EMERGENCY_RELEASED


def test_a_member_is_named_and_secrecy_is_ended_with_a_fresh_proof(world: World, idle: Browsers) -> None:
    road = world.road()
    request = road.record(restricted=True)
    road.step("clerk", Action.SUBMIT)
    mlro = idle("mlro")
    named = {"member": f"{world['handler'].ref}:HANDLER", "reason": "Has a part in it."}
    sent = mlro.post(address(road, "members"), named)
    before = CompartmentMember.objects.filter(request=request).count()
    proved = prove(mlro, sent)
    went = mlro.get(proved["Location"])
    assert went["Location"] == address(road, "members")
    assert CompartmentMember.objects.filter(request=request).count() == before + 1
    sits_there_since(mlro, 11)
    one = CompartmentMember.objects.get(request=request, user=world["handler"])
    for path, data in (("members", {"end": str(one.pk)}), ("open", {"ground": "A plain form."})):
        assert mlro.post(address(road, path), data)["Location"].startswith(CODE_PAGE)


def test_what_is_taken_out_as_a_file_needs_one_and_the_way_leads_back_to_its_link(
    world: World, idle: Browsers
) -> None:
    plain = world.request_in(State.RELEASED)
    company = CompanyRoad(world.people, world.police, world.now, number=33)
    answered = company.to(State.RELEASED)
    files = [
        ("dpo", f"/requests/{plain.reference}/record/pdf/", f"/requests/{plain.reference}/"),
        ("auditor", "/log/page.csv?event=request.step_taken", "/log/?event=request.step_taken"),
        ("outsider", f"/company/{answered.reference}/result.csv", f"/company/{answered.reference}/"),
    ]
    for key, path, back in files:
        browser = idle(key)
        asked_for = browser.get(path)
        assert asked_for.status_code == 302, path
        proved = prove(browser, asked_for)
        assert proved["Location"] == back
        assert WORDS_TAKEN in browser.get(back).content.decode()
        taken = browser.get(path)
        assert "attachment" in taken["Content-Disposition"]


def test_the_list_of_a_long_search_needs_one(world: World, idle: Browsers) -> None:
    task = asked_for_many(world, long_road(world, 30))
    assert idle("holder").get(f"/searches/{task.reference}/list.csv")["Location"].startswith(CODE_PAGE)


def test_a_role_is_given_with_a_fresh_proof_by_the_administrator_and_by_the_head_of_legal(
    world: World, idle: Browsers
) -> None:
    admin = idle("admin")
    before = Membership.objects.count()
    local = {"valid_from_0": f"{world.now:%Y-%m-%d}", "valid_from_1": "00:00:00"}
    form = {"user": world["clerk"].pk, "organisation": world.company.pk, "role": Role.HANDLER, **local}
    sent = admin.post(reverse("admin:accounts_membership_add"), form)
    assert Membership.objects.count() == before
    proved = prove(admin, sent)
    assert admin.get(proved["Location"]).status_code == 302
    assert Membership.objects.count() == before + 1
    later = world.now.date().replace(year=world.now.year + 1)
    guest = {"invite": "1", "guest": world["handler"].ref,
             "until_day": str(later.day), "until_month": str(later.month), "until_year": str(later.year)}  # fmt: skip
    page = idle("head").get("/people/").content.decode()
    assert 'name="guest"' in page
    assert idle("head").post("/people/", guest)["Location"].startswith(CODE_PAGE)
