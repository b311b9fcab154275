"""What is made up, or starts over, never touches a database that the launcher did not make."""

import os

from django.core.management.base import CommandError
from django.db import connection

PREFIX = "cpdisclose.local "


def demo_database_guard() -> None:
    """Raises CommandError unless the connected database carries the mark of this checkout's launcher.

    The mark is a comment on the database, equal to LOCAL_DATABASE_MARK, which only the launcher sets.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_database(), shobj_description(oid, 'pg_database')"
            " FROM pg_database WHERE datname = current_database()"
        )
        name, mark = cursor.fetchone()
    expected = os.environ.get("LOCAL_DATABASE_MARK", "")
    if not expected.startswith(PREFIX) or mark != expected:
        raise CommandError(
            f"The database “{name}” was not made by script/server of this checkout, so no demo data goes in. "
            "Use script/server without DATABASE_URL for a demo, or script/manage set_up for a real start."
        )
