"""The legitimate-interests assessment: every question is answered, every answer is kept, none in clear."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils.timezone import localdate

from disclosures.demo_kinds import CompanyRoad
from disclosures.forms.interests import LegitimateTestsForm
from disclosures.models import Assessment
from disclosures.models.decision import WEIGHED_INTERESTS
from disclosures.selectors.opening import open_request
from disclosures.services import ActionRefused, weighing
from disclosures.states import Action, State
from tests.services.test_objections import refusal
from tests.world import World

pytestmark = pytest.mark.django_db
TEXTS = ("interest_note", "necessity_note", "proportionality_note", "alternatives_note", *WEIGHED_INTERESTS)


def in_review(world: World) -> CompanyRoad:
    world.made += 1
    walked = CompanyRoad(world.people, world.police, world.now, number=world.made)
    walked.confirm()
    return walked


def record(world: World, walked: CompanyRoad, **changes: object) -> Assessment:
    tests = replace(walked.tests, **changes)  # type: ignore[arg-type]
    return weighing.record_tests(
        request_id=walked._fresh().pk, tests=tests, actor=world["handler"], now=world.now
    )


def test_every_answer_is_kept_and_sealed(world: World) -> None:
    walked = in_review(world)
    record(world, walked)
    opened = open_request(walked._fresh(), actor=world["handler"], now=world.now).assessments[0]
    for name in TEXTS:
        assert getattr(opened, name) == getattr(walked.tests, name) != ""
    assert (opened.whose_interest, opened.review_on) == ("SHARED", walked.tests.review_on)
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM disclosures_assessment a")
        (stored,) = cursor.fetchone()
    assert "DSA-7" not in stored
    assert "fraud" not in stored.lower()


@pytest.mark.parametrize("name", TEXTS)
def test_no_question_can_be_left_out(world: World, name: str) -> None:
    with pytest.raises(ActionRefused) as refused:
        record(world, in_review(world), **{name: "  "})
    assert "tests_have_reasons" in {objection.guard for objection in refused.value.objections}


@pytest.mark.parametrize("days", [0, -1, None])
def test_it_is_looked_at_again_on_a_day_to_come(world: World, days: int | None) -> None:
    when = None if days is None else localdate(world.now) + timedelta(days=days)
    with pytest.raises(ActionRefused) as refused:
        record(world, in_review(world), review_on=when, whose_interest="NOBODYS")
    said = " ".join(refused.value.sentences)
    assert "Name a day to come" in said
    assert "Say whose interest it is" in said, "all at once"


@pytest.mark.parametrize("verdict", [{"necessary": False}, {"proportionate": False}])
def test_what_fails_the_test_is_not_proposed_for_release(world: World, verdict: dict[str, bool]) -> None:
    walked = CompanyRoad(world.people, world.police, world.now, number=901)
    walked.tests = replace(walked.tests, **verdict)  # type: ignore[arg-type]
    assert "answered against disclosure" in refusal(walked, "propose")
    walked.weigh("WITHHOLD")
    walked.write()
    assert walked.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


def test_the_database_takes_no_half_assessment(world: World) -> None:
    row = record(world, in_review(world))
    with pytest.raises(IntegrityError, match="interests_are_weighed_whole"), transaction.atomic():
        Assessment.objects.filter(pk=row.pk).update(safeguards_note=None)


def test_every_question_of_the_form_has_its_help_and_stands_in_one_section() -> None:
    form = LegitimateTestsForm(None)
    placed = [field.name for _, fields in form.sections for field in fields]
    assert sorted(placed) == sorted(form.fields)
    without = {name for name, field in form.fields.items() if not field.help_text}
    assert without <= {"whose_interest", "necessity_note", "proportionality_note", "condition_note"}


def test_the_page_guides_through_the_four_parts_and_keeps_what_was_typed(world: World, browser_of) -> None:
    walked = in_review(world)
    where = f"/requests/{walked._fresh().reference}/tests/"
    client: Client = browser_of("handler")
    page = client.get(where).content.decode()
    for legend in ("2. Purpose", "3. Necessity", "4. Balance", "5. Outcome"):
        assert f"<legend>{legend}</legend>" in page
    answer = client.post(where, {"interest_note": "Both lose by the same accounts.", "necessary": "yes"})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert shown.count("needs an answer") >= 15
    assert "Both lose by the same accounts." in shown
    record(world, walked)
    assert "DSA-7" in client.get(where).content.decode()
    assert "Two analysts see it" in client.get(f"/requests/{walked._fresh().reference}/").content.decode()
