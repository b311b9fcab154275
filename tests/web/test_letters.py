"""Letters through the browser: the words the decisions make, the draft mark, the way out of the house."""

from collections.abc import Callable
from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client

from disclosures.demo import Road
from disclosures.models import Item, Letter, Request, Subject
from disclosures.selectors.letter_text import british, person_words
from disclosures.selectors.opening import Opened
from disclosures.services.intake import InstrumentInput, ItemInput, OfficerInput, SubjectInput
from disclosures.services.weighing import PairDecision, decide_items
from disclosures.states import Action, State
from tests.services.log_lines import entries
from tests.web.html import Page
from tests.world import World, now

pytestmark = pytest.mark.django_db

Browsers = Callable[[str], Client]
MONTH = {"period_from": date(2026, 9, 1), "period_to": date(2026, 9, 30)}


def at(world: World, state: State) -> Road:
    road = world.road()
    road.to(state)
    return road


def address(road: Road, rest: str) -> str:
    return f"/requests/{road.request.reference}/letter/{rest}"


def page_of(response: HttpResponse, status: int = 200) -> Page:
    assert response.status_code == status
    return Page(response.content.decode())


def drafted(browser: Client, road: Road, rest: str = "answer/") -> str:
    """The letter as the page proposes it."""
    response = browser.get(address(road, rest))
    assert response.status_code == 200
    return str(response.context["form"]["body"].value())


def decide(world: World, road: Road, *decisions: PairDecision) -> None:
    """On the pairs in their order, person by person."""
    pairs = [
        (item.pk, subject.pk)
        for subject in Subject.objects.filter(request=road.request).order_by("position")
        for item in Item.objects.filter(request=road.request).order_by("position")
    ]
    chosen = dict(zip(pairs, decisions, strict=True))
    decide_items(request_id=road.request.pk, decisions=chosen, actor=world["handler"], now=world.now)


GIVEN = PairDecision(decision="DISCLOSE", text="3 September 2026: £41.20 by card ending 0000")
NOT_HELD = PairDecision(decision="NOT_HELD")
TOO_WIDE = PairDecision(decision="WITHHOLD", refusal_code="R-PROP", reason="Our own note.")


@pytest.fixture
def searched(world: World) -> Road:
    """One person, three items; all were found."""
    road = world.road()
    kinds = ("PAYMENTS", "CORRESPONDENCE", "VISIT_NOTES")
    road.record(items=tuple(ItemInput(item_type=kind, **MONTH) for kind in kinds))
    road.confirm()
    road.search()
    return road


# The words -----------------------------------------------------------------------------------


def test_a_disclosure_gives_each_item_with_its_person_period_and_text(
    world: World, searched: Road, browser_of: Browsers
) -> None:
    decide(world, searched, GIVEN, GIVEN, NOT_HELD)
    letter = drafted(browser_of("handler"), searched)
    assert letter.startswith("Dear Robin Sample,\n\nYour request of ")
    assert f"Our reference: {searched.request.reference}\nYour reference: NS/" in letter
    assert "Data Protection Act 2018, Schedule 2" in letter
    assert (
        "Payments made to us, and how, 1 September 2026 to 30 September 2026\nAbout: Alex Example-" in letter
    )
    assert ", born 17 April 1988\n\n3 September 2026: £41.20 by card ending 0000\n" in letter
    assert "hold nothing.\n\nEngineers' notes of visits" in letter
    assert "You asked us not to tell the person" in letter
    assert letter.endswith("Yours sincerely,\n\nDisclosure desk\nDemo Company (fictitious)\n")
    assert "not give you" not in letter


def test_a_part_is_given_with_the_reason_for_the_rest_and_the_way_on(
    world: World, searched: Road, browser_of: Browsers
) -> None:
    decide(world, searched, GIVEN, TOO_WIDE, NOT_HELD)
    letter = drafted(browser_of("handler"), searched)
    given, _, rest = letter.partition("What we do not give you")
    withheld, _, not_held = rest.partition("What we do not hold")
    assert "£41.20" in given
    assert "Letters and e-mails" in withheld
    assert "out of proportion to the purpose stated. (R-PROP)" in withheld
    assert "Narrow the items or the period" in withheld
    assert "Engineers' notes" in not_held
    assert "ask us once to look at the decision again" in letter
    assert "Our own note" not in letter


def test_a_refusal_of_every_item_gives_the_reasons_by_code(
    world: World, searched: Road, browser_of: Browsers
) -> None:
    not_needed = PairDecision(decision="WITHHOLD", refusal_code="R-NEC")
    decide(world, searched, TOO_WIDE, not_needed, TOO_WIDE)
    letter = drafted(browser_of("handler"), searched)
    assert "have decided not to give you" in letter
    assert letter.count("(R-PROP)") == 1
    assert letter.count("(R-NEC)") == 1
    assert "£" not in letter


def test_a_nil_return_says_that_it_was_searched_for_and_when(
    world: World, searched: Road, browser_of: Browsers
) -> None:
    decide(world, searched, NOT_HELD, NOT_HELD, NOT_HELD)
    letter = drafted(browser_of("handler"), searched)
    assert f"last on {british(world.now.date())}, and hold none of it." in letter
    assert letter.count("About: Alex Example-") == 3


def test_names_with_marks_stand_in_the_letter_as_they_are(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.record(
        subjects=(SubjectInput(status="SUSPECT", name="Siân O'Neill & <Sons>"),),
        requester=OfficerInput(rank="STAFF", name="R. D'Arcy"),
    )
    road.submit()
    letter = drafted(browser_of("handler"), road, "answer/?refusal=R-INFO")
    assert letter.startswith("Dear R. D'Arcy,")


def test_nothing_is_drafted_before_anything_is_decided(searched: Road, browser_of: Browsers) -> None:
    shown = page_of(browser_of("handler").get(address(searched, "answer/")))
    assert "Decide the items first" in shown.text
    assert not shown.every("textarea")


def person(**texts: str) -> Opened:
    names = ("name", "born_on", "account_number", "phone", "email", "address")
    return Opened(Subject(position=2), dict.fromkeys(names, "") | texts)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"name": "Alex Example", "phone": "01632 960400"}, "Alex Example"),
        ({"name": "Alex Example", "born_on": "1988-04-07"}, "Alex Example, born 7 April 1988"),
        ({"phone": "01632 960400"}, "the user of 01632 960400"),
        ({"account_number": "ZX-1", "phone": "01632 960400"}, "the holder of account ZX-1"),
        ({}, "person 2"),
    ],
)
def test_a_person_is_named_by_what_is_known(known: dict[str, str], words: str) -> None:
    assert person_words(person(**known)) == words


# A refusal before review ---------------------------------------------------------------------


def test_before_review_the_reason_comes_first_and_the_text_follows(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.SUBMITTED)
    handler = browser_of("handler")
    asked = page_of(handler.get(address(road, "answer/")))
    assert "Why is the request refused?" in asked.text
    assert not asked.every("textarea")
    letter = drafted(handler, road, "answer/?refusal=R-INST")
    assert "The form, the order or the law it cites cannot be relied on. (R-INST)" in letter
    assert "Send a current document" in letter
    assert "Alex Example" not in letter, "nobody unverified is told about whom"
    assert "(R-AUTH)" in drafted(handler, road, "answer/?refusal=R-AUTH")


def test_a_reason_that_is_not_open_is_asked_for_again(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    shown = page_of(browser_of("handler").get(address(road, "answer/?refusal=R-OPT")), 422)
    assert "Choose one of the reasons below." in shown.text
    data = {"recipient": "PC Sample", "body": "No.", "refusal_code": "R-OPT"}
    response = browser_of("handler").post(address(road, "answer/"), data)
    assert "Choose the reason for refusing first." in page_of(response, 422).text
    assert not Letter.objects.exists()


def test_the_refusal_as_edited_is_kept_with_its_reason_and_shown_again(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.SUBMITTED)
    handler = browser_of("handler")
    data = {"recipient": "PC Sample\r\nNorthshire", "body": "In our own words.", "refusal_code": "R-INST"}
    response = handler.post(address(road, "answer/?refusal=R-INST"), data)
    assert response["Location"] == f"/requests/{road.request.reference}/"
    assert Request.objects.get(pk=road.request.pk).refusal_code == "R-INST"
    assert drafted(handler, road) == "In our own words."
    again = handler.get(address(road, "answer/")).context["form"]["recipient"].value()
    assert again == "PC Sample\nNorthshire"
    assert "(R-BROAD)" in drafted(handler, road, "answer/?refusal=R-BROAD"), "another reason, another letter"


def test_an_empty_letter_is_answered_with_every_problem(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    data = {"recipient": "", "body": " ", "refusal_code": "R-INST"}
    shown = page_of(browser_of("handler").post(address(road, "answer/"), data), 422)
    assert "2 things need putting right" in shown.text


# The return letter ---------------------------------------------------------------------------


def test_a_repealed_citation_goes_back_with_the_present_one(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.record(instrument=InstrumentInput(code="P-LEG98", statute_typed="s.29(3) DPA 1998"), prejudice="")
    road.step("clerk", Action.SUBMIT)
    road.step("handler", Action.RETURN, reason="Please use the current form.")
    letter = drafted(browser_of("clerk"), road, "return/")
    assert "“s.29(3) DPA 1998”" in letter
    assert "repealed on 25 May 2018" in letter
    assert "Data Protection Act 2018, Schedule 2, Part 1, paragraph 2(1)(a) and (b)" in letter
    assert "paragraph 5" not in letter, "no house lawyer has signed that row off"
    assert "Please use the current form." in letter
    assert "Please add:\n\n- the likely prejudice\n" in letter


def test_a_return_of_another_kind_cites_no_law(world: World, browser_of: Browsers) -> None:
    letter = drafted(browser_of("clerk"), at(world, State.RETURNED), "return/")
    assert "1998" not in letter
    assert "Please add" not in letter


def test_communications_data_is_sent_the_other_way(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.record(items=(ItemInput(item_type="CALL_RECORDS", **MONTH),))
    road.step("clerk", Action.SUBMIT)
    road.step("handler", Action.RETURN)
    assert "Part 3 of the Investigatory Powers Act 2016" in drafted(browser_of("clerk"), road, "return/")


def test_after_an_emergency_the_letter_asks_for_the_form(world: World, browser_of: Browsers) -> None:
    letter = drafted(browser_of("clerk"), at(world, State.EMERGENCY_RELEASED), "return/")
    assert "We now need the request in writing." in letter
    assert "Alex Example" not in letter


def test_each_return_begins_a_new_letter(world: World, browser_of: Browsers) -> None:
    road = at(world, State.RETURNED)
    clerk = browser_of("clerk")
    clerk.post(address(road, "return/"), {"recipient": "PC Sample", "body": "The first letter."})
    sent = {"channel": "POST", "sent_to": "1 Station Road", "key": "k"}
    assert clerk.post(address(road, "return/sent/"), sent).status_code == 302
    road.step("clerk", Action.RESUBMIT)
    road.step("handler", Action.RETURN, reason="The signature is missing.")
    assert "The signature is missing." in drafted(clerk, road, "return/")


# Drafted again, printed, sent ----------------------------------------------------------------


def test_a_letter_older_than_a_decision_says_so_and_can_be_made_anew(
    world: World, searched: Road, browser_of: Browsers
) -> None:
    handler = browser_of("handler")
    decide(world, searched, GIVEN, GIVEN, NOT_HELD)
    handler.post(address(searched, "answer/"), {"recipient": "PC Sample", "body": "The first letter."})
    world.now = now()
    decide(world, searched, TOO_WIDE, GIVEN, NOT_HELD)
    shown = page_of(handler.get(address(searched, "answer/")))
    assert "Something was decided after this letter was written." in shown.text
    assert drafted(handler, searched) == "The first letter."
    assert "(R-PROP)" in drafted(handler, searched, "answer/?again")


@pytest.mark.parametrize(
    ("state", "draft"),
    [
        (State.PENDING_APPROVAL, True),
        (State.APPROVED, False),
        (State.REFUSED, False),
        (State.RELEASED, False),
        (State.CLOSED, False),
    ],
)
def test_a_letter_is_marked_as_a_draft_until_it_is_decided(
    world: World, browser_of: Browsers, state: State, draft: bool
) -> None:
    road = at(world, state)
    shown = page_of(browser_of("approver").get(address(road, "answer/print/")))
    assert ("Draft – not yet approved" in shown.text) is draft
    assert any("letter" in attrs.get("class", "").split() for _, attrs in shown.elements)
    assert "Thank you for your request. Our answer follows." in shown.text
    assert entries("request.viewed")[-1]["actor"]["ref"] == world["approver"].ref


def test_an_answer_that_was_called_off_is_a_draft_again(world: World, browser_of: Browsers) -> None:
    road = at(world, State.APPROVED)
    road.step("approver", Action.VOID_APPROVAL)
    shown = page_of(browser_of("approver").get(address(road, "answer/print/")))
    assert "Draft – not yet approved" in shown.text


def test_there_is_no_print_of_a_letter_nobody_wrote(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    for rest in ("answer/print/", "return/print/", "other/print/", "other/", "other/sent/"):
        assert browser_of("handler").get(address(road, rest)).status_code == 404


def test_the_answer_is_recorded_as_sent_to_where_the_form_asked(world: World, browser_of: Browsers) -> None:
    road = at(world, State.RELEASING)
    response = browser_of("release").get(address(road, "answer/sent/"))
    form = response.context["form"]
    assert form["channel"].value() == "SECURE_MAIL"
    assert form["sent_to"].value() == "disclosure.unit@northshire.example"
    data = {name: form[name].value() for name in ("channel", "sent_to", "key")}
    for _ in range(2):
        assert browser_of("release").post(address(road, "answer/sent/"), data).status_code == 302
    assert Request.objects.get(pk=road.request.pk).state == State.RELEASED
    letter = Letter.objects.get(request=road.request)
    assert (letter.sent_channel, letter.sent_by) == ("SECURE_MAIL", world["release"])


def test_before_the_release_begins_there_is_a_reason_instead_of_a_form(
    world: World, browser_of: Browsers
) -> None:
    shown = page_of(browser_of("release").get(address(at(world, State.APPROVED), "answer/sent/")))
    assert "only after it has been approved and its release begun" in shown.text
    assert not shown.every("textarea")


def test_how_and_where_it_went_must_be_said(world: World, browser_of: Browsers) -> None:
    road = at(world, State.RELEASING)
    shown = page_of(browser_of("release").post(address(road, "answer/sent/"), {"key": "k"}), 422)
    assert "“How it was sent” needs an answer." in shown.text
    assert "“To which address” needs an answer." in shown.text
    assert Request.objects.get(pk=road.request.pk).state == State.RELEASING


def test_letters_are_for_whom_they_are_for(world: World, browser_of: Browsers) -> None:
    road = at(world, State.RELEASING)
    for key in ("handler", "clerk", "outsider", "auditor", "holder"):
        assert browser_of(key).get(address(road, "answer/sent/")).status_code == 404
        assert browser_of(key).get(address(road, "answer/")).status_code == 404
    for key in ("outsider", "auditor", "holder"):
        assert browser_of(key).get(address(road, "answer/print/")).status_code == 404


# By mail ---------------------------------------------------------------------------------------


def test_a_letter_is_given_to_be_sent_and_called_back_on_one_page(world: World, browser_of: Browsers) -> None:
    road = at(world, State.RELEASING)
    release, page = browser_of("release"), address(road, "answer/mail/")
    assert "waits ten minutes" in page_of(release.get(page)).text
    mailbox = f"disclosure.unit@{road.body.domains.filter(legacy=False).first().domain}"
    assert release.post(page, {"address": mailbox}).status_code == 302
    shown = page_of(release.get(page)).text
    assert mailbox in shown
    assert "can be called back until then" in shown
    assert "Tell it by telephone" in shown
    assert road.body.switchboard in shown
    assert "Waiting to leave" in page_of(release.get(f"/requests/{road.request.reference}/")).text
    assert release.post(page, {"back": "1"}).status_code == 302
    again = page_of(release.get(page)).text
    assert "Called back" in again
    assert "Password" not in again
    assert "waits ten minutes" in again


def test_a_private_mailbox_and_an_empty_one_are_refused_in_words(world: World, browser_of: Browsers) -> None:
    road = at(world, State.RELEASING)
    release, page = browser_of("release"), address(road, "answer/mail/")
    assert "Say to which mailbox it goes." in page_of(release.post(page, {"address": ""}), 422).text
    refused = page_of(release.post(page, {"address": "robin.sample@gmail.com"}), 422).text
    assert "never to private mail" in refused


def test_what_may_not_go_yet_says_so_instead_of_the_form(world: World, browser_of: Browsers) -> None:
    road = at(world, State.APPROVED)
    shown = page_of(browser_of("release").get(address(road, "answer/mail/"))).text
    assert "only after it has been approved and its release begun" in shown
    assert browser_of("handler").get(address(road, "answer/mail/")).status_code == 404
