"""No clearance without its entry in the log; rows are added and stay.

This text is frozen: a change is a new migration.
"""

from django.db import migrations

from audit.coupling import couple_object

KEPT = """
CREATE TRIGGER audit_never_changed BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_never_changed;
"""
RIGHTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE ALL ON audit_clearance, audit_clearanceend FROM app;
        GRANT SELECT, INSERT ON audit_clearance, audit_clearanceend TO app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0009_clearances")]

    operations = [
        *couple_object("clearance", "audit_clearance", "ref"),
        *couple_object("clearance_end", "audit_clearanceend", "ref"),
        migrations.RunSQL(KEPT.format(table="audit_clearance")),
        migrations.RunSQL(KEPT.format(table="audit_clearanceend")),
        migrations.RunSQL(RIGHTS),
    ]
