"""Production's application, loaded whole before gunicorn forks, so that a killed process is back at once."""

from django.urls import resolve

from cpdisclose.wsgi import application

__all__ = ["application"]
resolve("/healthz")
