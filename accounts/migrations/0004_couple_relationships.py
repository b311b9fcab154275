"""No evidence of a relationship comes, changes or goes without an entry about the organisation."""

from django.db import migrations

from audit.coupling import couple_child


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_relationships"), ("audit", "0002_guards")]

    operations = couple_child("accounts_relationship", "company_id", "organisation")
