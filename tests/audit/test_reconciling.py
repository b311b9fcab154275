"""Everything that is compared with the log is of one moment, and a cosignature is of whom it is shown as."""

import pytest

from audit import reconciling, rows, verifying

from .conftest import default_connection, entry, tampering
from .desk import make_office
from .log_desk import LogDesk

TOLD = """
INSERT INTO audit_entry (id, at, log, event, actor, object_type, object_ref, object_version, body)
SELECT (told ->> 'id')::bigint, (told ->> 'at')::timestamptz, 'main', told ->> 'event', 'u_tester', 'folder', 'F-1',
    (told #>> '{object,version}')::integer, body
FROM (SELECT %s::bytea AS body) AS given, LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS told) AS read
"""

pytestmark = pytest.mark.committed


@pytest.fixture
def desk(committed_db):
    with committed_db.connect("owner") as owner:
        yield LogDesk(committed_db, owner)


def words(desk):
    with default_connection(desk.database, "auditor"):
        report = verifying.verify("main")
        reconciling.reconcile("main", report)
    return [fault.words for fault in report.faults]


def test_what_is_committed_meanwhile_is_of_another_moment(desk, monkeypatch):
    """Else a role that ends while its entries are compared with its row would be an alarm."""
    make_office()
    desk.sign()
    original = rows._digests

    def meanwhile(kind, form, refs):
        with tampering(desk.owner):
            desk.owner.execute("ALTER TABLE accounts_membership DISABLE TRIGGER USER")
            desk.owner.execute("UPDATE accounts_membership SET valid_until = now() + interval '1 day'")
            desk.owner.execute("ALTER TABLE accounts_membership ENABLE TRIGGER USER")
        return original(kind, form, refs)

    with monkeypatch.context() as patched:
        patched.setattr(rows, "_digests", meanwhile)
        assert words(desk) == []
    assert any("are not those of its last entry" in said for said in words(desk))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("— other.example/w1 AAAAAAA=\n", "is none of witness.example/w1"),
        ("no signature at all\n", "A signature line is"),
    ],
)
def test_a_cosignature_of_somebody_else_is_named(desk, line, named):
    desk.write(3)
    desk.owner.execute(
        "INSERT INTO audit_cosignature (log, size, witness, line) VALUES ('main', %s, 'witness.example/w1', %s)",
        [desk.sizes[-1], line],
    )
    assert [named in said for said in words(desk)] == [True]


def test_a_version_that_stands_twice_makes_up_for_none_that_is_missing(desk):
    """As many versions as the last one says, by somebody with the right to take the index away."""
    desk.owner.execute("DROP INDEX audit_one_entry_per_version")
    with tampering(desk.owner):
        for version in (1, 2, 2, 4):
            about = {"type": "folder", "ref": "F-1", "version": version}
            desk.owner.execute(TOLD, [entry(event="folder.changed", object=about)])
    desk.sign()
    assert "Version 2 of folder F-1 does not follow the one before it." in words(desk)
