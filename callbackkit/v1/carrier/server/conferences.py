"""The conferences resource: calls that all hear each other. Its members are in members."""

from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import created, resource
from callbackkit.v1.carrier import audio
from callbackkit.v1.carrier.rooms import Conference
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.callback_settings import callbacks_of, shown_callbacks
from callbackkit.v1.carrier.server.own_numbers import check_sender
from callbackkit.v1.carrier.server.prompts import Stop, audio_of
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Request, serves
from callbackkit.v1.resources import conferences as api


@serves(api.CREATE)
def create_conference(request: Request) -> Response:
    """Create a conference, without members (methods/conferences/postConferences)."""
    carrier = request.carrier
    check_sender(carrier, request.json(), "methods/conferences/postConferences")
    given = read(request, api.NewConference)
    conference = Conference(
        carrier,
        given["from_"],
        callbacks_of(given),
        profile=given.get("profile") or "interpret_digits",
        tag=given.get("tag"),
    )
    conference.begin()
    return created(conference.uri)


@serves(api.GET)
def get_conference(request: Request) -> dict[str, Any]:
    """Reply with a conference (methods/conferences/getConferencesConferenceId)."""
    return _shown(conference_of(request))


@serves(api.UPDATE)
def update_conference(request: Request) -> None:
    """Change or end a conference (methods/conferences/postConferencesConferenceId)."""
    conference = open_conference(request)
    given = read(request, api.ConferenceChange)
    conference.callbacks = callbacks_of(given, conference.callbacks)
    # No page has an event that would tell of a hold or a mute of a whole conference.
    for name in ("tag", "hold", "mute"):
        setattr(conference, name, given.get(name, getattr(conference, name)))
    if "state" in given:
        conference.complete()


@serves(*api.AUDIO)
def play(request: Request) -> None:
    """Play a file or say a sentence to all members, or stop
    (methods/conferences/postConferencesConferenceIdAudio)."""
    conference = open_conference(request)
    wanted = audio_of(request)
    if isinstance(wanted, Stop):
        if not audio.stop(conference, wanted.kind):
            raise RestRejection("call-audio-invalid-state", conference.id)
        return None
    event = f"conference-{wanted.kind}"

    def notify(fields: dict[str, Any]) -> None:
        conference.send_event(event, **fields)

    def calls() -> list[Any]:
        return [member.call for member in conference.active()]

    audio.play_in(conference, calls, wanted, notify)


def conference_of(request: Request) -> Conference:
    """Return the conference that the path names. Raises RestRejection."""
    conference_id = request.parameters["conference_id"]
    return find(request.carrier.conferences, conference_id, "conference-not-found")


def open_conference(request: Request) -> Conference:
    """Return the same, if it has not been completed."""
    conference = conference_of(request)
    if conference.state == "completed":
        raise RestRejection("conference-error", conference.id, conference.state)
    return conference


def _shown(conference: Conference) -> dict[str, Any]:
    completed = conference.completed_at
    return resource(
        api.Conference,
        conference,
        created_time=conference.created,
        completed_time=None if completed is None else conference.carrier.moment(completed),
        active_members=sum(1 for _ in conference.active()),
        **shown_callbacks(conference.callbacks),
    )
