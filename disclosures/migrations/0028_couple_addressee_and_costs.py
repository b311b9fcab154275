"""Legal's answers and what was spent are written once, each with its entry."""

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
TABLES = ("disclosures_addresseeanswer", "disclosures_cost")


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0027_addressee_and_costs"), ("audit", "0002_guards")]

    operations = [
        operation
        for table in TABLES
        for operation in (
            *couple_child(table, "request_id", "request"),
            migrations.RunSQL(ADDED_TO.format(table=table), migrations.RunSQL.noop),
        )
    ]
