"""A published version of the policy stays as it was: requests point at what it said on their day."""

from django.db import migrations

STAYS = """
CREATE TRIGGER a_version_stays BEFORE UPDATE ON privacy_policyversion
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE privacy_policyversion ENABLE ALWAYS TRIGGER a_version_stays;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE UPDATE, DELETE ON privacy_policyversion FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_coupling")]

    operations = [migrations.RunSQL(STAYS)]
