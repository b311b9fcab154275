"""Who held which role when: the entry of a role says what its row holds, and verifying compares it."""

from django.db import migrations

from audit.coupling import Rows, digest_rows

COLUMNS = ("ref", "user_id", "organisation_id", "role", "valid_from", "valid_until")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_holdings"), ("audit", "0008_rows")]

    operations = digest_rows(
        "membership", "accounts_membership", "ref", {"terms": [Rows("accounts_membership", COLUMNS, "id")]}
    )
