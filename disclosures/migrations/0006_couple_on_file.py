"""Nothing is put on the file, changed or taken off without its entry; what was said stays as it was written."""

from django.db import migrations

from audit.coupling import couple_child

PARTS = ("document", "documentcontent", "correspondence", "comment", "requestlink")
ADDED_TO = """
CREATE TRIGGER is_only_added_to BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER is_only_added_to;
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER is_never_emptied;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0005_on_file"), ("audit", "0002_guards")]

    operations = [
        *[
            operation
            for part in PARTS
            for operation in couple_child(f"disclosures_{part}", "request_id", "request")
        ],
        *[
            migrations.RunSQL(ADDED_TO.format(table=f"disclosures_{part}"), migrations.RunSQL.noop)
            for part in ("correspondence", "comment")
        ],
    ]
