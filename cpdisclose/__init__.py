"""Wiring only: settings, addresses, the worker's app and the local servers."""

from .celery import app as celery_app

__all__ = ["celery_app"]
