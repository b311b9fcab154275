"""A request that was restricted later and opened again has its versions in two logs: neither alone is an alarm."""

from pathlib import Path

import pytest
from django.utils.timezone import localdate

from audit import verifier
from audit.exporting import export
from audit.logs import verifiers
from audit.models import Log
from audit.sequencer import Sequencer
from disclosures.services.access import restrict_request
from disclosures.services.secrecy import confirm_end_of_secrecy, propose_end_of_secrecy
from disclosures.states import State
from tests.audit.conftest import default_connection
from tests.conftest import Database
from tests.world import make_world


@pytest.mark.committed
def test_each_log_of_a_request_that_was_in_both_is_whole_for_whoever_has_one(
    committed_db: Database, tmp_path: Path
) -> None:
    world = make_world()
    road = world.road()
    request = road.to(State.IN_REVIEW)
    restrict_request(
        request_id=request.pk, members={world["handler"]: "HANDLER", world["approver"]: "APPROVER"},
        reason="An order forbids telling.", actor=world["head"], now=world.now,
    )  # fmt: skip
    propose_end_of_secrecy(
        request_id=request.pk, ground="AUTHORITY", cited="Letter N-12", cited_on=localdate(world.now),
        actor=world["handler"], now=world.now,
    )  # fmt: skip
    confirm_end_of_secrecy(request_id=request.pk, actor=world["head"], now=world.now)
    for log in Log.values:
        with default_connection(committed_db, "sequencer"):
            Sequencer(log).drain()
            size = export(log, tmp_path / log, lambda *_: None)
        keys = [verifier.read_key(key.vkey) for key in verifiers(log)]
        head = verifier.check_export(tmp_path / log, keys, [], [])
        assert head.size == size > 2
