"""The decision record: nothing is left out, nothing is read as markup, and the log says who took it."""

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pypdfium2 as pdfium
import pytest
from django.conf import settings
from django.utils.timezone import localdate
from hypothesis import example, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.documents.record_pdf import WORD_BREAK, record_pdf, shown
from disclosures.models import Request
from disclosures.record import NONE, DecisionRecord, as_json, in_words, schema, sections
from disclosures.selectors.decision_record import decision_record
from disclosures.services.holding import Kept, confirm_hold
from disclosures.services.keeping import place_hold
from disclosures.services.settling import record_cost
from disclosures.services.weighing import record_opinion
from disclosures.states import Action, State
from tests.preserving import hold_in, last_day, preservation
from tests.services.log_lines import last
from tests.world import World

DOCS = Path(settings.BASE_DIR) / "docs"
HOSTILE = (
    '#panic("out") *bold* _it_ $x^2$ [a] <label> \\ // /* `raw` @ref = Head\n= Heading\n- list\n/ term: words\n'
    "NUL \0 turned \u202eback\u202c שלום مرحبا 中文 😀 e\u0301 {{ x }} <script>alert(1)</script>"
)


def record_of(world: World, request: Request, who: str = "handler") -> DecisionRecord:
    fresh = Request.objects.get(pk=request.pk)
    return decision_record(fresh, actor=world[who], now=world.now, form="PDF")


def pdf_of(world: World, record: DecisionRecord) -> pdfium.PdfDocument:
    return pdfium.PdfDocument(record_pdf(record, company="Demo & *Co*", made_at=world.now))


def text_of(document: pdfium.PdfDocument) -> str:
    """In one line, without the places where a long run may break."""
    pages = [page.get_textpage().get_text_range() for page in document]
    return squeezed("".join(pages))


def squeezed(text: str) -> str:
    return re.sub(rf"[\s{WORD_BREAK}\ufffe\ufeff\x02-]+", "", text)


def kinds(kind: Any = DecisionRecord) -> Iterator[type]:
    """Every class that a record is made of."""
    yield kind
    for hint in get_type_hints(kind).values():
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if is_dataclass(inner):
            yield from kinds(inner)


def test_a_part_that_is_left_out_is_an_error() -> None:
    with_default = [
        f"{kind.__name__}.{field.name}"
        for kind in kinds()
        for field in fields(kind)
        if field.default is not MISSING or field.default_factory is not MISSING
    ]
    assert with_default == []
    assert len(list(kinds())) > 20
    with pytest.raises(TypeError, match="missing"):
        DecisionRecord()  # type: ignore[call-arg]


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.RELEASED, State.REFUSED, State.UNDER_APPEAL,
                                   State.AWAITING_RATIFICATION, State.TRANSFERRED])  # fmt: skip
def test_the_json_is_what_its_schema_says_in_every_kind_of_state(world: World, state: State) -> None:
    record = record_of(world, world.request_in(state))
    kept = json.loads((DOCS / "decision-record.schema.json").read_text("utf-8"))
    assert kept == schema()
    Draft202012Validator(kept, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        json.loads(as_json(record))
    )
    assert record.asked.state


@pytest.mark.django_db
def test_the_pdf_is_tagged_and_holds_every_part_of_a_released_request(world: World) -> None:
    road = world.road()
    request = road.to(State.RELEASED)
    record = record_of(world, request)
    document = pdf_of(world, record)
    assert pdfium.raw.FPDFCatalog_IsTagged(document.raw)
    assert b"/StructTreeRoot" in record_pdf(record, company="Demo", made_at=world.now)
    assert document.get_metadata_dict()["Title"] == f"Decision record {request.reference}"
    text = text_of(document)
    for section in sections(record):
        assert squeezed(section.title) in text
        for part in section.parts:
            for label, words in part:
                assert squeezed(label) in text, label
                assert squeezed(shown(words)) in text, (label, words)
        assert section.parts or squeezed(NONE) in text
    for words in ("Northshire Constabulary", "Robin Sample", "Demo Handler", "Demo Approver", "Demo Release Officer",
                  "Schedule 2, paragraph 2", "Account number and name", request.proposal_digest):  # fmt: skip
        assert squeezed(words) in text, words
    assert "£41.20" not in text, "what was given stands there by its digest alone"


@pytest.mark.django_db
def test_hostile_text_is_shown_as_it_was_written(world: World) -> None:
    road = world.road()
    road.record(summary=HOSTILE, necessity=HOSTILE)
    record = record_of(world, road.request)
    text = text_of(pdf_of(world, record))
    for words in ('#panic("out")*bold*_it_$x^2$[a]<label>\\///*`raw`@ref=Head', "=Heading", "/term:words", "{{x}}",
                  "<script>alert(1)</script>", "NUL‹U+0000›", "U+202E›back‹U+202C", "U+4E2D", "U+1F600"):  # fmt: skip
        assert words in text, words
    for word in ("שלום", "مرحبا"):
        assert word in text or word[::-1] in text
    assert json.loads(as_json(record))["asked"]["summary"] == HOSTILE, "JSON holds it exactly"


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["y" * 100_000, "word " * 20_000, "line\n" * 10_000])
def test_a_very_long_text_is_all_there(world: World, text: str) -> None:
    record = record_of(world, world.request_in(State.DRAFT))
    long = replace(record, asked=replace(record.asked, summary=text))
    assert squeezed(text) in re.sub(
        r"CP[A-Z0-9]+·Decisionrecord·Confidential|Page\d+of\d+", "", text_of(pdf_of(world, long))
    )


def _made(world: World) -> DecisionRecord:
    return record_of(world, world.request_in(State.DRAFT))


@pytest.mark.django_db
def test_the_same_record_makes_the_same_bytes(world: World) -> None:
    record = _made(world)
    first, second = (record_pdf(record, company="Demo", made_at=world.now) for _ in range(2))
    assert first == second


@given(st.text(max_size=200))
@example("\u0301 \u0301")
@example("\u202e\u2066\ud7ff")
@tries(max_examples=300, deadline=None)
def test_only_what_the_typeface_has_reaches_the_typesetter(text: str) -> None:
    made = shown(text)
    assert all(ord(letter) < 0x2200 for letter in made)
    assert "\0" not in made
    assert shown(made.replace(WORD_BREAK, "")) == made


@pytest.mark.django_db
def test_any_text_makes_a_pdf(world: World) -> None:
    record = _made(world)

    @given(st.text(max_size=80))
    @tries(max_examples=60, deadline=None)
    def made_of(text: str) -> None:
        given_text = replace(record, asked=replace(record.asked, summary=text, offence=text))
        assert record_pdf(given_text, company=text, made_at=world.now).startswith(b"%PDF")

    made_of()


@pytest.mark.django_db
def test_advice_that_was_overridden_says_so(world: World) -> None:
    road = world.road()
    road.confirm()
    road.search()
    road.weigh()
    record_opinion(
        request_id=road.request.pk, in_favour=False, advice="Too long a period.", actor=world["dpo"], now=world.now - timedelta(seconds=1)
    )  # fmt: skip
    road.write()
    road.step("handler", Action.PROPOSE, reason="The month is the least.")
    advice = record_of(world, road.request).advice[-1]
    assert advice.followed == "No decision was taken after it"
    road.step("approver", Action.APPROVE_RELEASE, reason="I agree with the handler.")
    advice = record_of(world, road.request).advice[-1]
    assert advice.followed == "No, overridden. The approver's reason: I agree with the handler."


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [Road, CompanyRoad, OrderRoad])
def test_each_kind_answers_its_own_questions(world: World, kind: type[Road]) -> None:
    road = kind(world.people, world.police, world.now, number=77)
    request = road.to(State.PENDING_APPROVAL)
    record = record_of(world, request)
    assert record.tests
    assert all(line.answer != "Not asked" for line in record.tests)
    assert record.law.basis
    assert (record.references.legitimate_interests is None) == (kind is not CompanyRoad)
    assert ("court" in record.keeping.review_route.lower().split("person concerned")[0]) == (
        kind is OrderRoad
    )


@pytest.mark.django_db
def test_the_log_says_who_took_a_record(world: World) -> None:
    request = world.request_in(State.RELEASED)
    record_of(world, request, "dpo")
    body = last("record.exported")
    assert (body["actor"]["role"], body["detail"]["form"]) == ("DPO", "PDF")
    assert world["dpo"].ref in str(body["actor"])
    assert "Example" not in str(body)


def test_what_there_is_not_is_said() -> None:
    assert [in_words(value) for value in (None, "", (), False, True, 0)] == [
        NONE,
        NONE,
        NONE,
        "No",
        "Yes",
        "0",
    ]


# What was kept, referred to and spent ----------------------------------------------------------


@pytest.mark.django_db
def test_the_record_names_the_assessment_and_the_agreement_a_company_relied_on(world: World) -> None:
    world.made += 1
    road = CompanyRoad(world.people, world.police, world.now, number=world.made)
    references = record_of(world, road.to(State.PENDING_APPROVAL)).references
    assert (references.impact_assessment, references.sharing_agreement) == ("DPIA-3", "DSA-7")
    assert references.legitimate_interests == "Its answers stand under the tests of this record"
    assert record_of(world, world.request_in(State.IN_REVIEW)).references.impact_assessment is None


@pytest.mark.django_db
def test_the_record_says_what_the_request_cost(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    assert (record_of(world, request).keeping.hours, record_of(world, request).keeping.fee) == (None, None)
    for hours, fee in (("1.50", "40"), ("0.75", "0")):
        record_cost(
            request_id=request.pk, hours=Decimal(hours), fee=Decimal(fee), note="Copying.", actor=world["handler"],
            now=world.now,
        )  # fmt: skip
    keeping = record_of(world, request).keeping
    assert (keeping.hours, keeping.fee) == ("2.25", "£40.00")


@pytest.mark.django_db
def test_the_record_lists_every_hold(world: World) -> None:
    road = preservation(world)
    assert record_of(world, road.request).keeping.hold is None
    task = hold_in(world, road)
    asked = record_of(world, road.request).keeping.hold
    assert asked is not None
    assert asked.startswith(f"Data kept in {task.system.name} until ")
    assert asked.endswith("not confirmed")
    kept = Kept(result="KEPT", kept_on=localdate(world.now), how="Deletion switched off.")
    confirm_hold(task_id=task.pk, answer=kept, actor=world["holder"], now=world.now)
    place_hold(
        request_id=road.request.pk, ground="LITIGATION", reason="A claim was announced.", review_on=last_day(world, 90),
        actor=world["head"], now=world.now,
    )  # fmt: skip
    held = record_of(world, road.request).keeping.hold
    assert held is not None
    legal, preserving = held.splitlines()
    assert legal.startswith("Legal hold ")
    assert "Proceedings are under way" in legal
    assert legal.endswith("lasts")
    assert "confirmed on" in preserving
    assert "announced" not in held, "the reason is sealed, and no part of the list"
