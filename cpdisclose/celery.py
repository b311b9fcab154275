"""The worker's application. The broker is a doorbell; PostgreSQL is the memory."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpdisclose.settings")

app = Celery("cpdisclose")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
