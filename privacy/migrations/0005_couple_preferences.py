"""No preference without its entry, none that changes, and none that loses whom it is about."""

from django.db import migrations

from audit.coupling import couple_child, couple_object

STAYS = """
CREATE TRIGGER a_preference_stays BEFORE UPDATE ON privacy_preference
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE privacy_preference ENABLE ALWAYS TRIGGER a_preference_stays;
CREATE TRIGGER a_preference_stays BEFORE UPDATE OR DELETE ON privacy_preferencemark
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE privacy_preferencemark ENABLE ALWAYS TRIGGER a_preference_stays;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN
        REVOKE UPDATE, DELETE ON privacy_preference, privacy_preferencemark FROM app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("privacy", "0004_preferences"), ("audit", "0002_guards")]

    operations = [
        *couple_object("preference", "privacy_preference", "ref"),
        *couple_child("privacy_preferencemark", "preference_id", "preference"),
        migrations.RunSQL(STAYS),
    ]
