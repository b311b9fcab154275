"""A person's own request with its answer prepared, as tests of pages use it."""

from disclosures.models import AccessRequest
from disclosures.services import accounting
from tests.world import World


def an_access_request(world: World) -> AccessRequest:
    given = accounting.AccessInput(
        name="Alex Example",
        account_number="ZX-1",
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
