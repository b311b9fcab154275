"""Cosignatures are added and stay, like everything else of the log.

This text is frozen: a change is a new migration.
"""

from django.db import migrations

GUARDS = """
CREATE TRIGGER audit_never BEFORE UPDATE OR DELETE ON audit_cosignature
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_cosignature ENABLE ALWAYS TRIGGER audit_never;
CREATE TRIGGER audit_never_truncated BEFORE TRUNCATE ON audit_cosignature EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_cosignature ENABLE ALWAYS TRIGGER audit_never_truncated;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE ALL ON audit_cosignature FROM app;
        GRANT SELECT ON audit_cosignature TO app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sequencer') THEN
        GRANT SELECT, INSERT ON audit_cosignature TO sequencer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auditor') THEN
        GRANT SELECT ON audit_cosignature TO auditor;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_cosignatures")]

    operations = [migrations.RunSQL(GUARDS)]
