"""The REST API of v1 as an ASGI app."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from callbackkit.bxml.text import masked
from callbackkit.carrier.server.api_server import ApiServer
from callbackkit.carrier.server.rejections import Rejection
from callbackkit.carrier.server.routing import routed
from callbackkit.carrier.server.serving import served_in
from callbackkit.security import BasicAuth
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.server import resources
from callbackkit.v1.carrier.server.limits import limit_of, limits_of
from callbackkit.v1.carrier.server.rejections import RestRejection, error_body
from callbackkit.v1.carrier.server.request import Request
from callbackkit.v1.carrier.server.resources import media

PREFIX = "/v1"

SERVED = served_in(resources)


def rest_app(carrier: Carrier, act: Callable[..., Any]) -> Callable[..., Any]:
    """Return the REST API of a carrier, below /v1 and below the path of its base URL.

    `act` is that of the carrier's driver, in whose event loop the app has to run: everything that
    the API does to the carrier goes through it.
    """
    server = Server(carrier, act, limits_of(carrier))
    prefixes = {PREFIX, urlsplit(carrier.base_url).path.rstrip("/")}
    return routed(server, dict.fromkeys(prefixes, SERVED), with_slashes=["name"])


class Server(ApiServer[Carrier]):
    """The server of v1: credentials by Basic, a user in the path, errors kept."""

    rejection_class = RestRejection
    docs = "errors"

    def path_of(self, path: str) -> str:
        """Return the path below the user's, or the whole one where there is no user in it."""
        user = f"/users/{self.carrier.account.user_id}"
        return path.removeprefix(user) if path.startswith(f"{user}/") else path

    def subject_of(self, request: Request) -> str:
        """Return the id of the call or message that the path names, "" for none."""
        call, message = request.parameters.get("call_id"), request.parameters.get("message_id")
        if call in self.carrier.calls or message in self.carrier.messages:
            return call or message or ""
        return ""

    def authorise(self, request: Request, scope: Any) -> None:
        """Raise RestRejection for other credentials, and for the path of another user."""
        account = self.carrier.account
        refused = BasicAuth((account.token, account.secret)).check_headers(scope["headers"])
        if refused is not None:
            raise RestRejection(
                "invalid-credentials",
                headers={"www-authenticate": 'Basic realm="carrier", charset="UTF-8"'},
            )
        user = request.parameters.get("user_id", account.user_id)
        if user != account.user_id:
            raise RestRejection("user-access-denied", account.user_id, user)

    def limit_of(self, request: Request) -> str | None:
        """Return the name of the rate limit that a request counts against."""
        return limit_of(request.method, request.path)

    def ids_in(self, request: Request) -> list[str]:
        """Return the ids in the path, without the user's."""
        return [value for name, value in request.parameters.items() if name != "user_id"]

    def max_body(self, request: Request) -> int:
        """Return how many bytes the body may have: a PUT has a file."""
        if request.method != "PUT":
            return super().max_body(request)
        media.declared_size(request)
        return media.MAX_SIZE

    def too_large(self, request: Request, size: int) -> Rejection:
        """Return the error for a body of `size` bytes, which are too many."""
        if request.method != "PUT":
            return super().too_large(request, size)
        return RestRejection("media-size-overflow", size, media.MAX_SIZE)

    def error_body(self, rejection: Rejection, request: Request) -> dict[str, Any]:
        """Return the JSON of an error, with the request that it is about."""
        return error_body(rejection, _about(request))

    def note(self, rejection: Rejection, request: Request) -> None:
        """Add an error to those that `GET /errors` lists (methods/errors/getErrorsErrorId)."""
        self.carrier.note_error(
            rejection.category,
            rejection.code,
            rejection.message or "",
            **{**rejection.details, **_about(request)},
        )


def _about(request: Request) -> dict[str, str]:
    """Return the details of every error (rateLimits/resourceRateLimits)."""
    return {
        "requestMethod": request.method,
        "remoteAddress": request.remote,
        "requestPath": masked(request.full_path).lstrip("/")[:200],
    }
