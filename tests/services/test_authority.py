"""Notices whose authority must be shown: somebody sees it, on a day, and it is seen again when that is too long ago."""

from datetime import timedelta

import pytest

from disclosures.catalogue import INSTRUMENTS
from disclosures.catalogue.checks import CHECKS, POINTS_OF
from disclosures.models import Evidence
from disclosures.services import ActionRefused
from disclosures.services.verification import record_evidence
from disclosures.states import Action, State
from tests.services.test_each_instrument import AnyRoad, agency, bound, refused_by
from tests.world import World

__all__ = ["bound"]

pytestmark = pytest.mark.django_db
# DOMAIN A.1 to A.3, the rows with an O: evidence of authority is produced.
SHOWN = {"P-CJA2", "P-SOC62", "A-DO", "A-CIO", "A-T5A"}


def test_these_instruments_and_no_others_ask_to_see_the_authority() -> None:
    assert {code for code, row in INSTRUMENTS.items() if "AUTHORITY_SHOWN" in row.evidence} == SHOWN


def verifying(bound: World, code: str) -> AnyRoad:
    if "POLICE_FORCE" not in INSTRUMENTS[code].issuers:
        bound.police = agency(bound, "AGENCY")
    road = AnyRoad(bound, INSTRUMENTS[code])
    road.begin()
    road.step("clerk", Action.SUBMIT)
    road.step("handler", Action.ACCEPT)
    return road


def shown(
    road: AnyRoad, *, passed: bool = True, note: str = "The order of 1 May, shown by the unit."
) -> Evidence:
    return record_evidence(
        request_id=road.request.pk, code="AUTHORITY_SHOWN", passed=passed, note=note,  # type: ignore[union-attr]
        actor=road.people["verifier"], now=road.now, at=road.now,
    )  # fmt: skip


@pytest.mark.parametrize("code", sorted(SHOWN))
def test_what_the_form_says_of_the_authority_is_no_sight_of_it(bound: World, code: str) -> None:
    road = verifying(bound, code)
    road.check(all_but="AUTHORITY_SHOWN")
    with pytest.raises(ActionRefused) as refused:
        road.step("verifier", Action.CONFIRM)
    assert [objection.sentence for objection in refused.value.objections] == [
        "Not verified yet. Still to be recorded: the authority for the notice was shown to us."
    ]
    shown(road)
    assert road.step("verifier", Action.CONFIRM).state == State.IN_REVIEW


def test_an_authority_that_was_not_shown_stands_against_the_notice(bound: World) -> None:
    road = verifying(bound, "A-DO")
    road.check()
    shown(road, passed=False, note="Asked twice; the unit sent none.")
    assert "no_evidence_speaks_against_it" in refused_by(road, "verifier", Action.CONFIRM)


def test_what_was_shown_and_by_whom_is_written_down(bound: World) -> None:
    road = verifying(bound, "A-DO")
    with pytest.raises(ActionRefused) as refused:
        shown(road, note=" ")
    assert [objection.guard for objection in refused.value.objections] == ["authority_is_noted"]
    assert not Evidence.objects.exists()


def test_nothing_is_released_on_an_authority_seen_too_long_ago(bound: World) -> None:
    road = verifying(bound, "A-DO")
    road.check()
    road.step("verifier", Action.CONFIRM)
    road.search()
    road.decide()
    road.write()
    for adviser in ("dpo", "mlro"):
        road.advise(adviser)
    road.step("handler", Action.PROPOSE)
    road.step("approver", Action.APPROVE_RELEASE)
    road.now += timedelta(days=CHECKS["AUTHORITY_SHOWN"].counts_days + 1)
    road.check(all_but="AUTHORITY_SHOWN")
    assert "requester_is_verified" in refused_by(road, "release", Action.START_RELEASE)
    shown(road)
    assert road.step("release", Action.START_RELEASE).state == State.RELEASING


def test_a_notice_is_looked_at_point_by_point_and_the_addressee_is_for_legal(bound: World) -> None:
    road = verifying(bound, "P-CJA2")
    given = {
        "request_id": road.request.pk, "code": "NOTICE_CHECKED", "actor": road.people["verifier"],  # type: ignore[union-attr]
        "now": road.now, "at": road.now,
    }  # fmt: skip
    yes = dict.fromkeys(POINTS_OF["NOTICE_CHECKED"], True)
    with pytest.raises(ActionRefused) as refused:
        record_evidence(passed=True, **given)  # type: ignore[arg-type]
    assert {row.guard for row in refused.value.objections} == {
        "each_point_is_answered",
        "what_was_seen_is_noted",
    }
    for no, holds in (
        ("", True),
        ("NOTICE_ADDRESSEE", True),
        ("NOTICE_ISSUER", False),
        ("NOTICE_STANDS", False),
    ):
        points = yes | ({no: False} if no else {})
        row = record_evidence(passed=not holds, note="Asked the unit.", points=points, **given)  # type: ignore[arg-type]
        assert (row.passed, row.points) == (holds, points), no
