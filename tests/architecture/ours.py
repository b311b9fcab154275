"""The models that are ours, found by reflection."""

from django.apps import apps
from django.db import models

from .source import APPS


def our_models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]
