"""No application for a credit check is written down or changed without an entry about its request."""

from django.db import migrations

from audit.coupling import couple_child


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0031_credit_applications"), ("audit", "0002_guards")]

    operations = couple_child("disclosures_creditapplication", "request_id", "request")
