"""The database knows the workflow too, word for word."""

import pytest
from django.db import connection

from disclosures.states import Action, State
from disclosures.workflow import TRANSITIONS

pytestmark = pytest.mark.django_db


def test_the_triggers_arrows_are_the_tables_arrows() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT source, action, target
            FROM unnest(%(states)s::text[]) AS source, unnest(%(actions)s::text[]) AS action, unnest(%(states)s::text[]) AS target
            WHERE disclosures_is_arrow(source, action, target)
            """,
            {"states": [*State, "NOWHERE"], "actions": [*Action, "NOTHING"]},
        )
        known = set(cursor.fetchall())
    assert known == {(str(row.source), str(row.action), str(row.target)) for row in TRANSITIONS}
