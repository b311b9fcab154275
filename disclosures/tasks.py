"""Thin tasks. They carry no meaning: what is to be done is asked of the database."""

from celery import shared_task
from django.utils import timezone

from accounts.services.sessions import forget_ended_sessions

from .services import audit_packs, delivering, feed, sweeping


@shared_task(name="disclosures.sweep", acks_late=True, ignore_result=True)
def sweep(**_: object) -> None:
    forget_ended_sessions(now=timezone.now())
    sweeping.sweep(now=timezone.now())
    deliver()
    build_packs()


@shared_task(name="disclosures.deliver", acks_late=True, ignore_result=True)
def deliver(**_: object) -> None:
    while delivering.deliver(now=timezone.now()):
        pass


@shared_task(name="disclosures.build_packs", acks_late=True, ignore_result=True)
def build_packs(**_: object) -> None:
    audit_packs.drop_old_packs(now=timezone.now())
    while audit_packs.build_next(now=timezone.now()):
        pass


@shared_task(name="disclosures.import_holidays", acks_late=True, ignore_result=True)
def import_holidays(**_: object) -> None:
    feed.refresh_holidays(now=timezone.now())
