"""Conferences: calls that all hear each other, and their members."""

from functools import partial
from typing import ClassVar, Literal

from callbackkit.client import Pages, RestClient
from callbackkit.models import Model, Time
from callbackkit.v1.client.arguments import E164, CallbackTimeout, HttpMethod, Name, Url
from callbackkit.v1.client.audio import Gender, Locale, Sentence, Voice
from callbackkit.v1.client.resource import (
    CallbackUrl,
    Created,
    Resource,
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
    """How many are in it now."""
    hold: bool | None = None
    """Whether all members are on hold."""
    mute: bool | None = None
    """Whether all members are muted."""
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


class Conferences(Resource):
    """client.conferences"""

    name: ClassVar[str] = "conferences"

    def __init__(self, client: RestClient, user_id: str) -> None:
        super().__init__(client, user_id)
        self.members = Members(client, user_id)

    async def create(
        self,
        *,
        from_: E164,
        callback_url: Url | None = None,
        callback_timeout: CallbackTimeout | None = None,
        callback_http_method: HttpMethod | None = None,
        fallback_url: Url | None = None,
        profile: Literal["interpret_digits", "passthru_digits"] | None = None,
        tag: str | None = None,
    ) -> Created[Conference]:
        """A new conference, still without members.

        `from_`: one of your numbers. `callback_url` gets the events; `fallback_url` those that it
        fails to take within `callback_timeout` milliseconds, 1 to 10000, by default 10000.
        `callback_http_method`: by default POST. `profile`: by default interpret_digits.
        Raises ArgumentError.
        (methods/conferences/postConferences)
        """
        return await self._create(Conferences.create, locals(), "conferences", self.get)

    async def get(self, conference_id: str) -> Conference:
        """A conference. Raises NotFoundError. (methods/conferences/getConferencesConferenceId)"""
        return await self._get(Conferences.get, locals(), "conferences/{conference_id}", Conference)

    async def update(
        self,
        conference_id: str,
        *,
        state: Literal["completed"] | None = None,
        hold: bool | None = None,
        mute: bool | None = None,
        callback_url: Url | None = None,
        callback_timeout: CallbackTimeout | None = None,
        callback_http_method: HttpMethod | None = None,
        fallback_url: Url | None = None,
        tag: str | None = None,
    ) -> None:
        """Change a conference.

        `state` completed ends it for all. `hold` and `mute` concern all members. The other
        arguments are those of `create`. Raises ArgumentError, NotFoundError; ForbiddenError
        (conference-error); ConflictError.
        (methods/conferences/postConferencesConferenceId)
        """
        await self._set(Conferences.update, locals(), "conferences/{conference_id}")

    async def hangup(self, conference_id: str) -> None:
        """End a conference for all. Raises NotFoundError; ForbiddenError (conference-error).
        (methods/conferences/postConferencesConferenceId)
        """
        await self.update(conference_id, state="completed")

    async def play_audio(
        self,
        conference_id: str,
        file_url: Url,
        *,
        loop_enabled: bool | None = None,
        tag: str | None = None,
    ) -> None:
        """Play a WAV or MP3 to all members.

        `loop_enabled` repeats it until `stop_audio`. `tag` comes back in the events.
        Raises ArgumentError, NotFoundError. (methods/conferences/postConferencesConferenceIdAudio)
        """
        await self._do(Conferences.play_audio, locals(), "conferences/{conference_id}/audio")

    async def speak_sentence(
        self,
        conference_id: str,
        sentence: Sentence,
        *,
        gender: Gender | None = None,
        locale: Locale | None = None,
        voice: Voice | None = None,
        loop_enabled: bool | None = None,
        tag: str | None = None,
    ) -> None:
        """Say something to all members.

        `sentence`: 1 to 1000 characters. By default a female voice ("susan") speaks en_US.
        `loop_enabled` repeats it until `stop_sentence`. `tag` comes back in the events.
        Raises ArgumentError, NotFoundError. (methods/conferences/postConferencesConferenceIdAudio)
        """
        await self._do(Conferences.speak_sentence, locals(), "conferences/{conference_id}/audio")

    async def stop_audio(self, conference_id: str) -> None:
        """Stop a playing file. Raises ForbiddenError (call-audio-invalid-state) if none plays.
        (methods/conferences/postConferencesConferenceIdAudio)
        """
        await self._set(
            Conferences.stop_audio, locals(), "conferences/{conference_id}/audio", fileUrl=""
        )

    async def stop_sentence(self, conference_id: str) -> None:
        """Stop speech. Raises ForbiddenError (call-audio-invalid-state) if there is none.
        (methods/conferences/postConferencesConferenceIdAudio)
        """
        await self._set(
            Conferences.stop_sentence, locals(), "conferences/{conference_id}/audio", sentence=""
        )


_MEMBERS = "conferences/{conference_id}/members"
_MEMBER = f"{_MEMBERS}/{{member_id}}"


class Members(Resource):
    """client.conferences.members"""

    name: ClassVar[str] = "conferences.members"

    async def create(
        self,
        conference_id: str,
        *,
        call_id: Name,
        join_tone: bool | None = None,
        leaving_tone: bool | None = None,
        mute: bool | None = None,
        hold: bool | None = None,
    ) -> Created[ConferenceMember]:
        """Add a call to a conference, of 20 members at most.

        `call_id`: an active call that was created with this conference's id. `join_tone` and
        `leaving_tone`: whether a tone is heard when it comes and goes. `mute` and `hold`: how it
        starts. Raises ArgumentError, NotFoundError;
        ForbiddenError (call-id-not-found, invalid-call-conference-id, conference-max-members).
        (methods/conferences/postConferencesConferenceIdMembers)
        """
        return await self._create(
            Members.create, locals(), _MEMBERS, partial(self.get, conference_id)
        )

    def list(self, conference_id: str) -> Pages[ConferenceMember]:
        """The members, past ones (completed) too.
        (methods/conferences/getConferencesConferenceIdMembers)
        """
        return self._pages(Members.list, locals(), _MEMBERS, ConferenceMember, "link")

    async def get(self, conference_id: str, member_id: str) -> ConferenceMember:
        """A member. Raises NotFoundError.
        (methods/conferences/getConferencesConferenceIdMembersMemberId)
        """
        return await self._get(Members.get, locals(), _MEMBER, ConferenceMember)

    async def update(
        self,
        conference_id: str,
        member_id: str,
        *,
        state: Literal["completed"] | None = None,
        join_tone: bool | None = None,
        leaving_tone: bool | None = None,
        mute: bool | None = None,
        hold: bool | None = None,
    ) -> None:
        """Change a member; `state` completed removes it. The other arguments are those of `create`.

        Raises ArgumentError, NotFoundError; ConflictError (conference-member-update-conflict).
        (methods/conferences/postConferencesConferenceIdMembersMemberId)
        """
        await self._set(Members.update, locals(), _MEMBER)

    async def remove(self, conference_id: str, member_id: str) -> None:
        """Take a member out of the conference. Raises NotFoundError.
        (methods/conferences/postConferencesConferenceIdMembersMemberId)
        """
        await self.update(conference_id, member_id, state="completed")

    async def play_audio(
        self,
        conference_id: str,
        member_id: str,
        file_url: Url,
        *,
        loop_enabled: bool | None = None,
        tag: str | None = None,
    ) -> None:
        """Play a WAV or MP3 to one member; the events are those of its call.

        `loop_enabled` repeats it until `stop_audio`. `tag` comes back in the playback events.
        Raises ArgumentError, NotFoundError.
        (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)
        """
        await self._do(Members.play_audio, locals(), f"{_MEMBER}/audio")

    async def speak_sentence(
        self,
        conference_id: str,
        member_id: str,
        sentence: Sentence,
        *,
        gender: Gender | None = None,
        locale: Locale | None = None,
        voice: Voice | None = None,
        loop_enabled: bool | None = None,
        tag: str | None = None,
    ) -> None:
        """Say something to one member; the events are those of its call.

        `sentence`: 1 to 1000 characters. By default a female voice ("susan") speaks en_US.
        `loop_enabled` repeats it until `stop_sentence`. `tag` comes back in the speak events.
        Raises ArgumentError, NotFoundError.
        (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)
        """
        await self._do(Members.speak_sentence, locals(), f"{_MEMBER}/audio")

    async def stop_audio(self, conference_id: str, member_id: str) -> None:
        """Stop a playing file. Raises ForbiddenError (call-audio-invalid-state) if none plays.
        (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)
        """
        await self._set(Members.stop_audio, locals(), f"{_MEMBER}/audio", fileUrl="")

    async def stop_sentence(self, conference_id: str, member_id: str) -> None:
        """Stop speech. Raises ForbiddenError (call-audio-invalid-state) if there is none.
        (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)
        """
        await self._set(Members.stop_sentence, locals(), f"{_MEMBER}/audio", sentence="")
