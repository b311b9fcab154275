"""Whether the person is told is written once, with its entry."""

from django.db import migrations

from audit.coupling import couple_child

TABLE = "disclosures_subjectnotice"
ADDED_TO = f"""
CREATE TRIGGER is_only_added_to BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER is_only_added_to;
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER is_never_emptied;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0066_notices_to_the_person"), ("audit", "0002_guards")]

    operations = [
        *couple_child(TABLE, "request_id", "request"),
        migrations.RunSQL(ADDED_TO, migrations.RunSQL.noop),
    ]
