"""The ownership register decides whether anything goes to a company: at the decision, and again at the release."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from accounts.models import Organisation, Relationship
from accounts.ownership import is_related, standing_of
from accounts.services import Refused, end_relationship, record_relationship, register_organisation
from disclosures.demo_kinds import CompanyRoad
from disclosures.models import Request
from disclosures.services import ActionRefused
from disclosures.states import Action, State
from tests.world import World

pytestmark = pytest.mark.django_db


def company(world: World, code: str, kind: str = "GROUP_COMPANY") -> Organisation:
    return register_organisation(
        code=code, name=f"{code.title()} (fictitious)", kind=kind, nation="EW", actor=None, now=world.now
    )


def enter(world: World, held: Organisation, holder: Organisation | None = None, **changes) -> Relationship:
    given = {
        "organisation_id": held.pk,
        "holder_id": holder.pk if holder else None,
        "test": "1159_VOTES",
        "percent": Decimal(80),
        "evidence": "Register of members, read today",
        "valid_from": date(2020, 1, 1),
        "valid_until": None,
        "actor": world["head"],
        "now": world.now,
    }
    return record_relationship(**(given | changes))


def today(world: World) -> date:
    return localdate(world.now)


def through_a_chain(world: World) -> tuple[CompanyRoad, Relationship]:
    """The submitting company is no longer held by us, but by a company that is; the upper link comes back."""
    walked = CompanyRoad(world.people, world.police, world.now, number=700)
    retail = Organisation.objects.get(code="demo-retail")
    between = company(world, "between")
    direct = Relationship.objects.get(company=retail)
    end_relationship(
        relationship_id=direct.pk, last_day=today(world) - timedelta(days=9), actor=None, now=world.now
    )
    upper = enter(world, between)
    enter(world, retail, between, test="1162_INFLUENCE", percent=None)
    return walked, upper


def test_a_chain_is_enough_at_the_decision_and_at_the_release(world: World) -> None:
    walked, _ = through_a_chain(world)
    assert walked.to(State.RELEASED).state == State.RELEASED


@pytest.mark.parametrize(
    ("before", "who", "action"),
    [
        ("propose", "approver", Action.APPROVE_RELEASE),
        ("approve", "release", Action.START_RELEASE),
    ],
)
def test_a_chain_that_breaks_above_blocks_the_next_step_and_says_since_when(
    world: World, before: str, who: str, action: Action
) -> None:
    walked, upper = through_a_chain(world)
    getattr(walked, before)()
    sold = today(world) - timedelta(days=1)
    end_relationship(relationship_id=upper.pk, last_day=sold, actor=world["admin"], now=world.now)
    with pytest.raises(ActionRefused) as refused:
        walked.step(who, action)
    assert "company_is_related" in {objection.guard for objection in refused.value.objections}
    assert f"since {sold.day} {sold:%B %Y}" in " ".join(refused.value.sentences)


def test_a_chain_that_breaks_before_the_letter_is_recorded_blocks_that_too(world: World) -> None:
    walked, upper = through_a_chain(world)
    walked.begin_release()
    end_relationship(
        relationship_id=upper.pk, last_day=today(world) - timedelta(days=1), actor=None, now=world.now
    )
    with pytest.raises(ActionRefused):
        walked.send()
    assert Request.objects.get(pk=walked.request.pk).state == State.RELEASING  # type: ignore[union-attr]


@pytest.mark.parametrize("test", ["MINORITY", "JOINT_VENTURE", "FRANCHISE", "PARTNER"])
def test_what_is_no_control_stands_in_the_register_and_relates_nobody(world: World, test: str) -> None:
    other = company(world, "other")
    enter(world, other, test=test, percent=Decimal(40) if test == "MINORITY" else None)
    assert not is_related(other, today(world))


def test_a_fellow_subsidiary_is_related(world: World) -> None:
    top, fellow = company(world, "top"), company(world, "fellow")
    enter(world, world.company, top)
    enter(world, fellow, top)
    standing = standing_of(fellow, today(world))
    assert standing.connection is not None
    assert standing.connection.how == "FELLOW"
    assert [str(row) for row in standing.chain] == [
        "Top (fictitious) → Fellow (fictitious)",
        f"Top (fictitious) → {world.company.name}",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"percent": Decimal(50)}, "more than 50 per cent"),
        ({"percent": None}, "more than 50 per cent"),
        ({"percent": Decimal(101)}, "between 0 and 100"),
        ({"test": "MINORITY", "percent": Decimal(51)}, "is a majority"),
        ({"test": "1159_CHAIN"}, "Choose the test"),
        ({"evidence": "  "}, "Name the document"),
        ({"valid_until": date(2019, 1, 1)}, "must end after it begins"),
    ],
)
def test_a_line_that_shows_nothing_is_refused(world: World, changes: dict, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        enter(world, company(world, "other"), **changes)


def test_a_company_does_not_hold_itself(world: World) -> None:
    other = company(world, "other")
    with pytest.raises(Refused, match="hold itself"):
        enter(world, other, other)


def test_a_partner_is_in_no_chain(world: World) -> None:
    partner = company(world, "partner", "PARTNER")
    below = company(world, "below")
    for held, holder in ((partner, None), (below, partner)):
        with pytest.raises(Refused, match="no company of the group"):
            enter(world, held, holder)
    enter(world, partner, test="PARTNER", percent=None)
    assert not is_related(partner, today(world))


def test_a_police_force_is_in_no_register(world: World) -> None:
    with pytest.raises(Refused, match="neither a company of the group nor a partner"):
        enter(world, world.police, test="PARTNER", percent=None)


@pytest.mark.parametrize("who", ["clerk", "handler", "approver", "dpo", "auditor", "outsider"])
def test_nobody_else_keeps_the_register(world: World, who: str) -> None:
    row = Relationship.objects.filter(valid_until=None).first()
    assert row is not None
    with pytest.raises(Refused, match="Only an administrator or the head of legal"):
        enter(world, company(world, "other"), actor=world[who])
    with pytest.raises(Refused, match="Only an administrator or the head of legal"):
        end_relationship(relationship_id=row.pk, last_day=today(world), actor=world[who], now=world.now)


def test_a_line_that_has_ended_is_not_given_another_end(world: World) -> None:
    row = enter(world, company(world, "other"), valid_until=today(world) - timedelta(days=3))
    with pytest.raises(Refused, match="has already ended"):
        end_relationship(relationship_id=row.pk, last_day=today(world), actor=None, now=world.now)
