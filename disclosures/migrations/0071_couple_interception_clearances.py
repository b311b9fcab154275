"""Nobody is cleared for interception, and no clearance ends, without its entry; rows are added and stay."""

from django.db import migrations

from audit.coupling import Rows, couple_object, digest_rows

GIVEN = ("seal_id", "ref", "user_id", "vetting", "valid_from", "valid_until", "given_at", "given_by_id")
ENDED = ("ref", "ended_at", "ended_by_id")
ADDED_TO = """
CREATE TRIGGER is_only_added_to BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER is_only_added_to;
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER is_never_emptied;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE UPDATE, DELETE ON {table} FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0070_interception_clearances"), ("audit", "0008_rows")]

    operations = [
        operation
        for kind, table, columns in (
            ("interception_clearance", "disclosures_interceptionclearance", GIVEN),
            ("interception_clearance_end", "disclosures_interceptionclearanceend", ENDED),
        )
        for operation in (
            *couple_object(kind, table, "ref"),
            *digest_rows(kind, table, "ref", {"terms": [Rows(table, columns, "id")]}),
            migrations.RunSQL(ADDED_TO.format(table=table), migrations.RunSQL.noop),
        )
    ]
