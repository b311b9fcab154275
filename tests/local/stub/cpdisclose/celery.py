import os

from celery import Celery

app = Celery("stub", broker=os.environ["REDIS_URL"])
