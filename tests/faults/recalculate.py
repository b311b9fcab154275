"""A process that counts the open clocks again and does nothing else: python -m tests.faults.recalculate"""

import django
from django.utils import timezone

if __name__ == "__main__":
    django.setup()
    from disclosures.services.recalculating import continue_runs

    continue_runs(now=timezone.now())
