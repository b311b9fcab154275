"""What counsel advised is written down, and answered with a reason when a release goes against it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from disclosures.demo import Road
from disclosures.models import Opinion, Request
from disclosures.selectors import NotThere
from disclosures.selectors.decision_record import decision_record
from disclosures.services import ActionRefused
from disclosures.services.counsel import record_counsel
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.services.test_deciding import ready
from tests.world import World

pytestmark = pytest.mark.django_db
COUNSEL = "Example Counsel, Sample Chambers (fictitious)"


def advised(world: World, road: Road, **changes: Any) -> Opinion:
    given: dict[str, Any] = {
        "request_id": road.request.pk,
        "adviser": COUNSEL,
        "advised_on": localdate(world.now),
        "in_favour": False,
        "advice": "The period goes beyond what the form shows.",
        "actor": world["handler"],
        "now": world.now,
    }
    return record_counsel(**given | changes)


def test_advice_against_it_is_answered_and_the_record_says_whether_it_was_followed(world: World) -> None:
    road = ready(world)
    advised(world, road)
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.PROPOSE, reason="")
    assert "The company’s counsel advised against it." in refused.value.sentences[0]
    road.step("handler", Action.PROPOSE, reason="One month is the least that shows the payer.")
    road.step("approver", Action.APPROVE_RELEASE, reason="The longer period was never asked for.")
    record = decision_record(
        Request.objects.get(pk=road.request.pk), actor=world["handler"], now=world.now, form="PDF"
    )
    (advice,) = [row for row in record.advice if row.advised_on]
    assert (advice.by, advice.advised_on) == ("Company’s counsel", localdate(world.now))
    assert advice.person == f"{COUNSEL}; recorded by Demo Handler"
    assert advice.followed.startswith("No, overridden. The approver's reason: The longer period")


def test_whoever_wrote_it_down_did_not_advise(world: World) -> None:
    road = ready(world)
    advised(world, road, in_favour=True)
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


def test_its_words_and_its_author_stay_out_of_the_log(world: World) -> None:
    road = ready(world)
    advised(world, road)
    entry = last("opinion.recorded")
    assert entry["detail"]["by"] == "COUNSEL"
    assert "Sample Chambers" not in str(entry)
    assert set(entry["commits"]) >= {"advice", "adviser"}


def test_every_fault_is_told_at_once_and_only_the_reviewer_writes_it(world: World) -> None:
    road = ready(world)
    with pytest.raises(ActionRefused) as refused:
        advised(world, road, adviser=" ", advice="", advised_on=localdate(world.now) + timedelta(days=1))
    assert len(refused.value.sentences) == 3
    for who in ("dpo", "approver", "auditor"):
        with pytest.raises(NotThere):
            advised(world, road, actor=world[who])
    assert not Opinion.objects.filter(by_role="COUNSEL").exists()


def test_the_table_refuses_counsel_without_a_name_and_an_officer_with_one(world: World) -> None:
    road = ready(world)
    for by, day in (("COUNSEL", None), ("DPO", localdate(world.now))):
        row = Opinion(
            request=road.request, by_role=by, advised_on=day, in_favour=True, given_at=world.now,
            given_by=world["handler"],
        )  # fmt: skip
        row.seal(advice="Go on.", adviser=COUNSEL)
        with pytest.raises(IntegrityError, match="counsel_is_named"), transaction.atomic():
            row.save(force_insert=True)
