"""Bridges: two calls that hear each other."""

from typing import ClassVar

from callbackkit.client import Pages
from callbackkit.models import Model, Time
from callbackkit.v1.client.arguments import CallIds, Page, Size, Url
from callbackkit.v1.client.audio import Gender, Locale, Sentence, Voice
from callbackkit.v1.client.calls import Call
from callbackkit.v1.client.resource import Created, Resource


class Bridge(Model, frozen=True):
    """A bridge (methods/bridges/bridges)."""

    id: str
    """brg-..."""
    state: str | None = None
    """created, active, hold, completed or error."""
    call_ids: tuple[str, ...] | None = None
    """In the documented table, but in no sample: `calls` tells for sure."""
    calls: str | None = None
    """The URL of its calls."""
    bridge_audio: bool | None = None
    """Whether the calls hear each other."""
    created_time: Time = None
    activated_time: Time = None
    completed_time: Time = None


class Bridges(Resource):
    """client.bridges"""

    name: ClassVar[str] = "bridges"

    def list(self, *, page: Page | None = None, size: Size | None = None) -> Pages[Bridge]:
        """All bridges.

        `page` counts from 0; `size` is 1 to 1000 items a request, by default 25.
        Raises ArgumentError. (methods/bridges/getBridges)
        """
        return self._pages(Bridges.list, locals(), "bridges", Bridge)

    async def create(
        self, *, call_ids: CallIds | None = None, bridge_audio: bool | None = None
    ) -> Created[Bridge]:
        """Bridge calls.

        `call_ids`: at most 2; none makes an empty bridge. `bridge_audio`: whether they hear each
        other, by default yes. Raises ArgumentError; InvalidRequestError (bridge-bridged-callId).
        (methods/bridges/postBridges)
        """
        return await self._create(Bridges.create, locals(), "bridges", self.get)

    async def get(self, bridge_id: str) -> Bridge:
        """A bridge. Raises NotFoundError. (methods/bridges/getBridgesBridgeId)"""
        return await self._get(Bridges.get, locals(), "bridges/{bridge_id}", Bridge)

    async def update(
        self,
        bridge_id: str,
        *,
        call_ids: CallIds | None = None,
        bridge_audio: bool | None = None,
    ) -> None:
        """Change the calls of a bridge, or whether they hear each other.

        `call_ids` replaces the calls: at most 2, an empty list takes them all out. `bridge_audio`
        False puts the calls on hold. Raises ArgumentError, NotFoundError, ConflictError.
        (methods/bridges/postBridgesBridgeId)
        """
        await self._set(Bridges.update, locals(), "bridges/{bridge_id}")

    def calls(self, bridge_id: str) -> Pages[Call]:
        """The calls of a bridge. (methods/bridges/getBridgesBridgeIdCalls)"""
        return self._pages(Bridges.calls, locals(), "bridges/{bridge_id}/calls", Call, "link")

    async def play_audio(self, bridge_id: str, file_url: Url) -> None:
        """Play a WAV or MP3 to both calls. Raises ArgumentError, NotFoundError.
        (methods/bridges/postBridgesBridgeIdAudio)
        """
        await self._do(Bridges.play_audio, locals(), "bridges/{bridge_id}/audio")

    async def speak_sentence(
        self,
        bridge_id: str,
        sentence: Sentence,
        *,
        gender: Gender | None = None,
        locale: Locale | None = None,
        voice: Voice | None = None,
    ) -> None:
        """Say something to both calls.

        `sentence`: 1 to 1000 characters. By default a female voice ("susan") speaks en_US.
        Raises ArgumentError, NotFoundError. (methods/bridges/postBridgesBridgeIdAudio)
        """
        await self._do(Bridges.speak_sentence, locals(), "bridges/{bridge_id}/audio")

    async def stop_audio(self, bridge_id: str) -> None:
        """Stop a playing file. Raises ForbiddenError (call-audio-invalid-state) if none plays.
        (methods/bridges/postBridgesBridgeIdAudio)
        """
        await self._set(Bridges.stop_audio, locals(), "bridges/{bridge_id}/audio", fileUrl="")

    async def stop_sentence(self, bridge_id: str) -> None:
        """Stop speech. Raises ForbiddenError (call-audio-invalid-state) if there is none.
        (methods/bridges/postBridgesBridgeIdAudio)
        """
        await self._set(Bridges.stop_sentence, locals(), "bridges/{bridge_id}/audio", sentence="")
