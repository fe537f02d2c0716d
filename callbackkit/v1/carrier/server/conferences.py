"""The conferences resource: calls that all hear each other. Its members are in members."""

from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, empty_reply, json_reply
from callbackkit.v1.carrier import audio
from callbackkit.v1.carrier.conferences import Conference
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.server.callback_settings import callbacks_of, shown_callbacks
from callbackkit.v1.carrier.server.own_numbers import sender
from callbackkit.v1.carrier.server.prompts import Stop, audio_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of

_PROFILES = ("interpret_digits", "passthru_digits")


def create_conference(request: Request) -> Response:
    """A new conference, without members (methods/conferences/postConferences)."""
    carrier = request.carrier
    given = body_of(request, "conference")
    number = sender(carrier, given, "methods/conferences/postConferences")
    conference = Conference(
        carrier,
        number,
        callbacks_of(given),
        profile=given.word("profile", _PROFILES) or _PROFILES[0],
        tag=given.text("tag"),
    )
    conference.begin()
    return created_reply(request.carrier.uri(f"conferences/{conference.id}"))


def get_conference(request: Request) -> Response:
    """A conference (methods/conferences/getConferencesConferenceId)."""
    return json_reply(_shown(conference_of(request)))


def update_conference(request: Request) -> Response:
    """Change or end a conference (methods/conferences/postConferencesConferenceId)."""
    conference = open_conference(request)
    given = body_of(request, "conference")
    state = given.word("state", ("completed",))
    hold, mute = given.flag("hold"), given.flag("mute")
    tag = given.text("tag")
    conference.callbacks = callbacks_of(given, conference.callbacks)
    if tag is not None:
        conference.tag = tag
    # No page has an event that would tell of these two for a whole conference.
    conference.hold = conference.hold if hold is None else hold
    conference.mute = conference.mute if mute is None else mute
    if state is not None:
        conference.complete()
    return empty_reply()


def play(request: Request) -> Response:
    """Play a file or say a sentence to all members, or stop
    (methods/conferences/postConferencesConferenceIdAudio)."""
    conference = open_conference(request)
    asked = audio_of(body_of(request, "audio"))
    if isinstance(asked, Stop):
        if not audio.stop_in(conference, asked.kind):
            raise RestRejection("call-audio-invalid-state", conference.id)
        return empty_reply()
    event = f"conference-{asked.kind}"

    def tell(told: dict[str, Any]) -> None:
        conference.send_event(event, **told)

    audio.play_in(conference, lambda: [member.call for member in conference.active()], asked, tell)
    return empty_reply()


def conference_of(request: Request) -> Conference:
    """The conference that the path names. Raises RestRejection."""
    conference_id = request.parameters["conference_id"]
    found = request.carrier.conferences.get(conference_id)
    if found is None:
        raise RestRejection("conference-not-found", conference_id)
    return found


def open_conference(request: Request) -> Conference:
    """The same, if it has not been completed."""
    conference = conference_of(request)
    if conference.state == "completed":
        raise RestRejection("conference-error", conference.id, conference.state)
    return conference


def _shown(conference: Conference) -> dict[str, Any]:
    completed = conference.completed_at
    return {
        "id": conference.id,
        "state": conference.state,
        "from": conference.from_,
        "createdTime": iso(conference.created),
        "completedTime": (None if completed is None else iso(conference.carrier.moment(completed))),
        "activeMembers": sum(1 for _ in conference.active()),
        "hold": conference.hold,
        "mute": conference.mute,
        "profile": conference.profile,
        **shown_callbacks(conference.callbacks),
        "tag": conference.tag,
    }


OPERATIONS: Operations = {
    "/users/{user_id}/conferences": {"POST": create_conference},
    "/users/{user_id}/conferences/{conference_id}": {
        "GET": get_conference,
        "POST": update_conference,
    },
    "/users/{user_id}/conferences/{conference_id}/audio": {"POST": play},
}
