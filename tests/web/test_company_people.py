"""A company's people as a file: shown before anything is kept, every fault at once, two thousand lines in one go."""

import re
from collections.abc import Sequence
from time import perf_counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from accounts.roles import Role
from audit.models import Entry
from disclosures.forms.people_csv import COLUMNS, as_text, read_people, template
from disclosures.models import Request, Subject
from disclosures.services.intake import SubjectInput
from disclosures.states import State
from sealing.models import DataKey
from tests.every_state import employ
from tests.world import World

from .browsers import browser_for
from .filling import filled
from .test_company import walked, words
from .work_pages import Browsers

pytestmark = pytest.mark.django_db

HEAD = "your reference,name,date of birth,account or customer number,address,telephone,e-mail\n"
TWO = HEAD + 'A-1,Alex Example,17/04/1988,,"1 Nowhere Lane, Exampleton",,\n=A2,,,ZX-2,,01632 960002,\n'


def people(count: int) -> str:
    return HEAD + "".join(f"A-{n},Person {n},1988-04-17,ZX-{n},{n} Nowhere Lane,,\n" for n in range(count))


def send(client: Client, reference: str, text: str | bytes) -> HttpResponse:
    content = text.encode() if isinstance(text, str) else text
    return client.post(
        f"/company/{reference}/people/list/", {"file": SimpleUploadedFile("people.csv", content)}
    )


def confirm(client: Client, reference: str, preview: HttpResponse) -> HttpResponse:
    table = filled(preview.content.decode(), "")["table"][0]
    return client.post(f"/company/{reference}/people/list/", {"table": table.replace("\n", "\r\n")})


def problems(response: HttpResponse) -> Sequence[str]:
    assert response.status_code == 422
    summary = response.content.decode().split('class="error-summary"', 1)[1].split("</ul>", 1)[0]
    return re.findall(r"<li>(?:<a[^>]*>)?([^<]+)", summary)


def test_the_empty_table_holds_the_columns_and_nobody(world: World, browser_of: Browsers) -> None:
    response = browser_of("outsider").get("/company/people.csv")
    assert response.content.decode("utf-8-sig").strip() == HEAD.strip()
    assert read_people(response.content, world.now).problems == (
        "The file names nobody: below the first line there is nothing.",
    )
    assert template() == response.content


def test_the_list_is_shown_first_and_kept_when_it_is_confirmed(world: World, browser_of: Browsers) -> None:
    client, request = browser_of("outsider"), walked(world, State.DRAFT)
    before = (Subject.objects.count(), DataKey.objects.count(), Entry.objects.count(), request.version)
    preview = send(client, request.reference, TWO)
    shown = words(preview)
    for said in ("2 people", "Alex Example", "1988-04-17", "=A2", "Nothing is kept yet"):
        assert said in shown
    request.refresh_from_db()
    assert (
        Subject.objects.count(),
        DataKey.objects.count(),
        Entry.objects.count(),
        request.version,
    ) == before
    kept = confirm(client, request.reference, preview)
    assert kept["Location"] == f"/company/{request.reference}/check/"
    check = words(client.get(kept["Location"]))
    assert "2 people are on the request now." in check
    assert "A-1: Alex Example" in check
    assert "=A2: not known by name" in check
    request.refresh_from_db()
    assert request.version == before[3] + 1
    assert Entry.objects.filter(event="request.amended").count() == 1


def test_what_the_preview_carries_is_the_list_itself(world: World) -> None:
    odd = SubjectInput(
        own_reference='"=1', name="O’Neill, Zoë", born_on="1988-04-17", address="1 Lane\nExampleton; Shire",
        account_number="'1", phone="+44 1632 960001", email="a@mail.example",
    )  # fmt: skip
    read = read_people(as_text([odd]).replace("\n", "\r\n").encode(), world.now)
    assert (read.people, read.problems) == ((odd,), ())
    assert len(COLUMNS) == 7


def test_every_fault_is_told_at_once_by_its_lines_and_nothing_is_kept(
    world: World, browser_of: Browsers
) -> None:
    client, request = browser_of("outsider"), walked(world, State.DRAFT)
    held = list(Subject.objects.filter(request=request).values_list("pk", flat=True))
    text = (
        HEAD
        + "A-1,Alex,31/02/1988,ZX-1,,,\n"
        + ",Sam,1990-01-01,ZX-2,,,\n"
        + "a-1,Kim,1990-13-01,ZX-3,,,\n"
        + "A-4,Jo,,,,,\n"
        + "A-5,Li,1990-01-01\n"
        + "A-6,Bo,2099-01-01,ZX-6,,,\n"
        + f"A-7,{'x' * 201},1990-01-01,ZX-7,,,\n"
        + "A-8,No\x00,1990-01-01,ZX-8,,,\n"
        + "A-9,,,,,,\n"
    )
    assert problems(send(client, request.reference, text)) == [
        "Lines 2 and 4: Date of birth must be a real date, such as 24 11 2026.",
        "Line 3: your reference is missing. Every line needs one, so that you find it again in the answer.",
        "Line 4: your reference is the same as in line 2. Each line needs its own.",
        "Lines 5 and 10: two particulars of the person are needed, such as the name and the date of birth.",
        "Line 6: has 3 cells where the first line has 7. Put a text with a comma or semicolon in quotes.",
        "Line 7: The date of birth lies in the future.",
        "Line 8: “Name” is too long: it has 201 characters, and 200 fit.",
        "Line 9: a character in it is not text and cannot be kept. Type the line again.",
    ]
    assert list(Subject.objects.filter(request=request).values_list("pk", flat=True)) == held


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty. Choose another one."),
        (b"\xef\xbb\xbf\n", "The file is empty. Choose another one."),
        (b"surname,first name\nExample,Alex\n", "the first line must hold the names of the columns."),
        (b"name\nAlex\n", "the column “your reference” is missing."),
        (HEAD.encode(), "The file names nobody"),
        (b"x" * (1024 * 1024 + 1), "The file is larger than 1 MB."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a letter is not written in UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_in_plain_words(
    world: World, browser_of: Browsers, content: bytes, said: str
) -> None:
    response = send(browser_of("outsider"), walked(world, State.DRAFT).reference, content)
    assert any(said in sentence for sentence in problems(response)), words(response)


def test_a_request_takes_two_thousand_people_and_not_one_more(world: World, browser_of: Browsers) -> None:
    response = send(browser_of("outsider"), walked(world, State.DRAFT).reference, people(2_001))
    assert problems(response) == [
        "The file names 2,001 people, and one request takes at most 2,000. Split it into several requests."
    ]


def test_two_thousand_people_are_kept_in_few_queries_and_the_pages_stay_quick(
    world: World, browser_of: Browsers
) -> None:
    client, request = browser_of("outsider"), walked(world, State.DRAFT)
    began = perf_counter()
    preview = send(client, request.reference, people(2_000))
    with CaptureQueriesContext(connection) as kept:
        assert confirm(client, request.reference, preview).status_code == 302
    spent = perf_counter() - began
    assert Subject.objects.filter(request=request).count() == 2_000
    assert len(kept) < 80
    assert "and 1950 more" in words(client.get(f"/company/{request.reference}/check/"))
    with CaptureQueriesContext(connection) as stepped:
        why = {"necessity": "No other way.", "proportionality": "Payments only."}
        assert client.post(f"/company/{request.reference}/why/", why).status_code == 302
    assert not [q for q in stepped if 'UPDATE "disclosures_subject"' in q["sql"]], (
        "the people stay as they are"
    )
    assert client.post(f"/company/{request.reference}/check/").status_code == 302
    request.refresh_from_db()
    assert request.state == State.SUBMITTED
    print(f"read, shown and kept in {spent:.1f} s")
    assert spent < 60


def test_a_long_list_is_never_cut_to_what_is_typed_by_hand(world: World, browser_of: Browsers) -> None:
    client, request = browser_of("outsider"), walked(world, State.DRAFT)
    confirm(client, request.reference, send(client, request.reference, people(26)))
    for response in (
        client.get(f"/company/{request.reference}/people/"),
        client.post(f"/company/{request.reference}/people/", {"people-TOTAL_FORMS": "0", "people-INITIAL_FORMS": "0"}),
    ):  # fmt: skip
        assert response["Location"] == f"/company/{request.reference}/people/list/"
    assert Subject.objects.filter(request=request).count() == 26
    page = words(client.get(f"/company/{request.reference}/people/list/"))
    assert "On the request now: 26 people" in page
    assert "And 1 more." in page


def test_a_shorter_list_takes_the_place_of_the_longer_and_leaves_no_key(
    world: World, browser_of: Browsers
) -> None:
    client, request = browser_of("outsider"), walked(world, State.DRAFT)
    confirm(client, request.reference, send(client, request.reference, people(30)))
    confirm(client, request.reference, send(client, request.reference, TWO))
    assert Subject.objects.filter(request=request).count() == 2
    assert DataKey.objects.filter(parent=request.data_key).count() == 2


def test_a_list_that_was_tampered_with_on_its_way_is_read_like_any_other(
    world: World, browser_of: Browsers
) -> None:
    client, request = browser_of("outsider"), walked(world, State.DRAFT)
    response = client.post(f"/company/{request.reference}/people/list/", {"table": HEAD + "A-1,Alex,,,,,\n"})
    assert problems(response) == [
        "Line 2: two particulars of the person are needed, such as the name and the date of birth."
    ]


def test_repeating_a_long_request_begins_without_people_and_takes_a_file(
    world: World, browser_of: Browsers
) -> None:
    client, request = browser_of("outsider"), walked(world, State.DRAFT)
    confirm(client, request.reference, send(client, request.reference, people(30)))
    client.post(f"/company/{request.reference}/check/")
    assert client.post(f"/company/{request.reference}/repeat/").status_code == 302
    again = Request.objects.exclude(pk=request.pk).get()
    assert not Subject.objects.filter(request=again).exists()
    confirm(client, again.reference, send(client, again.reference, people(27)))
    assert Subject.objects.filter(request=again).count() == 27


def test_another_companys_people_and_the_desk_find_nothing_there(world: World, browser_of: Browsers) -> None:
    request = walked(world, State.DRAFT)
    energy = Organisation.objects.get(code="demo-energy")
    stranger = browser_for(employ(world, "stranger", Role.GROUP_SUBMITTER, at=energy), world.now)
    for client in (stranger, browser_of("handler"), browser_of("clerk"), browser_of("head")):
        for reference in (request.reference, "CP-2222-2222"):
            assert client.get(f"/company/{reference}/people/list/").status_code == 404
            assert send(client, reference, TWO).status_code == 404
            assert client.post(f"/company/{reference}/people/list/", {"table": TWO}).status_code == 404
    assert browser_of("handler").get("/company/people.csv").status_code == 404
    assert Subject.objects.filter(request=request).count() == 1


def test_what_was_sent_is_not_written_again(world: World, browser_of: Browsers) -> None:
    request = walked(world, State.SUBMITTED)
    assert send(browser_of("outsider"), request.reference, TWO).status_code == 404
