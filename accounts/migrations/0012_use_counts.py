"""How often somebody searched or took a file out in the last minutes, as digests."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_rows_of_roles")]

    operations = [
        migrations.CreateModel(
            name="UseCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("who", models.CharField(max_length=32)),
                ("began_at", models.DateTimeField()),
                ("times", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "who"), name="one_count_for_each_kind_of_use")]
            },
        ),
    ]  # fmt: skip
