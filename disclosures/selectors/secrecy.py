"""Whether a request's secrecy was ended by two of its members."""

from ..models import Request, SecrecyEnd


def secrecy_has_ended(request: Request) -> bool:
    return not request.restricted and SecrecyEnd.objects.filter(request=request, confirmed=True).exists()
