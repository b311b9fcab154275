"""A person's own request: prepared, answered, proposed to be destroyed and destroyed, as tests use it."""

from accounts.models import opaque
from disclosures.models import AccessDisposal, AccessRequest
from disclosures.services import access_disposing, accounting
from tests.disposal_desk import later
from tests.world import World


def an_access_request(world: World, name: str = "Alex Example", account: str = "ZX-1") -> AccessRequest:
    given = accounting.AccessInput(
        name=name,
        account_number=account,
        reply_to="1 Nowhere Lane",
        channel="POST",
        received_at=world.now,
    )
    access = accounting.record_access(given=given, actor=world["clerk"], now=world.now)
    handler = world["handler"]
    accounting.record_identity(
        access_id=access.pk, how="ADDRESS", note="Wrote to the address we hold.", actor=handler, now=world.now
    )
    accounting.record_considered(access_id=access.pk, why="Weighed.", actor=world["dpo"], now=world.now)
    accounting.propose_access_answer(access_id=access.pk, actor=handler, now=world.now)
    access.refresh_from_db()
    return access


def an_answered_access(world: World, **who: str) -> AccessRequest:
    access = an_access_request(world, **who)
    accounting.approve_access_answer(
        access_id=access.pk, seen=access.digest, actor=world["approver"], now=world.now
    )
    access.refresh_from_db()
    return access


def propose_access(world: World, access: AccessRequest, batch: str = "", who: str = "dpo") -> AccessDisposal:
    """When its period is over."""
    return access_disposing.propose_access_disposal(
        access_id=access.pk, batch=batch or opaque("d"), actor=world[who], now=later(world)
    )


def confirm_access(world: World, row: AccessDisposal, who: str = "head") -> AccessDisposal:
    return access_disposing.confirm_access_disposal(disposal_id=row.pk, actor=world[who], now=later(world))


def destroy_access(world: World, access: AccessRequest) -> AccessDisposal:
    """The whole road of two people and the job."""
    row = confirm_access(world, propose_access(world, access))
    access_disposing.destroy_confirmed_access(now=later(world))
    row.refresh_from_db()
    access.refresh_from_db()
    return row


def access_waiting(world: World) -> str:
    """A batch that waits for its second person."""
    return propose_access(world, an_answered_access(world)).batch
