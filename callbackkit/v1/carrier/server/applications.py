"""The applications resource: where the callbacks of numbers go."""

from dataclasses import replace
from typing import Any, Literal, cast

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, empty_reply, json_reply
from callbackkit.v1.carrier.account import Application
from callbackkit.v1.carrier.server.bodies import RequestFields, is_url
from callbackkit.v1.carrier.server.callback_settings import MAX_CALLBACK_TIMEOUT
from callbackkit.v1.carrier.server.paging import paged
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of


def list_applications(request: Request) -> Response:
    """All applications (methods/applications/getApplications)."""
    found = list(request.carrier.account.applications.values())
    return paged(request, "application", found, _shown)


def create_application(request: Request) -> Response:
    """A new application (methods/applications/postApplications)."""
    given = body_of(request, "application")
    changed = _changed(Application("", given.needed("name")), given)
    # Its id is taken last, so that what is refused takes none.
    application = replace(changed, id=request.carrier.new_id("a"))
    request.carrier.account.applications[application.id] = application
    return created_reply(request.carrier.uri(f"applications/{application.id}"))


def get_application(request: Request) -> Response:
    """An application (methods/applications/getApplicationsApplicationId)."""
    return json_reply(_shown(application_of(request, request.parameters["application_id"])))


def update_application(request: Request) -> Response:
    """Change what is given; all else stays (methods/applications/postApplicationsApplicationId)."""
    application = application_of(request, request.parameters["application_id"])
    changed = _changed(application, body_of(request, "application"))
    # In place: calls and the carrier itself have it in their hands.
    for name in Application.__slots__:
        setattr(application, name, getattr(changed, name))
    return empty_reply()


def delete_application(request: Request) -> Response:
    """Delete an application (methods/applications/deleteApplicationsApplicationId).

    What becomes of its numbers is not said: they are left without one.
    """
    application = application_of(request, request.parameters["application_id"])
    del request.carrier.account.applications[application.id]
    for number in request.carrier.account.numbers.values():
        if number.application_id == application.id:
            number.application_id = None
    return empty_reply()


def application_of(request: Request, application_id: str) -> Application:
    """An application of the account. Raises RestRejection."""
    found = request.carrier.account.applications.get(application_id)
    if found is None:
        raise RestRejection(
            "application-not-found", application_id, details={"applicationId": application_id}
        )
    return found


def _changed(application: Application, given: RequestFields) -> Application:
    """An application with what is given, if that makes one. Raises RestRejection."""
    changed = replace(
        application,
        name=given.named("name") or application.name,
        incoming_call_url=_url(given, "incomingCallUrl", application.incoming_call_url),
        incoming_call_url_callback_timeout=_timeout(given, "call", "incomingCallUrlCallbackTimeout")
        or application.incoming_call_url_callback_timeout,
        incoming_call_fallback_url=_fallback(
            given, "call", "incomingCallFallbackUrl", application.incoming_call_fallback_url
        ),
        incoming_message_url=_url(given, "incomingMessageUrl", application.incoming_message_url),
        incoming_message_url_callback_timeout=_timeout(
            given, "message", "incomingMessageUrlCallbackTimeout"
        )
        or application.incoming_message_url_callback_timeout,
        incoming_message_fallback_url=_fallback(
            given,
            "message",
            "incomingMessageFallbackUrl",
            application.incoming_message_fallback_url,
        ),
        callback_http_method=cast(
            Literal["GET", "POST"],
            given.word("callbackHttpMethod", ("GET", "POST")) or application.callback_http_method,
        ),
        auto_answer=(
            application.auto_answer if (answer := given.flag("autoAnswer")) is None else answer
        ),
    )
    if changed.incoming_call_url is None and changed.incoming_message_url is None:
        raise RestRejection("validation-error:application")
    if changed.incoming_call_fallback_url is not None and changed.incoming_call_url is None:
        raise RestRejection("validation-error:callFallbackAlone")
    if changed.incoming_message_fallback_url is not None and changed.incoming_message_url is None:
        raise RestRejection("validation-error:messageFallbackAlone")
    return changed


def _url(given: RequestFields, name: str, before: str | None) -> str | None:
    """A URL; an empty one takes it away."""
    value = given.text(name)
    if value is None:
        return before
    if value and not is_url(value):
        raise RestRejection("validation-error:url", name)
    return value or None


def _fallback(given: RequestFields, kind: str, name: str, before: str | None) -> str | None:
    value = given.text(name)
    if value is not None and not value.strip():
        raise RestRejection(f"validation-error:{kind}Fallback")
    return _url(given, name, before)


def _timeout(given: RequestFields, kind: str, name: str) -> int | None:
    # These two have templates of their own.
    value = given.whole(name, low=-(10**18))
    if value is not None and value < 1:
        raise RestRejection(f"validation-error:{kind}Timeout>")
    if value is not None and value > MAX_CALLBACK_TIMEOUT:
        raise RestRejection(f"validation-error:{kind}Timeout<")
    return value


def _shown(application: Application) -> dict[str, Any]:
    return {
        "id": application.id,
        "name": application.name,
        "incomingCallUrl": application.incoming_call_url,
        "incomingCallUrlCallbackTimeout": application.incoming_call_url_callback_timeout,
        "incomingCallFallbackUrl": application.incoming_call_fallback_url,
        "incomingMessageUrl": application.incoming_message_url,
        "incomingMessageUrlCallbackTimeout": application.incoming_message_url_callback_timeout,
        "incomingMessageFallbackUrl": application.incoming_message_fallback_url,
        # Read back in lower case, as in samples.
        "callbackHttpMethod": application.callback_http_method.lower(),
        "autoAnswer": application.auto_answer,
    }


OPERATIONS: Operations = {
    "/users/{user_id}/applications": {"GET": list_applications, "POST": create_application},
    "/users/{user_id}/applications/{application_id}": {
        "GET": get_application,
        "POST": update_application,
        "DELETE": delete_application,
    },
}
