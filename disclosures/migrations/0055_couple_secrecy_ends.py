"""No end of a secrecy is proposed, confirmed or turned down without an entry about its request."""

from django.db import migrations

from audit.coupling import couple_child

# What was proposed is not rewritten, and what was decided is not undone.
STAYS = """
CREATE TRIGGER proof_stays BEFORE UPDATE OR DELETE ON disclosures_secrecyend
    FOR EACH ROW EXECUTE FUNCTION disclosures_proof_stays('decided_at', 'decided_at decided_by_id confirmed why');
ALTER TABLE disclosures_secrecyend ENABLE ALWAYS TRIGGER proof_stays;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0054_secrecy_ends"), ("audit", "0002_guards")]

    operations = [
        *couple_child("disclosures_secrecyend", "request_id", "request"),
        migrations.RunSQL(STAYS, migrations.RunSQL.noop),
    ]
