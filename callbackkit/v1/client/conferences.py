"""Conferences: calls that all hear each other, and their members."""

from typing import Unpack

from callbackkit.client import Created, Pages, Resource, RestClient
from callbackkit.v1.resources import conferences as api
from callbackkit.v1.resources.audio import Playback, Speech


class Conferences(Resource):
    """client.conferences"""

    def __init__(self, client: RestClient) -> None:
        super().__init__(client)
        self.members = Members(client)

    async def create(self, **conference: Unpack[api.NewConference]) -> Created[api.Conference]:
        """Create a conference, still without members. Raises ArgumentError.
        (methods/conferences/postConferences)
        """
        return await self._create(api.CREATE, **conference)

    async def get(self, conference_id: str) -> api.Conference:
        """Return a conference. Raises NotFoundError.
        (methods/conferences/getConferencesConferenceId)
        """
        return await self._fetch(api.GET, conference_id)

    async def update(self, conference_id: str, **change: Unpack[api.ConferenceChange]) -> None:
        """Change a conference.

        Raises ArgumentError, NotFoundError; ForbiddenError (conference-error); ConflictError.
        (methods/conferences/postConferencesConferenceId)
        """
        await self._send(api.UPDATE, conference_id, **change)

    async def hangup(self, conference_id: str) -> None:
        """End a conference for all. Raises NotFoundError; ForbiddenError (conference-error).
        (methods/conferences/postConferencesConferenceId)
        """
        await self.update(conference_id, state="completed")

    async def play_audio(
        self, conference_id: str, file_url: str, **playback: Unpack[Playback]
    ) -> None:
        """Play a WAV or MP3 to all members. Raises ArgumentError, NotFoundError.
        (methods/conferences/postConferencesConferenceIdAudio)
        """
        await self._send(api.AUDIO.play, conference_id, file_url=file_url, **playback)

    async def speak_sentence(
        self, conference_id: str, sentence: str, **speech: Unpack[Speech]
    ) -> None:
        """Say something of 1 to 1000 characters to all members.

        Raises ArgumentError, NotFoundError. (methods/conferences/postConferencesConferenceIdAudio)
        """
        await self._send(api.AUDIO.speak, conference_id, sentence=sentence, **speech)

    async def stop_audio(self, conference_id: str) -> None:
        """Stop a playing file. Raises ForbiddenError (call-audio-invalid-state) if none plays.
        (methods/conferences/postConferencesConferenceIdAudio)
        """
        await self._send(api.AUDIO.stop_audio, conference_id)

    async def stop_sentence(self, conference_id: str) -> None:
        """Stop speech. Raises ForbiddenError (call-audio-invalid-state) if there is none.
        (methods/conferences/postConferencesConferenceIdAudio)
        """
        await self._send(api.AUDIO.stop_sentence, conference_id)


class Members(Resource):
    """client.conferences.members"""

    async def create(
        self, conference_id: str, **member: Unpack[api.NewMember]
    ) -> Created[api.ConferenceMember]:
        """Add a call to a conference, of 20 members at most.

        Raises ArgumentError, NotFoundError; ForbiddenError (call-id-not-found,
        invalid-call-conference-id, conference-max-members).
        (methods/conferences/postConferencesConferenceIdMembers)
        """
        return await self._create(api.CREATE_MEMBER, conference_id, **member)

    def list(self, conference_id: str) -> Pages[api.ConferenceMember]:
        """Return the members, past ones (completed) too.
        (methods/conferences/getConferencesConferenceIdMembers)
        """
        return self._pages(api.LIST_MEMBERS, conference_id)

    async def get(self, conference_id: str, member_id: str) -> api.ConferenceMember:
        """Return a member. Raises NotFoundError.
        (methods/conferences/getConferencesConferenceIdMembersMemberId)
        """
        return await self._fetch(api.GET_MEMBER, conference_id, member_id)

    async def update(
        self, conference_id: str, member_id: str, **change: Unpack[api.MemberChange]
    ) -> None:
        """Change a member.

        Raises ArgumentError, NotFoundError; ConflictError (conference-member-update-conflict).
        (methods/conferences/postConferencesConferenceIdMembersMemberId)
        """
        await self._send(api.UPDATE_MEMBER, conference_id, member_id, **change)

    async def remove(self, conference_id: str, member_id: str) -> None:
        """Take a member out of the conference. Raises NotFoundError.
        (methods/conferences/postConferencesConferenceIdMembersMemberId)
        """
        await self.update(conference_id, member_id, state="completed")

    async def play_audio(
        self, conference_id: str, member_id: str, file_url: str, **playback: Unpack[Playback]
    ) -> None:
        """Play a WAV or MP3 to one member; the events are those of its call.

        Raises ArgumentError, NotFoundError.
        (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)
        """
        audio = api.MEMBER_AUDIO
        await self._send(audio.play, conference_id, member_id, file_url=file_url, **playback)

    async def speak_sentence(
        self, conference_id: str, member_id: str, sentence: str, **speech: Unpack[Speech]
    ) -> None:
        """Say something of 1 to 1000 characters to one member; the events are those of its call.

        Raises ArgumentError, NotFoundError.
        (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)
        """
        audio = api.MEMBER_AUDIO
        await self._send(audio.speak, conference_id, member_id, sentence=sentence, **speech)

    async def stop_audio(self, conference_id: str, member_id: str) -> None:
        """Stop a playing file. Raises ForbiddenError (call-audio-invalid-state) if none plays.
        (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)
        """
        await self._send(api.MEMBER_AUDIO.stop_audio, conference_id, member_id)

    async def stop_sentence(self, conference_id: str, member_id: str) -> None:
        """Stop speech. Raises ForbiddenError (call-audio-invalid-state) if there is none.
        (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)
        """
        await self._send(api.MEMBER_AUDIO.stop_sentence, conference_id, member_id)
