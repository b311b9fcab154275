"""What the bank holidays rest on, the runs that move the clocks, and each extension: nothing without its entry."""

from django.db import migrations

from audit.coupling import couple_child, couple_object

ADDED_TO = """
CREATE TRIGGER is_only_added_to BEFORE UPDATE OR DELETE ON disclosures_extension
    FOR EACH ROW EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE disclosures_extension ENABLE ALWAYS TRIGGER is_only_added_to;
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON disclosures_extension
    FOR EACH STATEMENT EXECUTE FUNCTION disclosures_is_only_added_to();
ALTER TABLE disclosures_extension ENABLE ALWAYS TRIGGER is_never_emptied;
"""
NEVER_DELETED = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE DELETE ON disclosures_holidaysource, disclosures_calendarrun FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0013_calendar_runs"), ("audit", "0002_guards")]

    operations = [
        *couple_object("holiday_source", "disclosures_holidaysource", "ref"),
        *couple_object("calendar_run", "disclosures_calendarrun", "ref"),
        *couple_child("disclosures_extension", "request_id", "request"),
        migrations.RunSQL(ADDED_TO, migrations.RunSQL.noop),
        migrations.RunSQL(NEVER_DELETED, migrations.RunSQL.noop),
    ]
