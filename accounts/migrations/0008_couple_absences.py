"""Nobody's leave is written down or taken back without an entry about them."""

from django.db import migrations

from audit.coupling import couple_child


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_absences"), ("audit", "0002_guards")]

    operations = couple_child("accounts_absence", "user_id", "user")
