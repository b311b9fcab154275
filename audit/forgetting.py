"""Taking away what stands behind commitments whose key is destroyed. Entries, leaves and proofs are not touched."""

from django.db import connection


def forget_payloads(*, object_type: str, ref: str) -> int:
    """Deletes the object's sealed salts and values that the database lets go; of how many. Inside the caller's change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_forget_payloads(%s, %s)", [object_type, ref])
        return int(cursor.fetchone()[0])
