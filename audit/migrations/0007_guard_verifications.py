"""A verification is asked for by the pages and done by the sequencer; what came of it stays.

This text is frozen: a change is a new migration.
"""

from django.db import migrations

GUARDS = """
CREATE TRIGGER audit_never BEFORE DELETE ON audit_verification
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_verification ENABLE ALWAYS TRIGGER audit_never;
CREATE TRIGGER audit_never_truncated BEFORE TRUNCATE ON audit_verification EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_verification ENABLE ALWAYS TRIGGER audit_never_truncated;
CREATE TRIGGER audit_ended_stays BEFORE UPDATE ON audit_verification
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_verification ENABLE ALWAYS TRIGGER audit_ended_stays;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE ALL ON audit_verification FROM app;
        GRANT SELECT, INSERT ON audit_verification TO app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sequencer') THEN
        GRANT SELECT, UPDATE ON audit_verification TO sequencer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auditor') THEN
        GRANT SELECT ON audit_verification TO auditor;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_verifications")]

    operations = [migrations.RunSQL(GUARDS)]
