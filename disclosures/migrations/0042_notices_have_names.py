"""A notice is named by chance in an address: its number would count those of requests that are secret."""

import uuid

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0041_rows_of_requests")]

    operations = [
        migrations.AddField(
            model_name="personalnotice",
            name="ref",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                default=uuid.uuid4,
                editable=False,
                unique=True,
            ),
        ),
    ]
