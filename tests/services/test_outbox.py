"""Promises: once per key, leased to one at a time, put off, given up, and indifferent to the broker."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

import pytest
from django.db import connection, transaction

from audit import nudge
from disclosures import outbox
from disclosures.models import OutboxRow
from tests.brokers import broker_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Answer = TypeVar("Answer")


def promise(key: str, *, at: datetime = NOW) -> bool:
    with transaction.atomic():
        return outbox.put(key=key, topic="test", payload={"request": 1}, not_before=at)


def in_threads(number: int, work: Callable[[], Answer]) -> list[Answer]:
    """Runs the work in threads that start together, each on a connection of its own."""
    start = threading.Barrier(number)

    def run() -> Answer:
        start.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(number)]]


@pytest.mark.django_db
def test_a_key_is_promised_once() -> None:
    assert promise("one") is True
    assert promise("one") is False
    assert OutboxRow.objects.count() == 1


@pytest.mark.committed
def test_a_promise_is_made_inside_a_transaction_or_not_at_all() -> None:
    with pytest.raises(transaction.TransactionManagementError, match="inside the transaction"):
        outbox.put(key="one", topic="test", payload={}, not_before=NOW)
    assert not OutboxRow.objects.exists()


@pytest.mark.committed
def test_a_promise_goes_with_the_transaction_that_made_it() -> None:
    with transaction.atomic():
        outbox.put(key="one", topic="test", payload={}, not_before=NOW)
        transaction.set_rollback(True)
    assert not OutboxRow.objects.exists()


@pytest.mark.committed
def test_two_who_promise_at_once_make_one_row() -> None:
    assert sorted(in_threads(4, lambda: promise("one"))) == [False, False, False, True]
    assert OutboxRow.objects.count() == 1


@pytest.mark.committed
def test_two_who_claim_at_once_never_hold_the_same_row() -> None:
    for number in range(20):
        promise(f"row {number}")
    claimed = in_threads(4, lambda: [row.pk for row in outbox.claim(n=5, now=NOW)])
    held = [pk for rows in claimed for pk in rows]
    assert len(held) == len(set(held))
    held += [row.pk for row in outbox.claim(n=20, now=NOW)]
    assert sorted(held) == sorted(OutboxRow.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_what_is_not_due_is_left_alone() -> None:
    promise("later", at=NOW + timedelta(seconds=1))
    assert outbox.claim(n=1, now=NOW) == []
    assert len(outbox.claim(n=1, now=NOW + timedelta(seconds=1))) == 1


@pytest.mark.django_db
def test_the_longest_due_comes_first() -> None:
    promise("second", at=NOW)
    promise("first", at=NOW - timedelta(hours=1))
    assert [row.key for row in outbox.claim(n=2, now=NOW)] == ["first", "second"]


@pytest.mark.django_db
def test_a_row_whose_holder_died_comes_back_after_its_lease() -> None:
    promise("one")
    outbox.claim(n=1, now=NOW)
    assert outbox.claim(n=1, now=NOW + outbox.LEASE - timedelta(seconds=1)) == []
    (row,) = outbox.claim(n=1, now=NOW + outbox.LEASE)
    assert row.attempts == 2


@pytest.mark.django_db
def test_whoever_lost_the_lease_can_neither_complete_nor_fail() -> None:
    promise("one")
    (late,) = outbox.claim(n=1, now=NOW)
    (present,) = outbox.claim(n=1, now=NOW + outbox.LEASE)
    after = NOW + outbox.LEASE
    assert outbox.complete(late, now=after) is False
    assert outbox.fail(late, error="TimeoutError", now=after) is False
    assert outbox.complete(present, now=after) is True
    assert outbox.complete(present, now=after) is False


@pytest.mark.django_db
def test_a_row_that_is_done_is_never_claimed_again() -> None:
    promise("one")
    (row,) = outbox.claim(n=1, now=NOW)
    outbox.complete(row, now=NOW)
    assert outbox.claim(n=1, now=NOW + timedelta(days=400)) == []


@pytest.mark.django_db
def test_each_failure_waits_twice_as_long_up_to_an_hour_and_the_last_gives_up() -> None:
    promise("one")
    now, waits = NOW, []
    for _ in range(outbox.ATTEMPTS):
        (row,) = outbox.claim(n=1, now=now)
        assert outbox.fail(row, error="TimeoutError", now=now)
        kept = OutboxRow.objects.get()
        waits.append(kept.due_at - now)
        now = kept.due_at
    assert [wait.total_seconds() for wait in waits[:4]] == [30, 60, 120, 240]
    assert max(waits) == outbox.LONGEST_WAIT
    assert kept.gave_up_at is not None
    assert kept.last_error == "TimeoutError"
    assert outbox.claim(n=1, now=now + timedelta(days=400)) == []


@pytest.mark.django_db
def test_a_row_that_kills_its_workers_is_given_up_too() -> None:
    promise("poison")
    now = NOW
    for _ in range(outbox.ATTEMPTS):
        assert len(outbox.claim(n=1, now=now)) == 1
        now += outbox.LEASE
    assert outbox.claim(n=1, now=now) == []
    assert OutboxRow.objects.get().last_error == "LEASE_LOST"


@pytest.mark.django_db
def test_the_backlog_tells_how_old_the_oldest_due_promise_is() -> None:
    promise("old", at=NOW - timedelta(hours=2))
    promise("new")
    promise("later", at=NOW + timedelta(hours=1))
    OutboxRow.objects.create(key="lost", topic="test", payload={}, due_at=NOW, gave_up_at=NOW)
    assert outbox.backlog(now=NOW) == outbox.Backlog(
        waiting=2, oldest_due_at=NOW - timedelta(hours=2), given_up=1
    )


@pytest.mark.django_db
def test_an_empty_backlog_has_no_oldest() -> None:
    assert outbox.backlog(now=NOW) == outbox.Backlog(waiting=0, oldest_due_at=None, given_up=0)


@pytest.mark.django_db
def test_a_lease_is_whole_and_an_ended_row_has_none() -> None:
    promise("one")
    broken: list[dict[str, object]] = [
        {"lease_token": uuid4()},
        {"leased_until": NOW},
        {"done_at": NOW, "gave_up_at": NOW},
        {"done_at": NOW, "lease_token": uuid4(), "leased_until": NOW},
    ]
    for change in broken:
        with pytest.raises(Exception, match="outbox_"), transaction.atomic():
            OutboxRow.objects.update(**change)


# The doorbell ------------------------------------------------------------------------------


@pytest.fixture
def deaf_broker() -> Iterator[str]:
    """Takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def no_broker() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def bell_of() -> Iterator[Callable[[str], None]]:
    """Points the doorbell at a broker; put back at the end."""
    with ExitStack() as stack:
        yield lambda broker: stack.enter_context(broker_at(broker))


def seconds_to_ring() -> float:
    start = time.monotonic()
    outbox.nudge()
    return time.monotonic() - start


def test_a_broker_that_is_down_costs_a_step_less_than_a_second(bell_of, no_broker) -> None:
    bell_of(no_broker)
    assert seconds_to_ring() < 1


def test_a_broker_that_hangs_costs_a_step_less_than_a_second(bell_of, deaf_broker) -> None:
    bell_of(deaf_broker)
    assert 0.3 < seconds_to_ring() < 1


def test_after_one_failure_the_bell_is_left_alone_for_a_while(bell_of, deaf_broker) -> None:
    bell_of(deaf_broker)
    outbox.nudge()
    assert seconds_to_ring() < 0.05
    nudge.Bell.quiet_until = time.monotonic() - 1
    assert seconds_to_ring() > 0.3


@pytest.mark.committed
def test_with_the_broker_down_a_promise_is_kept_and_nothing_is_refused(bell_of, no_broker) -> None:
    bell_of(no_broker)
    assert promise("one") is True
    assert [row.key for row in outbox.claim(n=1, now=NOW)] == ["one"]
