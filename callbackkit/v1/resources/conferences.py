"""Conferences: calls that all hear each other, and their members."""

from typing import Annotated, Literal, Required

from typing_extensions import TypedDict

from callbackkit.models import Model, Time
from callbackkit.rest import ANY_CASE, Flag, Name, Operation
from callbackkit.v1.resources.audio import Playback, Speech, audio_operations
from callbackkit.v1.resources.values import (
    E164,
    Callbacks,
    CallbackUrl,
    SentHttpMethod,
    last_segment,
)


class Conference(Model, frozen=True):
    """A conference (methods/conferences/conferences)."""

    id: str
    """conf-..."""
    state: str | None = None
    """created, active or completed."""
    from_: str | None = None
    """The number that it was created with."""
    created_time: Time = None
    completed_time: Time = None
    active_members: int | None = None
    """The number of members in it now."""
    hold: bool | None = None
    """True if all members are on hold."""
    mute: bool | None = None
    """True if all members are muted."""
    profile: str | None = None
    """interpret_digits or passthru_digits."""
    callback_url: CallbackUrl = None
    callback_http_method: SentHttpMethod = None
    callback_timeout: int | None = None
    """Milliseconds."""
    fallback_url: CallbackUrl = None
    tag: str | None = None


class ConferenceMember(Model, frozen=True):
    """A call in a conference (methods/conferences/getConferencesConferenceIdMembers)."""

    id: str
    """member-..."""
    state: str | None = None
    """active or completed; past members stay listed."""
    mute: bool | None = None
    hold: bool | None = None
    join_tone: bool | None = None
    leaving_tone: bool | None = None
    added_time: Time = None
    removed_time: Time = None
    call: str | None = None
    """The URL of the call."""

    @property
    def call_id(self) -> str | None:
        """The id of the call, c-..."""
        return last_segment(self.call)


class NewConference(Callbacks, total=False):
    """A new conference (methods/conferences/postConferences)."""

    from_: Required[E164]
    """One of your numbers."""
    profile: Annotated[Literal["interpret_digits", "passthru_digits"], ANY_CASE] | None
    """By default interpret_digits."""
    tag: str | None
    """Comes back in the events."""


class ConferenceChange(Callbacks, total=False):
    """Changes of a conference (methods/conferences/postConferencesConferenceId)."""

    state: Annotated[Literal["completed"], ANY_CASE] | None
    """completed ends it for all."""
    hold: Flag | None
    """Of all members."""
    mute: Flag | None
    """Of all members."""
    tag: str | None
    """Comes back in the events."""


class _MemberSettings(TypedDict, total=False):
    join_tone: Flag | None
    """Play a tone when it joins."""
    leaving_tone: Flag | None
    """Play a tone when it leaves."""
    mute: Flag | None
    hold: Flag | None


class NewMember(_MemberSettings):
    """A call that joins a conference, of 20 members at most
    (methods/conferences/postConferencesConferenceIdMembers)."""

    call_id: Name
    """An active call that was created with this conference's id."""


class MemberChange(_MemberSettings, total=False):
    """Changes of a member (methods/conferences/postConferencesConferenceIdMembersMemberId)."""

    state: Annotated[Literal["completed"], ANY_CASE] | None
    """completed removes it."""


_ALL = "/users/{user_id}/conferences"
_ONE = "/users/{user_id}/conferences/{conference_id}"
_MEMBERS = f"{_ONE}/members"
_MEMBER = f"{_ONE}/members/{{member_id}}"

GET = Operation("conferences.get", "GET", _ONE, returns=Conference)
CREATE = Operation("conferences.create", "POST", _ALL, NewConference, created=GET)
UPDATE = Operation("conferences.update", "POST", _ONE, ConferenceChange, repeatable=True)
AUDIO = audio_operations("conferences", f"{_ONE}/audio", (Playback,), Speech)
LIST_MEMBERS = Operation(
    "conferences.members.list", "GET", _MEMBERS, returns=ConferenceMember, paging="link"
)
GET_MEMBER = Operation("conferences.members.get", "GET", _MEMBER, returns=ConferenceMember)
CREATE_MEMBER = Operation(
    "conferences.members.create", "POST", _MEMBERS, NewMember, created=GET_MEMBER
)
UPDATE_MEMBER = Operation(
    "conferences.members.update", "POST", _MEMBER, MemberChange, repeatable=True
)
MEMBER_AUDIO = audio_operations("conferences.members", f"{_MEMBER}/audio", (Playback,), Speech)
