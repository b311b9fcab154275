"""No hold is asked for, confirmed, moved or ended without an entry about its request."""

from django.db import migrations

from audit.coupling import couple_child


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0036_holds"), ("audit", "0002_guards")]

    operations = [
        operation
        for table in ("disclosures_holdtask", "disclosures_holdline")
        for operation in couple_child(table, "request_id", "request")
    ]
