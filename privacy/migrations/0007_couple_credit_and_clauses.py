"""Agencies and terms change with their entry; what a published version says of its registers stays as it was."""

from django.db import migrations

from audit.coupling import couple_child, couple_object

STAYS = """
CREATE TRIGGER a_clause_stays BEFORE UPDATE OR DELETE ON privacy_policyclause
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE privacy_policyclause ENABLE ALWAYS TRIGGER a_clause_stays;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE UPDATE, DELETE ON privacy_policyclause FROM app;
        REVOKE DELETE ON privacy_creditagency, privacy_termsversion FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("privacy", "0006_credit_and_clauses"), ("audit", "0002_guards")]

    operations = [
        *couple_object("credit_agency", "privacy_creditagency", "ref"),
        *couple_object("terms", "privacy_termsversion", "ref"),
        *couple_child("privacy_policyclause", "policy_id", "policy_version"),
        migrations.RunSQL(STAYS),
    ]
