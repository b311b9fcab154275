"""The planner's statistics keep samples of a column's values: of the salts' boxes too, after they were taken away."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0013_payloads_go_with_their_key")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE audit_payload ALTER COLUMN box SET STATISTICS 0;",
            "ALTER TABLE audit_payload ALTER COLUMN box SET STATISTICS -1;",
        )
    ]
