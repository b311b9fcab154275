"""What is known of copies that left the house is added and stays.

This text is frozen: a change is a new migration.
"""

from django.db import migrations

GUARDS = """
CREATE TRIGGER audit_never BEFORE UPDATE OR DELETE ON audit_outsidecopy
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_outsidecopy ENABLE ALWAYS TRIGGER audit_never;
CREATE TRIGGER audit_never_truncated BEFORE TRUNCATE ON audit_outsidecopy EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_outsidecopy ENABLE ALWAYS TRIGGER audit_never_truncated;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE ALL ON audit_outsidecopy FROM app;
        GRANT SELECT, INSERT ON audit_outsidecopy TO app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sequencer') THEN
        GRANT SELECT, INSERT ON audit_outsidecopy TO sequencer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auditor') THEN
        GRANT SELECT ON audit_outsidecopy TO auditor;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0011_outside_copies")]

    operations = [migrations.RunSQL(GUARDS)]
