"""A million entries: whatever is asked, the page is read down an index."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from .desk import browser, make_office

pytestmark = pytest.mark.committed

MILLION = 1_000_000
YEARS = timedelta(days=730)
BEGAN = datetime(2024, 11, 24, tzinfo=UTC)

# Triggers and the indexes of the page are away while it runs; columns and bodies agree as the trigger makes them.
FILL = """
INSERT INTO audit_entry (id, xid, at, log, event, actor, object_type, object_ref, seen_version, body)
SELECT n * 7919::bigint, n::text::xid8, %(began)s::timestamptz + %(span)s::interval * (n / %(count)s::float),
    CASE WHEN n %% 20 = 0 THEN 'sealed' ELSE 'main' END,
    (ARRAY['request.viewed','request.viewed','request.viewed','request.step_taken','session.started','log.viewed'])
        [1 + n %% 6],
    CASE WHEN n %% 500 = 0 THEN %(rare)s WHEN n %% 3 = 0 THEN %(busy)s ELSE 'u_' || n %% 40 END,
    'request', 'CP-' || n %% 20000, 1, '{"actor":{"ref":"u"},"detail":{"page":1}}'
FROM generate_series(1, %(count)s) AS n
"""


@pytest.fixture
def million(committed_db):
    office = make_office()
    auditor = browser(office.auditor)
    values = {
        "began": BEGAN, "span": YEARS, "count": MILLION, "rare": office.legal.ref, "busy": office.auditor.ref,
    }  # fmt: skip
    with committed_db.connect("owner") as owner:
        owner.execute("SET maintenance_work_mem = '256MB'")
        owner.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        indexes = owner.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'audit_entry' AND indexname LIKE %s",
            ["audit_entry_by_%"],
        ).fetchall()
        assert len(indexes) == 5
        for name, _ in indexes:
            owner.execute(f"DROP INDEX {name}")
        owner.execute(FILL, values)
        for _, definition in indexes:
            owner.execute(definition)
        owner.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
        owner.execute("ANALYZE audit_entry")
    return office, auditor


def plans(statements):
    """Every node of every plan of the statements that read the log, under the settings the page itself makes."""
    with transaction.atomic(), connection.cursor() as cursor:
        for sql in statements:
            if sql.startswith("SET LOCAL"):
                cursor.execute(sql)
            elif sql.startswith("SELECT") and "audit_" in sql:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
                yield from nodes(cursor.fetchone()[0][0]["Plan"])


def nodes(plan):
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def test_no_page_is_read_by_a_scan_or_a_sort(million):
    office, auditor = million
    filters = {
        "none": {},
        "event": {"event": "session.started"},
        "frequent event": {"event": "request.viewed"},
        "missing event": {"event": "log.refused"},
        "person": {"who": office.auditor.ref},
        "person seldom seen": {"who": "Lena Legal"},
        "person never seen": {"who": "system"},
        "object": {"about": "CP-4711"},
        "missing object": {"about": "CP-none"},
        "from": {"since": "24 11 2025"},
        "to": {"until": "24 11 2025"},
        "one day": {"since": "1 6 2025", "until": "1 6 2025"},
    }
    deepest = {"older": f"{cursor(BEGAN + YEARS * 0.0001)}-1"}
    back = {"newer": f"{cursor(BEGAN)}-1"}
    slow = []
    for name, query in filters.items():
        for place in ({}, deepest, back):
            with CaptureQueriesContext(connection) as caught:
                assert auditor.get(reverse("audit:log"), query | place).status_code == 200
            kinds = {node["Node Type"] for node in plans([one["sql"] for one in caught])}
            assert "Limit" in kinds
            assert not kinds & {"Seq Scan", "Parallel Seq Scan", "Sort", "Incremental Sort"}, (
                name, place, kinds,
            )  # fmt: skip
            slow.append((max(float(one["time"]) for one in caught), name, str(place)))
    assert max(slow)[0] < 0.5, max(slow)


def cursor(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
