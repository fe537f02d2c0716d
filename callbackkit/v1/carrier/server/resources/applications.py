"""The applications resource: where the callbacks of numbers go."""

from dataclasses import replace
from typing import Any, cast

from callbackkit.carrier.server.replies import created, resource
from callbackkit.v1.carrier.account import Application
from callbackkit.v1.carrier.server.arguments import Errors, read
from callbackkit.v1.carrier.server.paging import paged
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.resources import applications as api

_ERRORS: Errors = {
    ("blank", "incomingCallFallbackUrl"): "validation-error:callFallback",
    ("blank", "incomingMessageFallbackUrl"): "validation-error:messageFallback",
    ("greater_than_equal", "incomingCallUrlCallbackTimeout"): "validation-error:callTimeout>",
    ("less_than_equal", "incomingCallUrlCallbackTimeout"): "validation-error:callTimeout<",
    ("greater_than_equal", "incomingMessageUrlCallbackTimeout"): "validation-error:messageTimeout>",
    ("less_than_equal", "incomingMessageUrlCallbackTimeout"): "validation-error:messageTimeout<",
}


@serves(api.LIST)
def list_applications(request: Request) -> Reply:
    """Reply with a page of the applications (methods/applications/getApplications)."""
    return paged(request, list(request.carrier.account.applications.values()), _shown)


@serves(api.CREATE)
def create_application(request: Request) -> Reply:
    """Create an application (methods/applications/postApplications)."""
    args = read(request, api.NewApplication, _ERRORS)
    changed = _changed(Application("", args["name"]), args)
    # Its id is taken last, so that a rejected request takes none.
    application = replace(changed, id=request.carrier.new_id("a"))
    request.carrier.account.applications[application.id] = application
    return created(request.carrier.uri(f"applications/{application.id}"))


@serves(api.GET)
def get_application(request: Request) -> dict[str, Any]:
    """Reply with an application (methods/applications/getApplicationsApplicationId)."""
    return _shown(application_of(request, request.parameters["application_id"]))


@serves(api.UPDATE)
def update_application(request: Request) -> None:
    """Change some settings of an application
    (methods/applications/postApplicationsApplicationId)."""
    application = application_of(request, request.parameters["application_id"])
    changed = _changed(application, read(request, api.ApplicationChange, _ERRORS))
    # In place: calls and the carrier itself have it in their hands.
    for name in Application.__slots__:
        setattr(application, name, getattr(changed, name))


@serves(api.DELETE)
def delete_application(request: Request) -> None:
    """Delete an application (methods/applications/deleteApplicationsApplicationId).

    No page says what becomes of its numbers: they are left without one.
    """
    application = application_of(request, request.parameters["application_id"])
    del request.carrier.account.applications[application.id]
    for number in request.carrier.account.numbers.values():
        if number.application_id == application.id:
            number.application_id = None


def application_of(request: Request, application_id: str) -> Application:
    """Return an application of the account. Raises RestRejection."""
    applications = request.carrier.account.applications
    return find(applications, application_id, "application-not-found", "applicationId")


def _changed(
    application: Application, args: api.NewApplication | api.ApplicationChange
) -> Application:
    """Return an application with other settings, if they go together. Raises RestRejection."""
    changed = replace(application, **cast(dict[str, Any], args))
    if changed.incoming_call_url is None and changed.incoming_message_url is None:
        raise RestRejection("validation-error:application")
    if changed.incoming_call_fallback_url is not None and changed.incoming_call_url is None:
        raise RestRejection("validation-error:callFallbackAlone")
    if changed.incoming_message_fallback_url is not None and changed.incoming_message_url is None:
        raise RestRejection("validation-error:messageFallbackAlone")
    return changed


def _shown(application: Application) -> dict[str, Any]:
    # Read back in lower case, as in samples.
    method = application.callback_http_method.lower()
    return resource(api.Application, application, callback_http_method=method)
