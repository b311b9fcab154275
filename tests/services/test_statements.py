"""A query whose SQL is made once asks exactly what the query itself would."""

from datetime import datetime, timedelta

import pytest
from django.db.models import QuerySet

from accounts.models import Membership, User
from accounts.statements import Statement
from disclosures.models import RequestGroupGrant
from disclosures.permissions import GRANTS, may, permission_ids
from disclosures.states import Perm, State
from tests.world import World

pytestmark = pytest.mark.django_db


def held(*, user: int, now: datetime) -> QuerySet[Membership, tuple[str]]:
    return Membership.objects.valid_at(now).filter(user=user).order_by("role").values_list("role")


def test_it_answers_like_the_query_for_everybody_and_before_everybody_came(world: World) -> None:
    statement = Statement(held)
    answers = set()
    for person in User.objects.all():
        for now in (world.now, world.now - timedelta(days=40_000)):
            rows = statement.rows(user=person.pk, now=now)
            assert rows == list(held(user=person.pk, now=now))
            answers.add(tuple(rows))
    assert len(answers) > 3
    assert () in answers


def test_it_is_made_once_for_each_length_of_a_sequence(world: World) -> None:
    made = []

    def of(*, groups: list[int]) -> QuerySet[RequestGroupGrant, tuple[int]]:
        made.append(len(groups))
        return RequestGroupGrant.objects.filter(group_id__in=groups).order_by("id").values_list("id")

    world.road().record()
    some = list(RequestGroupGrant.objects.values_list("group_id", flat=True).distinct())
    statement = Statement(of)
    for groups in (some[:1], some[1:2], some[:3], some[1:4], some[2:3]):
        assert statement.rows(groups=groups) == list(
            RequestGroupGrant.objects.filter(group_id__in=groups).order_by("id").values_list("id")
        )
    assert made == [1, 3]


def test_a_value_that_the_query_does_not_use_is_an_error(world: World) -> None:
    statement = Statement(lambda *, user, now: Membership.objects.filter(user=user))
    with pytest.raises(ValueError, match="does not use \\['now'\\]"):
        statement.rows(user=1, now=world.now)


def test_the_door_opens_to_each_role_as_the_table_says_and_to_nobody_without_one(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    for who, role in (
        ("handler", "HANDLER"),
        ("approver", "APPROVER"),
        ("dpo", "DPO"),
        ("auditor", "AUDITOR"),
    ):
        for perm in permission_ids():
            allowed = perm in GRANTS[State.IN_REVIEW].get(role, ())  # type: ignore[call-overload]
            assert may(world[who], request.reference, perm, world.now) == allowed, (who, perm)
    before_them = world.now - timedelta(days=40_000)
    assert not may(world["handler"], request.reference, Perm.VIEW, before_them)
    assert not may(world["handler"], "CP-2222-2222", Perm.VIEW, world.now)
