"""The text of our letters: changed by those who may, versioned, in the log, and never run."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from audit.entries import Actor, Changed, append
from disclosures.models import Letter, LetterWording
from disclosures.services.wording import WordingRefused, unword_letter, word_letter
from disclosures.states import State
from disclosures.wording import house_text
from tests.services.log_lines import last
from tests.web.filling import filled, with_changes
from tests.web.work_pages import Browsers, at, page_of
from tests.world import World

pytestmark = pytest.mark.django_db

LIST, ONE = "/registers/letters/", "/registers/letters/acknowledgement/"
OURS = "Dear {dear},\n\nWe have it: {our reference}[if your reference], yours {your reference}[end].\n\n{company}"


def drafted(browser_of: Browsers, world: World, state: State = State.SUBMITTED) -> str:
    road = at(world, state)
    response = browser_of("clerk").get(f"/requests/{road.request.reference}/letter/receipt/")
    assert response.status_code == 200
    return str(response.context["form"]["body"].value())


def keep(browser_of: Browsers, text: str, seen: int = 0, who: str = "head", **more: str):
    return browser_of(who).post(ONE, {"text": text, "seen": seen, **(more or {"keep": "1"})})


def test_a_request_is_acknowledged_printed_and_recorded_as_sent(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    here, clerk = f"/requests/{road.request.reference}/letter/receipt/", browser_of("clerk")
    assert "Write the acknowledgement" in page_of(clerk.get(f"/requests/{road.request.reference}/")).text
    form = clerk.get(here).context["form"]
    assert form["body"].value().startswith("Dear Robin Sample,\n\nYour request")
    assert "nothing has been decided" in form["body"].value()
    assert "Alex Example" not in form["body"].value(), "nobody unverified is told about whom"
    data = {"recipient": form["recipient"].value(), "body": form["body"].value()}
    assert clerk.post(here, data).status_code == 302
    printed = page_of(clerk.get(here + "print/"))
    assert "nothing has been decided" in printed.text
    assert "Draft" not in printed.text
    sent = clerk.post(here + "sent/", {"channel": "POST", "sent_to": "1 Station Road", "key": "k"})
    assert sent.status_code == 302
    assert Letter.objects.get(request=road.request).sent_by == world["clerk"]
    shown = page_of(clerk.get(f"/requests/{road.request.reference}/")).text
    assert "The acknowledgement sent: " in shown
    assert "Write the acknowledgement" not in shown, "one is enough"


def test_what_was_registered_in_two_minutes_is_answered_by_its_checklist(
    world: World, browser_of: Browsers
) -> None:
    """Sender, received, channel and a scan; what is missing stands in the letter, made from the form."""
    clerk, new = browser_of("clerk"), "/requests/new/schedule-2/"
    form = filled(clerk.get(new).content.decode(), new)
    least = {"channel": "POST", "nation": "EW", "body": world.police.ref, "save": "draft"}
    made = clerk.post(new, with_changes(form, least))
    assert made.status_code == 302
    here = made["Location"]
    scan = SimpleUploadedFile("letter.pdf", b"%PDF-1.7 made up", content_type="application/pdf")
    assert clerk.post(here + "attach/", {"purpose": "FORM", "file": scan}).status_code == 302
    letter = clerk.get(here + "letter/receipt/").context["form"]["body"].value()
    assert "Your form leaves out the following." in letter
    assert "- at least one person whose data is asked for" in letter
    assert "- the officer's name" in letter
    assert "- the body that asks" not in letter


def test_what_is_decided_is_not_acknowledged_any_more(world: World, browser_of: Browsers) -> None:
    road = at(world, State.RELEASED)
    here = f"/requests/{road.request.reference}/letter/receipt/"
    assert "Nothing is left to acknowledge" in page_of(browser_of("clerk").get(here)).text
    answer = browser_of("clerk").post(here, {"recipient": "PC Sample", "body": "We have it."})
    assert "Nothing is left to acknowledge" in page_of(answer, 422).text
    assert not Letter.objects.filter(purpose=Letter.Purpose.RECEIPT).exists()


def test_a_changed_text_counts_for_the_next_letter_and_stands_in_the_log(
    world: World, browser_of: Browsers
) -> None:
    assert keep(browser_of, OURS.replace("\n", "\r\n")).status_code == 302
    assert drafted(browser_of, world).startswith("Dear Robin Sample,\n\nWe have it: CP-")
    entry = last("letter_wording.changed")
    assert entry["actor"] == {"ref": world["head"].ref, "role": "HEAD_OF_LEGAL"}
    assert {"letter": "ACKNOWLEDGEMENT", "number": 1, "house_text": False}.items() <= entry["detail"].items()
    assert "We have it" not in str(entry)
    assert "version 1, by" in page_of(browser_of("admin").get(LIST)).text


def test_the_houses_text_is_one_button_away_and_the_earlier_ones_stay(
    world: World, browser_of: Browsers
) -> None:
    keep(browser_of, OURS)
    assert keep(browser_of, "x", seen=1, reset="1").status_code == 302
    assert "nothing has been decided" in drafted(browser_of, world)
    shown = page_of(browser_of("head").get(ONE)).text
    assert "We have it: {our reference}" in shown
    assert shown.count("Version ") == 2
    assert last("letter_wording.changed")["detail"]["house_text"] is True
    with pytest.raises(WordingRefused, match="stands already"):
        unword_letter(letter="ACKNOWLEDGEMENT", seen=2, actor=world["head"], now=world.now)


def test_every_fault_is_told_at_once_and_the_text_stays(browser_of: Browsers, world: World) -> None:
    answer = keep(browser_of, "Dear {nobody},\n[if weather]\n{{ settings.SECRET_KEY }}")
    shown = page_of(answer, 422).text
    for sentence in (
        "Line 1: this letter does not know “nobody”.",
        "Line 2: this letter does not know “weather”.",
        "Line 2: the part that begins here has no [end].",
        "Line 3: this letter does not know “settings.SECRET_KEY”.",
    ):
        assert sentence in shown
    assert answer.context["form"]["text"].value().startswith("Dear {nobody},")
    assert not LetterWording.objects.exists()


def test_showing_it_keeps_nothing(browser_of: Browsers, world: World) -> None:
    shown = page_of(keep(browser_of, OURS, show="1")).text
    assert "We have it: CP-7F3K-92QM, yours NS/0000/26." in shown
    assert not LetterWording.objects.exists()


def test_a_text_that_somebody_else_changed_meanwhile_is_not_written_over(
    browser_of: Browsers, world: World
) -> None:
    keep(browser_of, OURS)
    answer = keep(browser_of, "Mine.", seen=0, who="admin")
    assert "Somebody else changed this letter in the meantime" in page_of(answer, 422).text
    assert LetterWording.objects.get().text == OURS + "\n"


@pytest.mark.parametrize("seen", [1, 40_000, 10**20])
def test_a_text_made_from_a_version_that_never_was_is_not_kept(
    browser_of: Browsers, world: World, seen: int
) -> None:
    answer = keep(browser_of, OURS, seen=seen)
    assert answer.status_code == 422
    assert "Somebody else changed this letter" in answer.content.decode()
    assert not LetterWording.objects.exists()


def test_a_kept_text_that_names_what_is_gone_gives_way_to_the_houses(
    world: World, browser_of: Browsers
) -> None:
    with transaction.atomic():
        row = LetterWording.objects.create(
            letter="ACKNOWLEDGEMENT", number=1, text="{gone}", written_at=world.now, written_by=world["head"]
        )
        append(event="letter_wording.changed", actor=Actor("u"), obj=Changed("letter_wording", row.ref, 1))
    assert "nothing has been decided" in drafted(browser_of, world)
    assert "the house’s text stands in for it" in page_of(browser_of("head").get(ONE)).text


@pytest.mark.parametrize("who", ["handler", "lead", "approver", "auditor", "holder", "outsider"])
def test_only_the_head_of_legal_and_the_administrators_change_letters(
    world: World, browser_of: Browsers, who: str
) -> None:
    for address in (LIST, ONE, "/registers/letters/nothing/"):
        assert browser_of(who).get(address).status_code == 404
    with pytest.raises(WordingRefused, match="Only the head of legal"):
        word_letter(letter="ACKNOWLEDGEMENT", text=OURS, seen=0, actor=world[who], now=world.now)


def test_a_version_stays_as_it_was_written(world: World) -> None:
    word_letter(letter="RETURN", text=house_text("RETURN"), seen=0, actor=world["head"], now=world.now)
    for sql in (
        "UPDATE disclosures_letterwording SET text = 'x', version = version + 1",
        "DELETE FROM disclosures_letterwording",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
