"""What a second period hangs on is written once, with its entry."""

from django.db import migrations

from audit.coupling import couple_child

ADDED_TO = """
CREATE TRIGGER is_only_added_to BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER is_only_added_to;
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER is_never_emptied;
"""
TABLE = "disclosures_periodevent"


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0075_second_periods"), ("audit", "0002_guards")]

    operations = [
        *couple_child(TABLE, "request_id", "request"),
        migrations.RunSQL(ADDED_TO.format(table=TABLE), migrations.RunSQL.noop),
    ]
