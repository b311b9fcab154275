"""Where the sentences wait that the next page says: in a signed cookie under the prefix of all our cookies, else the session."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest


class InACookie(CookieStorage):
    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.cookie_name = f"{settings.COOKIE_PREFIX}messages"


class FirstInACookie(FallbackStorage):
    storage_classes = (InACookie, SessionStorage)
