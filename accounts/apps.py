"""The app of those who act."""

from importlib import import_module

from django.apps import AppConfig

from audit.hooks import use_people


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and organisations"

    def ready(self) -> None:
        import_module("accounts.sign_in")
        use_people(import_module("accounts.log_readers").LogReaders())
