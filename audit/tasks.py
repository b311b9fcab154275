"""The worker of the queue `audit`. Rung after commits and by beat; the bell carries no meaning."""

from celery import shared_task
from django.utils import timezone

from . import checking, outside
from .models import Log
from .sequencer import Sequencer

_SEQUENCERS = [Sequencer(log) for log in Log.values]


@shared_task(name="audit.sequence", ignore_result=True, acks_late=True)
def sequence(**_: object) -> None:
    for sequencer in _SEQUENCERS:
        sequencer.drain()


@shared_task(name="audit.verify", ignore_result=True, acks_late=True)
def verify(**_: object) -> None:
    """What a reader asked for on the page. It may take minutes, so the sequencer has two processes."""
    for log in Log.values:
        checking.work(log)


@shared_task(name="audit.copies", ignore_result=True, acks_late=True)
def copies(**_: object) -> None:
    """The newest checkpoints to where we cannot take them back."""
    outside.send_out(now=timezone.now())
