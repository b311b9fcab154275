"""The text of a letter changes by a new version with its entry; what was written stays as it was."""

from django.db import migrations

from audit.coupling import couple_object

STAYS = """
CREATE TRIGGER a_wording_stays BEFORE UPDATE ON disclosures_letterwording
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE disclosures_letterwording ENABLE ALWAYS TRIGGER a_wording_stays;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE UPDATE, DELETE ON disclosures_letterwording FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0010_letter_wording"), ("audit", "0002_guards")]

    operations = [
        *couple_object("letter_wording", "disclosures_letterwording", "ref"),
        migrations.RunSQL(STAYS, migrations.RunSQL.noop),
    ]
