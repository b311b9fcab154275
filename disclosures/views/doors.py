"""What every page of a request shares: the door, the clock, and the way a refusal is shown."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import User
from accounts.rates import count_use
from accounts.step_up import need_fresh_proof
from audit.entries import Seen

from .. import selectors
from ..models import Request
from ..states import Perm

Args = ParamSpec("Args")
Page = Callable[Concatenate[HttpRequest, Args], HttpResponse]


def desk_page(view: Page[Args]) -> Page[Args]:
    """A page for signed-in people: never cached, and what is missing or forbidden is the same 404."""

    @wraps(view)
    def page(request: HttpRequest, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except selectors.NotThere:
            raise Http404 from None

    return cast("Page[Args]", never_cache(login_required(page)))


def person(request: HttpRequest) -> User:
    """The signed-in person. Identity is never a field of a form."""
    assert isinstance(request.user, User)  # noqa: S101 -- login_required stands in front
    return request.user


def moment() -> datetime:
    """Time is read here, at the edge, and handed inwards."""
    return timezone.now()


def prove_again(request: HttpRequest, case: Request, back: str = "") -> None:
    """A proof of who this is that is minutes old; asked for in the log that may know of the case."""
    obj = Seen("request", case.reference, case.version)
    need_fresh_proof(request, log=case.log, ref=case.reference, back=back, obj=obj)


def take_out(request: HttpRequest, case: Request, back: str) -> None:
    """What leaves the desk as a file: with a fresh proof, and not more often than anybody works."""
    prove_again(request, case, back)
    count_use(request, "file")


def through_the_door(
    request: HttpRequest, reference: str, perm: Perm, *, stones: bool = False
) -> tuple[Request, User, datetime]:
    """The request, if this person may; else NotThere, which `desk_page` makes a 404."""
    user, now = person(request), moment()
    return selectors.request_for(user, reference, perm, now, stones=stones), user, now
