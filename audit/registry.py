"""The closed list of events. Each app names its own in `audit_events.py`, as `EVENTS`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType

from django.apps import apps
from django.utils.module_loading import module_has_submodule

_events: dict[str, "EventSpec"] = {}


class UnknownEvent(LookupError):
    """Nothing is written under a name that no `audit_events.py` has."""


@dataclass(frozen=True)
class EventSpec:
    """`changes`: such an entry is about a new version of an object. `words` is what a reader sees."""

    name: str
    changes: bool
    words: str


def register(events: Iterable[EventSpec]) -> None:
    for event in events:
        if _events.setdefault(event.name, event) != event:
            raise ValueError(f"The event {event.name} is registered twice, with different meanings.")


def discover() -> None:
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "audit_events"):
            register(import_module(f"{config.name}.audit_events").EVENTS)


def spec(name: str) -> EventSpec:
    try:
        return _events[name]
    except KeyError:
        raise UnknownEvent(f"{name} is in no audit_events.py.") from None


def all_events() -> Mapping[str, EventSpec]:
    return MappingProxyType(_events)
