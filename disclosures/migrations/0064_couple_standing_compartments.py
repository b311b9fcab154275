"""Nobody is named to a standing compartment, or gets another end there, without an entry that says what the row holds."""

from django.db import migrations

from audit.coupling import Rows, couple_object, digest_rows

COLUMNS = (
    "seal_id", "ref", "cell", "user_id", "role", "reason", "valid_from", "valid_until", "ended_at", "added_by_id",
)  # fmt: skip
NEVER_DELETED = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE DELETE ON disclosures_cellmember FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0063_standing_compartments"), ("audit", "0008_rows")]

    operations = [
        *couple_object("cell_member", "disclosures_cellmember", "ref"),
        *digest_rows(
            "cell_member",
            "disclosures_cellmember",
            "ref",
            {"terms": [Rows("disclosures_cellmember", COLUMNS, "id")]},
        ),
        migrations.RunSQL(NEVER_DELETED, migrations.RunSQL.noop),
    ]
