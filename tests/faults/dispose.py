"""A process that destroys what was confirmed and does nothing else: python -m tests.faults.dispose"""

import django
from django.utils import timezone

if __name__ == "__main__":
    django.setup()
    from disclosures.services.destroying import destroy_what_was_confirmed

    destroy_what_was_confirmed(now=timezone.now())
