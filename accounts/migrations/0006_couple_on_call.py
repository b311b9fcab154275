"""Nobody comes on or off the on-call list without an entry about the company."""

from django.db import migrations

from audit.coupling import couple_child


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_on_call"), ("audit", "0002_guards")]

    operations = couple_child("accounts_oncall", "organisation_id", "organisation")
