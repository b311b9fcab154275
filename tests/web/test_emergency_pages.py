"""The short page at night, the page that sees it through, and the on-call list by day."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import OnCall
from disclosures.models import Request
from disclosures.states import State
from tests.web.work_pages import moment
from tests.world import World

from .work_pages import Browsers

pytestmark = pytest.mark.django_db


def words(response: object) -> str:
    return re.sub(r"\s+", " ", response.content.decode())  # type: ignore[attr-defined]


def asked(world: World, **changes: object) -> dict[str, object]:
    return {
        "body": world.police.ref, "requester_name": "Robin Sample", "instrument": "P-VITAL",
        "urgency_reason": "A child has not come home.", "name": "Alex Example", "items": ["VISIT_NOTES"],
        "child_or_vulnerable": "yes", **changes,
    }  # fmt: skip


def test_an_emergency_goes_from_the_telephone_to_the_release_on_two_short_pages(
    world: World, browser_of: Browsers
) -> None:
    taken = browser_of("clerk").post("/emergency/", asked(world))
    request = Request.objects.get()
    where = f"/requests/{request.reference}/emergency/"
    assert taken["Location"] == where
    page = words(browser_of("handler").get(where))
    assert 'href="tel:01632960000"' in page
    assert "Ring the officer back through the switchboard" in page
    call = {
        "code": "CALL_BACK", "call_back-number_called": "01632 960000", "call_back-answered_by": "Control room",
        "call_back-passed": "yes", **moment("call_back-at", timezone.now()),  # not before the form was sent
    }  # fmt: skip
    evidence = f"/requests/{request.reference}/evidence/"
    assert browser_of("verifier").post(evidence, call).status_code == 302
    assert "Propose the emergency release</button>" in words(browser_of("handler").get(where))
    step = f"/requests/{request.reference}/step/propose-emergency/"
    key = "7b7fd5cb-3b8b-4a9b-9d6c-0d3e64f0f6b1"
    assert browser_of("handler").post(step, {"key": key}).status_code == 302
    read = {
        "read": "1", "key": "0b7fd5cb-3b8b-4a9b-9d6c-0d3e64f0f6b2", "words": "Seen at home on Friday.", "read_to": "Sergeant Sample", "number": "01632 960000",
        **moment("at", world.now),
    }  # fmt: skip
    wrong = browser_of("approver").post(where, {**read, "number": "07700 900000"})
    assert wrong.status_code == 422
    assert "Read it out on the number in the register" in words(wrong)
    assert "Seen at home on Friday." in words(wrong)
    for days, said in ((-3, "lies before the request came"), (3, "lies in the future")):
        at_another_time = moment("at", world.now + timedelta(days=days))
        wrong = browser_of("approver").post(where, {**read, **at_another_time})
        assert wrong.status_code == 422
        assert f"The time of the reading {said}. Give the time at which you read it out." in words(wrong)
        assert "Seen at home on Friday." in words(wrong)
    assert browser_of("approver").post(where, read).status_code == 302
    request.refresh_from_db()
    assert request.state == State.EMERGENCY_RELEASED
    assert "Seen at home on Friday." in words(browser_of("handler").get(f"/requests/{request.reference}/"))


def test_the_short_page_says_everything_that_is_missing(world: World, browser_of: Browsers) -> None:
    response = browser_of("approver").post("/emergency/", {"name": "", "items": []})
    assert response.status_code == 422
    page = words(response)
    for said in ("Choose the force", "Choose what is needed now", "at least one thing by which the person"):
        assert said in page


def test_it_is_there_for_those_on_duty_alone(world: World, browser_of: Browsers) -> None:
    for key in ("clerk", "handler", "approver"):
        assert browser_of(key).get("/emergency/").status_code == 200
    for key in ("release", "auditor", "admin", "outsider", "holder"):
        assert browser_of(key).get("/emergency/").status_code == 404
        assert browser_of(key).get("/on-call/").status_code == 404


def test_the_list_is_kept_on_its_page(world: World, browser_of: Browsers) -> None:
    lead, head = browser_of("lead"), browser_of("head")
    assert "Nobody is on call." in words(lead.get("/on-call/"))
    given = {"put": "1", "person": world["second"].ref, "position": "1", "phone": "01632 960777"}
    assert lead.post("/on-call/", given).status_code == 302
    assert "01632 960777" in words(browser_of("handler").get("/on-call/"))
    assert "on the list already" in words(lead.post("/on-call/", given))
    assert browser_of("handler").post("/on-call/", given).status_code == 404
    assert head.post("/on-call/", {"alone": "no"}).status_code == 302
    assert "switched off" in words(head.get("/on-call/"))
    assert lead.post("/on-call/", {"off": OnCall.objects.get().pk}).status_code == 302
    assert "Nobody is on call." in words(lead.get("/on-call/"))


def test_each_ring_of_the_list_is_recorded(world: World, browser_of: Browsers) -> None:
    request = world.request_in(State.EMERGENCY_PENDING)
    row = {"put": "1", "person": world["second"].ref, "position": "1", "phone": "01632 960777"}
    browser_of("lead").post("/on-call/", row)
    where = f"/requests/{request.reference}/emergency/"
    approver = browser_of("approver")
    assert "01632 960777" in words(approver.get(where))
    ring = {"ring": "1", "on_call": OnCall.objects.get().pk, "result": "NO_ANSWER"}
    assert approver.post(where, ring).status_code == 302
    assert "does not answer" in words(approver.get(where))
