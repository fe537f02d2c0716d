"""The way of one request: credentials, route, body, declared faults, rate limits, operation."""

import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, Generic, NoReturn, cast
from urllib.parse import parse_qsl

from starlette.responses import Response

from callbackkit.carrier.server.bodies import UnreadableBody, read_content
from callbackkit.carrier.server.rates import RateLimits
from callbackkit.carrier.server.rejections import Rejection
from callbackkit.carrier.server.replies import as_reply, json_reply
from callbackkit.carrier.server.request import C, Request
from callbackkit.carrier.server.serving import Serve
from callbackkit.logs import logger
from callbackkit.rest import Operation
from callbackkit.security import BodyTooLarge, ClientDisconnected

MAX_BODY = 1024 * 1024
"""Bytes of a JSON body (ours: no platform states one)."""
MAX_QUERY_FIELDS = 100


class ApiServer(ABC, Generic[C]):
    """Answers requests for a carrier; a dialect's subclass does what its platform does its own way.

    `act` is that of the carrier's driver: all that a request does to the carrier goes through it.
    """

    rejection_class: ClassVar[type[Rejection]]
    docs: ClassVar[str]
    """The page about errors."""

    def __init__(self, carrier: C, act: Callable[..., Any], limits: RateLimits) -> None:
        self.carrier = carrier
        self.limits = limits
        self._act = act

    # What differs between platforms

    @abstractmethod
    def path_of(self, path: str) -> str:
        """Return a path as declared faults and the journal name it."""

    @abstractmethod
    def subject_of(self, request: Request[C]) -> str:
        """Return the id of the call or message that the path names, "" for none."""

    @abstractmethod
    def authorise(self, request: Request[C], scope: Any) -> None:
        """Raise Rejection unless the request may use what its path names."""

    @abstractmethod
    def limit_of(self, request: Request[C]) -> str | None:
        """Return the name of the rate limit that a request counts against, None for none."""

    @abstractmethod
    def error_body(self, rejection: Rejection, request: Request[C]) -> Any:
        """Return the JSON of an error."""

    def note(self, rejection: Rejection, request: Request[C]) -> None:
        """Keep the error of an authorised request, on a platform that lists them."""

    def max_body(self, request: Request[C]) -> int:
        """Return how many bytes the body may have. Raises Rejection."""
        return MAX_BODY

    def too_large(self, request: Request[C], size: int) -> Rejection:
        """Return the error for a body of `size` bytes, which are too many."""
        reject = self.rejection_class
        return reject(reject.bad_body, reason=f"the body has more than {MAX_BODY} bytes")

    # What they share

    async def handle(
        self,
        served: Mapping[str, tuple[Operation, Serve[C]]],
        product: str,
        scope: Any,
        receive: Any,
        send: Any,
    ) -> None:
        """Answer one request to a product; `served` has the operations of its path by method."""
        request = self._request(product, scope)
        authorised = False
        try:
            self.authorise(request, scope)
            authorised = True
            request.operation, serve = self._find(served, request.method)
            request.content = await read_content(receive, self.max_body(request))
        except Rejection as error:
            serve = partial(_reject, error)
        except BodyTooLarge as error:
            serve = partial(_reject, self.too_large(request, error.args[0]))
        except ClientDisconnected:
            return
        try:
            reply: Response = self._act(self._run, request, serve, authorised)
        except Exception as error:
            reply = self._failed(request, error)
        await reply(scope, receive, send)

    def _request(self, product: str, scope: Any) -> Request[C]:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        text = scope.get("query_string", b"").decode("latin-1")
        query: dict[str, str] = {}
        with suppress(ValueError):  # more fields than any operation has
            query = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS))
        client = scope.get("client")
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        path = path if len(path) < 2 else path.removesuffix("/")
        return Request(
            self.carrier,
            self.limits,
            product,
            scope["method"],
            self.path_of(path),
            path,
            scope.get("path_params", {}),
            query,
            headers,
            client[0] if client else "",
        )

    def _find(
        self, served: Mapping[str, tuple[Operation, Serve[C]]], method: str
    ) -> tuple[Operation, Serve[C]]:
        if method in served:
            return served[method]
        reject = self.rejection_class
        if not served:
            raise reject(reject.unknown_path)
        raise reject(reject.unknown_method, method, headers={"allow": ", ".join(sorted(served))})

    def _run(self, request: Request[C], serve: Serve[C], authorised: bool) -> Response:
        """Carry out a request, which the journal names as the cause of what follows."""
        entry = self.carrier.journal.add(
            self.subject_of(request),
            "rest",
            method=request.method,
            path=request.shown_path,
            status=0,
        )
        try:
            if authorised:
                self._admit(request)
            reply = as_reply(serve(request))
        except Rejection as error:
            reply = self._rejected(request, error, noted=authorised)
        except UnreadableBody as error:
            rejection = self.rejection_class(self.rejection_class.bad_body, reason=str(error))
            reply = self._rejected(request, rejection, noted=authorised)
        except Exception as error:
            reply = self._failed(request, error)
        # The entry comes before all that follows, its status is known last.
        cast(dict[str, Any], entry.data)["status"] = reply.status_code
        return reply

    def _admit(self, request: Request[C]) -> None:
        """Raise Rejection for a declared fault or an exceeded rate limit."""
        fault = self.carrier.faults.of_rest(request.method, request.path)
        if fault is not None:
            raise self.rejection_class.declared(fault, *self.ids_in(request))
        self.limits.take(self.limit_of(request))

    def ids_in(self, request: Request[C]) -> list[str]:
        """Return the ids in the path, for the texts of declared errors."""
        return list(request.parameters.values())

    def _failed(self, request: Request[C], error: Exception) -> Response:
        """Answer after a mistake in the carrier itself, which a test and the log then show."""
        logger.error("%s %s failed", request.method, request.shown_path, exc_info=error)
        self.carrier.diagnose(
            "error",
            "internal-error",
            f"the local carrier failed on {request.method} {request.shown_path}:"
            f" {type(error).__name__}",
            self.docs,
            subject=self.subject_of(request),
            detail="".join(traceback.format_exception(error)).rstrip(),
        )
        return self._rejected(
            request, self.rejection_class(self.rejection_class.internal), noted=False
        )

    def _rejected(self, request: Request[C], rejection: Rejection, *, noted: bool) -> Response:
        if noted:
            self.note(rejection, request)
        body = self.error_body(rejection, request)
        return json_reply(body, rejection.status, rejection.headers)


def _reject(rejection: Rejection, _request: Request[C]) -> NoReturn:
    raise rejection
