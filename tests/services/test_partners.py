"""Services of a partner: our consent that it may approach people, and each person's own that names it (policy S22)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import localdate

from accounts.models import Organisation
from disclosures.models import PartnerConsent, Request
from disclosures.selectors import NotThere
from disclosures.services import ActionRefused
from disclosures.services.partners import record_partner_consent
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.services.test_group_companies import partner
from tests.services.test_objections import ANN, BEN, MarketingRoad, consent, refusal, says
from tests.world import World

pytestmark = pytest.mark.django_db


class PartnerRoad(MarketingRoad):
    """Demo Retail wants to tell two people of a partner's services."""

    def record(self, *, restricted: bool = False, **changes: object) -> Request:
        return super().record(**{"policy_purpose": "PU-MKT-PTR", **changes})


@pytest.fixture
def ours(world: World) -> Organisation:
    return partner(world)


def road(world: World, *channels: str) -> PartnerRoad:
    world.made += 1
    walked = PartnerRoad(world.people, world.police, world.now, number=world.made)
    walked.channels = channels or walked.channels
    walked.confirm()
    walked.search()
    return walked


def let(world: World, walked: PartnerRoad, who: str = "head", **changes: object) -> PartnerConsent:
    given: dict[str, object] = {
        "partner": "partner", "given": True, "given_on": localdate(world.now), "until": None, "reference": "Contract 12",
    }  # fmt: skip
    return record_partner_consent(
        request_id=walked._fresh().pk, actor=world[who], now=world.now, **(given | changes)  # type: ignore[arg-type]
    )  # fmt: skip


def finish(walked: PartnerRoad) -> None:
    walked.weigh()
    walked.write()
    walked.step("handler", Action.PROPOSE)


def test_with_our_consent_and_each_persons_own_it_goes_on(world: World, ours: Organisation) -> None:
    consent(world, ANN, BEN, company="partner")
    walked = road(world)
    let(world, walked)
    assert last("partner.consented")["detail"]["partner"] == ours.ref
    assert "Contract 12" not in str(last("partner.consented"))
    finish(walked)
    assert walked.step("approver", Action.APPROVE_RELEASE).state == State.APPROVED


def test_without_our_consent_nobody_is_given(world: World, ours: Organisation) -> None:
    consent(world, ANN, BEN, company="partner")
    said = refusal(road(world), "decide")
    assert "may be approached by no partner: none has our consent today" in said


def test_whoever_has_no_consent_that_names_the_partner_is_withheld(world: World, ours: Organisation) -> None:
    consent(world, ANN, company="partner")
    consent(world, BEN)
    walked = road(world)
    let(world, walked)
    said = refusal(walked, "decide")
    assert "Person 2 has given no consent to e-mail that names Sample Partner (fictitious)" in said
    assert "Person 1" not in said


def test_a_consent_is_needed_by_post_too_where_an_untouched_box_would_do_for_our_own(
    world: World, ours: Organisation
) -> None:
    for person in (ANN, BEN):
        says(world, "OFFERED", person)
    walked = road(world, "POST")
    let(world, walked)
    assert "Person 1 has given no consent to post that names Sample Partner" in refusal(walked, "decide")


@pytest.mark.parametrize("company", ["partner", "demo-retail", ""])
def test_a_later_opt_out_counts_from_the_partner_from_the_company_and_from_everybody(
    world: World, ours: Organisation, company: str
) -> None:
    consent(world, ANN, BEN, company="partner")
    walked = road(world)
    let(world, walked)
    finish(walked)
    says(world, "OPT_OUT", BEN, 0.01, company=company)
    assert "Person 2 opted out of e-mail" in refusal(walked, "step", "approver", Action.APPROVE_RELEASE)


def test_our_consent_is_asked_again_at_the_release(world: World, ours: Organisation) -> None:
    consent(world, ANN, BEN, company="partner")
    walked = road(world)
    let(world, walked, until=localdate(world.now))
    finish(walked)
    walked.step("approver", Action.APPROVE_RELEASE)
    walked.now = world.now + timedelta(days=1)
    with pytest.raises(ActionRefused, match="partner_may_approach_them"):
        walked.step("release", Action.START_RELEASE)
    let(world, walked)
    walked.step("release", Action.START_RELEASE)
    let(world, walked, given=False)
    with pytest.raises(ActionRefused, match="partner_may_approach_them"):
        walked.send()


def test_every_fault_is_told_at_once_and_only_legal_consents(world: World, ours: Organisation) -> None:
    walked = road(world)
    with pytest.raises(ActionRefused) as refused:
        let(world, walked, partner="demo-retail", given_on=localdate(world.now) + timedelta(days=1), reference=" ",
            until=localdate(world.now))  # fmt: skip
    assert {row.guard for row in refused.value.objections} == {
        "partner_is_in_the_register", "consent_was_given", "consent_lasts", "consent_has_its_reference",
    }  # fmt: skip
    for who in ("handler", "dpo", "clerk", "outsider"):
        with pytest.raises(NotThere):
            let(world, walked, who)
    plain = world.road()
    plain.record()
    with pytest.raises(ActionRefused, match="partner_is_asked_about"):
        let(world, plain)  # type: ignore[arg-type]


def test_the_database_keeps_it_as_it_was_given(world: World, ours: Organisation) -> None:
    row = let(world, road(world))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE disclosures_partnerconsent SET given = false WHERE id = %s", [row.pk])
