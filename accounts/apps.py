"""The app of those who act."""

from importlib import import_module

from django.apps import AppConfig

from audit.hooks import digest_rows_of, use_people


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and organisations"

    def ready(self) -> None:
        import_module("accounts.sign_in")
        import_module("accounts.breached")
        digest_rows_of("membership", 1)
        use_people(import_module("accounts.log_readers").LogReaders())
