"""Who has a request, who is kept out of it, and who alone may know of it."""

import pytest

from audit.models import Entry
from disclosures.models import CompartmentMember, Exclusion, Request, RequestGroupGrant
from disclosures.permissions import may
from disclosures.selectors import NotThere, visible_to
from disclosures.services import ActionRefused
from disclosures.services.access import assign_request, exclude_person, open_at_triage, restrict_request
from disclosures.states import Action, Perm, State
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db


def sees(world: World, key: str, request: Request) -> bool:
    listed = visible_to(world[key], world.now).filter(pk=request.pk).exists()
    assert listed == may(world[key], request.reference, Perm.VIEW, world.now)
    return listed


def restrict(world: World, request: Request, members: dict[str, str], who: str = "head") -> Request:
    return restrict_request(
        request_id=request.pk,
        members={world[key]: role for key, role in members.items()},
        reason="An order forbids telling.",
        actor=world[who],
        now=world.now,
    )


def exclude(world: World, request: Request, key: str, reason: str = "A neighbour.") -> Exclusion:
    return exclude_person(
        request_id=request.pk, person=world[key], reason=reason, actor=world["lead"], now=world.now
    )


def assign(world: World, request: Request, key: str) -> Request:
    return assign_request(request_id=request.pk, assignee=world[key], actor=world["lead"], now=world.now)


def test_only_somebody_who_can_see_a_request_can_have_it(world: World) -> None:
    request = world.request_in(State.VERIFYING)
    assert assign(world, request, "handler").assignee == world["handler"]
    for key in ("holder", "auditor", "outsider"):
        with pytest.raises(ActionRefused, match="assignee_can_see_it"):
            assign(world, request, key)


def test_only_leaders_assign(world: World) -> None:
    request = world.request_in(State.VERIFYING)
    with pytest.raises(NotThere):
        assign_request(
            request_id=request.pk, assignee=world["handler"], actor=world["handler"], now=world.now
        )


def test_the_excluded_lose_the_request_and_whatever_they_had_of_it(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    assign(world, request, "handler")
    exclude(world, request, "handler")
    assert not sees(world, "handler", request)
    assert sees(world, "verifier", request)
    assert Request.objects.get(pk=request.pk).assignee is None
    assert last("person.excluded")["detail"]["person"] == world["handler"].ref
    assert "neighbour" not in str(last("person.excluded"))


def test_an_exclusion_needs_a_reason_and_happens_once(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    with pytest.raises(ActionRefused, match="exclusion_has_a_reason"):
        exclude(world, request, "handler", reason=" ")
    exclude(world, request, "handler")
    with pytest.raises(ActionRefused) as refused:
        exclude(world, request, "handler")
    assert refused.value.sentences == ("This person is already excluded.",)


def test_a_restricted_request_has_no_group_grant_and_is_seen_by_its_members_alone(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    restrict(world, request, {"handler": "HANDLER", "approver": "APPROVER"})
    seers = {key for key in world.people if sees(world, key, request)}
    assert seers == {"head", "handler", "approver"}
    assert not RequestGroupGrant.objects.filter(content_object_id=request.reference).exists()
    assert may(world["handler"], request.reference, Perm.REVIEW, world.now)
    assert not may(world["approver"], request.reference, Perm.REVIEW, world.now)


def test_a_restriction_and_all_after_it_stand_in_the_sealed_log(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    restrict(world, request, {"handler": "HANDLER"})
    assign_request(request_id=request.pk, assignee=world["handler"], actor=world["head"], now=world.now)
    logs = dict(
        Entry.objects.filter(event__in=["request.restricted", "request.assigned"]).values_list("event", "log")
    )
    assert logs == {"request.restricted": "sealed", "request.assigned": "sealed"}


def test_a_restriction_takes_the_request_from_whom_it_shuts_out(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    assign(world, request, "verifier")
    restrict(world, request, {"handler": "HANDLER"})
    assert Request.objects.get(pk=request.pk).assignee is None


def test_nobody_keeps_a_secret_alone(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    with pytest.raises(ActionRefused, match="two_members_keep_a_secret"):
        restrict(world, request, {})
    assert not CompartmentMember.objects.exists()


def test_who_cannot_read_it_keeps_no_secret(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    with pytest.raises(ActionRefused, match="two_members_keep_a_secret"):
        restrict(world, request, {"holder": "DATA_HOLDER"})
    with pytest.raises(ActionRefused) as refused:
        restrict(world, request, {"auditor": "AUDITOR", "handler": "HANDLER"})
    assert refused.value.sentences == ("As auditor, Demo Auditor has no part in a request.",)


def test_a_member_must_hold_the_role_they_are_named_in(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    with pytest.raises(ActionRefused) as refused:
        restrict(world, request, {"handler": "APPROVER"})
    assert refused.value.sentences == ("Demo Handler does not hold the role Approver today.",)


def test_the_excluded_are_no_members(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    exclude(world, request, "handler")
    with pytest.raises(ActionRefused) as refused:
        restrict(world, request, {"handler": "HANDLER"})
    assert refused.value.sentences == ("Demo Handler was excluded for a conflict of interest.",)


def test_only_the_head_of_legal_and_the_mlro_restrict(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    for key in ("lead", "handler", "dpo"):
        with pytest.raises(NotThere):
            restrict(world, request, {"approver": "APPROVER"}, who=key)
    assert restrict(world, request, {"handler": "HANDLER"}, who="mlro").restricted


def test_a_request_is_restricted_once(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    restrict(world, request, {"handler": "HANDLER"})
    with pytest.raises(ActionRefused, match="restricted_once"):
        restrict(world, request, {"handler": "HANDLER"})


def test_the_members_of_a_restricted_request_work_on_it(world: World) -> None:
    road = world.road()
    road.to(State.PENDING_APPROVAL)
    restrict(world, road.request, {"approver": "APPROVER", "release": "RELEASE_OFFICER"})
    assert road.step("approver", Action.APPROVE_RELEASE).state == State.APPROVED
    with pytest.raises(NotThere):
        road.step("second", Action.VOID_APPROVAL)


def born_restricted(world: World) -> Request:
    road = world.road()
    road.record(restricted=True)
    return road.step("clerk", Action.SUBMIT)


def open_it(world: World, request: Request, who: str = "mlro", ground: str = "A plain form.") -> Request:
    return open_at_triage(request_id=request.pk, ground=ground, actor=world[who], now=world.now)


def test_opening_gives_it_to_the_desk_and_ends_the_compartment(world: World) -> None:
    request = born_restricted(world)
    assert not sees(world, "handler", request)
    open_it(world, request)
    assert sees(world, "handler", request)
    assert not CompartmentMember.objects.filter(request=request, valid_until=None).exists()


def test_what_was_restricted_later_is_not_opened_at_triage(world: World) -> None:
    request = world.request_in(State.SUBMITTED)
    restrict(world, request, {"mlro": "MLRO"})
    with pytest.raises(ActionRefused, match="it_is_at_triage"):
        open_it(world, request)


def test_opening_needs_a_ground(world: World) -> None:
    request = born_restricted(world)
    with pytest.raises(ActionRefused, match="opening_has_a_ground"):
        open_it(world, request, ground=" ")
    assert Request.objects.get(pk=request.pk).restricted


def test_the_clerk_who_took_it_in_does_not_open_it(world: World) -> None:
    world.give("clerk", "HANDLER")
    request = born_restricted(world)
    with pytest.raises(NotThere):
        open_it(world, request, who="clerk")
