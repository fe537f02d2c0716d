"""The error codes that the API answers with, and their texts.

Source: errors, methods/errors/getErrors and rateLimits/... of the reference (errors.json).
"""

from collections.abc import Mapping

from callbackkit.carrier.server.rejections import Template


def _bad(text: str) -> Template:
    return Template(400, "bad-request", text)


def _forbidden(text: str) -> Template:
    return Template(403, "forbidden", text)


def _missing(text: str) -> Template:
    return Template(404, "not-found", text)


def _conflict(text: str) -> Template:
    return Template(409, "conflict", text)


_AVERAGE = "per ${1} seconds calculated as the average over ${2} seconds. Your rate is: ${3}"

TEMPLATES: Mapping[str, Template] = {
    # 400. A name after the colon stands for a variant of a code.
    "blank-property": _bad(
        "The '${resource}' resource property '${property}' must contain at least one non-whitespace"
        " character"
    ),
    "bridge-bridged-callId": _bad("The callId ${0} is already in another bridge"),
    "bridge-invalid-operation": _bad("No active calls in the bridge ${0}"),
    "bridge-invalid-state": _bad("Unable to update bridge ${0}. Invalid bridge state ${1}"),
    "callback-invalid-url": _bad("The URL ${0} is not a valid callbackUrl/fallbackUrl"),
    "invalid-available-number-search:area": _bad("An Area Code must be 3 digits."),
    "invalid-available-number-search:city": _bad(
        "For searching by City the State is also required."
    ),
    "invalid-available-number-search:city+area": _bad(
        "A query cannot combine City with Area Code or Local Number."
    ),
    "invalid-available-number-search:city+zip": _bad("A query cannot combine City with ZIP Code."),
    "invalid-available-number-search:local": _bad("Local Number must contains at least 3 digits."),
    "invalid-available-number-search:longer": _bad(
        "localNumber must contain a maximum of 4 digits"
    ),
    "invalid-available-number-search:place": _bad(
        "Specify a State ZIP Code or Area Code with your query."
    ),
    "invalid-available-number-search:quantity": _bad("The maximum quantity of numbers is 5000"),
    "invalid-available-number-search:state+area": _bad(
        "A query cannot combine State with Area Code or Local Number."
    ),
    "invalid-available-number-search:zip+area": _bad(
        "A query cannot combine ZIP Code with Area Code or Local Number."
    ),
    "invalid-available-number-search:zip+state": _bad(
        "A query cannot combine ZIP Code with State."
    ),
    "invalid-available-number-search:zip+state+area": _bad(
        "A query cannot combine ZIP Code and State with Area Code or Local Number."
    ),
    "invalid-available-number-search-order:pattern": _bad(
        "A query and order numbers cannot contain pattern"
    ),
    # It is cut off like this in the documentation.
    "invalid-available-number-search-order:quantity": _bad(
        "The maximum quantity of numbers searching and ordering is"
    ),
    "invalid-zip-code": _bad(
        "The ZIP code ${0} did not map to a location where telephone numbers are available"
    ),
    "missing-property": _bad(
        "The '${resource}' resource property '${property}' is required but was not specified"
    ),
    "validation-error": _bad("Bad parameters"),
    "validation-error:callerId": _bad(
        "The callerId ${0} is not allowed. It must be private or a phone number owned by user"
    ),
    "validation-error:greater": _bad("The ${0} resource property ${1} must be greater than ${2}"),
    "validation-error:limit": _bad("The ${0} resource property ${1} exceeds the limit of ${2}"),
    "validation-error:number": _bad("Invalid phone number"),
    "validation-error:quantity": _bad("Quantity must be greater than zero."),
    "validation-error:size": _bad("The media size must be specified by the ${0} header"),
    "validation-error:url": _bad("Invalid ${0} URL. ${0} is not a valid URL"),
    "validation-error:words": _bad(
        "The ${0} resource property ${1} must be one of the following values: ${2}"
    ),
    "validation-error:application": _bad("Your application must have a least one callback URL."),
    "validation-error:callFallback": _bad(
        "Your application call fallback URL may not be blank/empty."
    ),
    "validation-error:callFallbackAlone": _bad(
        "Your application must have a call callback URL in order to have a fallback URL."
    ),
    "validation-error:callTimeout>": _bad("Incoming Call callback timeout must be greater than 0"),
    "validation-error:callTimeout<": _bad("Incoming Call callback timeout must not surpass 10000"),
    "validation-error:messageFallback": _bad(
        "Your application sms fallback URL may not be blank/empty."
    ),
    "validation-error:messageFallbackAlone": _bad(
        "Your application must have a sms callback URL in order to have a fallback URL."
    ),
    "validation-error:messageTimeout>": _bad(
        "Incoming SMS callback timeout must be greater than 0"
    ),
    "validation-error:messageTimeout<": _bad(
        "Incoming SMS callback timeout must not surpass 10000"
    ),
    # 401
    "no-allocated-number": Template(
        401, "authorization", "User ${0} does not have allocated numbers"
    ),
    "number-access-denied": Template(
        401, "authorization", "User ${0} does not have permission to use number ${1}"
    ),
    "user-access-denied": Template(
        401, "authorization", "User ${0} does not have permission to access user ${1}"
    ),
    # 403
    "bridge-callIds-overflow": _forbidden("Only two calls are allowed in a bridge ${0}"),
    "bridge-callIds-overflow:full": _forbidden("Bridge ${0} already has 2 calls"),
    "call-audio-invalid-state": _forbidden(
        "The audio for call ${0} could not be updated. The audio has already finished or does not"
        " exist."
    ),
    "call-id-not-found": _forbidden("Call Id not found. callId ${0}"),
    "call-invalid-state": _forbidden("Unable to update call ${0}. Invalid call state ${1}"),
    "call-invalid-state:after": _forbidden(
        "Unable to update call ${0}. You can't update the call's state after being set to ${1}."
    ),
    "call-rate-limit": Template(403, "limit", f"You can create ${{0}} calls {_AVERAGE}"),
    "conference-error": _forbidden(
        "Unable to update conference ${0}. Invalid conference state ${1}"
    ),
    "conference-max-members": Template(
        403, "limit", "The conference ${0} reached the max number of members"
    ),
    "invalid-call-conference-id": _forbidden("Invalid conference Id in call. conferenceId ${0}"),
    "invalid-call-to-number": _forbidden("Cannot make a call to number ${0}"),
    "invalid-cnam-search": _forbidden(
        "Invalid number formatting: ${0}. Use E.164 formatted numbers"
    ),
    "invalid-recording-state": _forbidden(
        "Cannot transcribe the recording ${0}. The state must be complete"
    ),
    "media-invalid-url": _forbidden("The media URL ${0} is invalid."),
    "media-size-overflow": _forbidden(
        "The media size ${0} bytes is larger than the maximum ${1} bytes"
    ),
    "message-from-toll-free": _forbidden("Messages cannot be sent from toll free numbers ${0}"),
    "message-rate-limit": Template(403, "limit", f"You can send ${{0}} messages {_AVERAGE}"),
    "multi-message-limit": Template(
        403,
        "limit",
        "The number of messages [${0}] in the multi message request is greater than the limit"
        " [${1}].",
    ),
    # 404
    "application-not-found": _missing("The application ${0} could not be found"),
    "bridge-not-found": _missing("The bridge ${0} could not be found"),
    "call-not-found": _missing("The call ${0} could not be found"),
    "cnam-not-found": _missing("Couldn't find CNAM for number ${0}"),
    "conference-member-not-found": _missing("The conference member ${0} could not be found"),
    "conference-not-found": _missing("The conference ${0} could not be found"),
    # Spelt like this in the documentation.
    "media-invalid-content-lenght": _missing(
        "The media source ${0} header could not be parsed as a number"
    ),
    "media-not-found": _missing("The media resource named ${0} could not be found"),
    "message-not-found": _missing("The message ${0} could not be found"),
    "number-not-found": _missing("The number ${0} could not be found"),
    "order-number-quantity-unavailable": _missing(
        "Only a partial quantity of the total telephone numbers ordered could be fulfilled."
    ),
    "recording-not-found": _missing("The recording ${0} could not be found"),
    "resource-not-found": _missing("The requested resource could not be found."),
    "transcription-not-found": _missing(
        "The transcription ${0} from recording ${1} could not be found"
    ),
    "user-error-not-found": _missing("The user error ${0} could not be found"),
    # 409
    "call-duplicate-gather-error": _conflict(
        "DTMF digits are already being gathered for call ${0}"
    ),
    "conflicted-recording-values-request": _conflict("Call recording is been executed already!"),
    "conflicted-recording-values-request:duration": _conflict(
        "Call recoding maximum duration time cannot be changed while recording is been executed!"
    ),
    "duplicate-number": _conflict(
        "Cannot create another instance of number resource ${0} for number ${1}"
    ),
    "duplicate-transcription": _conflict("Cannot create another instance of trancription ${0}"),
    # 429: the sample has this code, and no message.
    "rate-limit-reached": Template(429, "too-many-requests", None),
    # 503
    "call-unavailable": Template(
        503,
        "unavailable",
        "The conference member ${0} doesn't have a available call retry your operation later",
    ),
    "internal-error": Template(503, "unavailable", "An error occurred handling the message"),
}
"""The documented templates that are used here, by code."""

OURS: Mapping[str, Template] = {
    # The category is listed (methods/errors/getErrors), a code for it is not.
    "invalid-credentials": Template(
        401, "authentication", "The API token or secret is missing or wrong"
    ),
    # Nothing is said about other methods; 405 is what HTTP has for them.
    "method-not-allowed": Template(405, "bad-request", "The resource does not support ${0}"),
    # The platform had no such answer: what is not emulated is not guessed.
    "not-emulated": Template(501, "unavailable", "The local carrier does not emulate ${0}"),
}
"""Errors that the documentation has no code for; these codes are ours."""

CATEGORIES: Mapping[int, str] = {
    0: "unavailable",
    400: "bad-request",
    401: "authorization",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    429: "too-many-requests",
}
"""The category of a code that is not among them, by status."""
