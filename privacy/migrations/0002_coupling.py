"""No policy version without its entry in the log."""

from django.db import migrations

from audit.coupling import couple_object


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial"), ("audit", "0002_guards")]

    operations = [*couple_object("policy_version", "privacy_policyversion", "ref")]
