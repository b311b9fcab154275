"""No letter is given to be sent, called back or noted as gone without an entry about its request."""

from django.db import migrations

from audit.coupling import couple_child


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0043_letter_mail"), ("audit", "0002_guards")]

    operations = couple_child("disclosures_lettermail", "request_id", "request")
