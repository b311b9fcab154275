"""The planner's statistics keep samples of a column's values: of wrapped keys too, after they were erased."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sealing", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE sealing_datakey ALTER COLUMN wrapped SET STATISTICS 0;",
            "ALTER TABLE sealing_datakey ALTER COLUMN wrapped SET STATISTICS -1;",
        )
    ]
