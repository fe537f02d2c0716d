"""The way of one request: who asks, what is asked, whether it may be, and what comes of it."""

import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, cast
from urllib.parse import parse_qsl

from starlette.responses import Response

from callbackkit.logs import logger
from callbackkit.security import BasicAuth, BodyTooLarge, ClientDisconnected
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.server.asking import Operation, Request
from callbackkit.v1.carrier.server.limits import Limits
from callbackkit.v1.carrier.server.media import MOST as MOST_MEDIA
from callbackkit.v1.carrier.server.media import declared_size
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.replies import shown

MOST_JSON = 1024 * 1024
"""Bytes of a JSON body (ours; 50 messages of 2048 characters are a third of that)."""


class ApiServer:
    """Takes requests for a carrier. `act` is that of its driver."""

    def __init__(self, carrier: Carrier, act: Callable[..., Any]) -> None:
        self._carrier = carrier
        self._act = act
        self._limits = Limits(carrier)

    async def take(
        self, operations: Mapping[str, Operation], scope: Any, receive: Any, send: Any
    ) -> None:
        """Answer one request; `operations` are those of its path, by method."""
        request = self._request(scope)
        authorised = False
        try:
            self._authorise(request, scope)
            authorised = True
            operation = _operation(operations, request.method)
            request.content = await _content(request, receive)
        except RestRejection as error:
            operation = partial(_refuse, error)
        except ClientDisconnected:
            return
        try:
            reply: Response = self._act(self._carry_out, request, operation, authorised)
        except Exception as error:
            reply = self._failure(request, error)
        await reply(scope, receive, send)

    def _request(self, scope: Any) -> Request:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        query = scope.get("query_string", b"").decode("latin-1")
        values: dict[str, str] = {}
        with suppress(ValueError):  # more fields than anybody asks for
            values = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=100))
        client = scope.get("client")
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return Request(
            self._carrier,
            self._limits,
            scope["method"],
            path if len(path) < 2 else path.removesuffix("/"),
            scope.get("path_params", {}),
            values,
            headers,
            client[0] if client else "",
        )

    def _authorise(self, request: Request, scope: Any) -> None:
        account = self._carrier.account
        if not BasicAuth((account.token, account.secret)).accepts(scope):
            raise RestRejection(
                "invalid-credentials",
                headers={"www-authenticate": 'Basic realm="carrier", charset="UTF-8"'},
            )
        user = request.parameters.get("user_id", account.user_id)
        if user != account.user_id:
            raise RestRejection("user-access-denied", account.user_id, user)

    def _carry_out(self, request: Request, operation: Operation, authorised: bool) -> Response:
        """Do what is asked. What follows from it names this request in the journal as its cause."""
        entry = self._carrier.journal.add(
            request.subject,
            "rest",
            method=request.method,
            path=request.place,
            status=0,
        )
        try:
            if authorised:
                self._let_pass(request)
            reply = operation(request)
        except RestRejection as error:
            reply = self._refusal(request, error, noted=authorised)
        except Exception as error:
            reply = self._failure(request, error)
        # The entry is the first of what happens, and the status is known last.
        cast(dict[str, Any], entry.data)["status"] = reply.status_code
        return reply

    def _let_pass(self, request: Request) -> None:
        fault = self._carrier.faults.of_rest(request.method, request.below_user)
        if fault is not None:
            names = [value for name, value in request.parameters.items() if name != "user_id"]
            raise RestRejection.declared(fault, *names)
        self._limits.check(request.method, request.below_user)

    def _failure(self, request: Request, error: Exception) -> Response:
        """A mistake in the carrier itself: told where a test and a log show it."""
        logger.error("%s %s failed", request.method, request.place, exc_info=error)
        self._carrier.diagnose(
            "error",
            "internal-error",
            f"the local carrier failed on {request.method} {request.place}: {type(error).__name__}",
            "errors",
            subject=request.subject,
            detail="".join(traceback.format_exception(error)).rstrip(),
        )
        return self._refusal(request, RestRejection("internal-error"), noted=False)

    def _refusal(self, request: Request, refused: RestRejection, *, noted: bool) -> Response:
        details = request.details
        if noted:
            # The list of errors has refused requests too, by its sample
            # (methods/errors/getErrorsErrorId).
            self._carrier.note_error(
                refused.category,
                refused.code,
                refused.message or "",
                **{**refused.details, **details},
            )
        return shown(refused.body(details), refused.status, refused.headers)


def _operation(operations: Mapping[str, Operation], method: str) -> Operation:
    if method in operations:
        return operations[method]
    if not operations:
        raise RestRejection("resource-not-found")
    raise RestRejection(
        "method-not-allowed", method, headers={"allow": ", ".join(sorted(operations))}
    )


def _refuse(refused: RestRejection, request: Request) -> Response:
    raise refused


async def _content(request: Request, receive: Any) -> bytes:
    """The body: of a PUT a file, of everything else JSON if there is any."""
    is_file = request.method == "PUT"
    try:
        if is_file:
            declared_size(request)
        return await _read(receive, MOST_MEDIA if is_file else MOST_JSON)
    except BodyTooLarge as error:
        if is_file:
            raise RestRejection("media-size-overflow", error.args[0], MOST_MEDIA) from None
        raise RestRejection(
            "validation-error", reason=f"the body has more than {MOST_JSON} bytes"
        ) from None


async def _read(receive: Any, most: int) -> bytes:
    """A body of `most` bytes. What is beyond them is read but not kept, as a client that still
    sends would not see the refusal; there is an end to that too."""
    received, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= most:
            received += chunk
        elif size > 4 * most:
            raise BodyTooLarge(size)
        if not message.get("more_body", False):
            break
    if size > most:
        raise BodyTooLarge(size)
    return bytes(received)
