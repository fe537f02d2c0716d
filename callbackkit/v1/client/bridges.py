"""Bridges: two calls that hear each other."""

from typing import Unpack

from callbackkit.client import Created, Pages, Resource
from callbackkit.v1.resources import bridges as api
from callbackkit.v1.resources.audio import Speaker
from callbackkit.v1.resources.calls import Call
from callbackkit.v1.resources.values import Paging


class Bridges(Resource):
    """client.bridges"""

    def list(self, **paging: Unpack[Paging]) -> Pages[api.Bridge]:
        """Return all bridges. Raises ArgumentError. (methods/bridges/getBridges)"""
        return self._pages(api.LIST, **paging)

    async def create(self, **bridge: Unpack[api.BridgeSettings]) -> Created[api.Bridge]:
        """Bridge calls; without any the bridge is empty.

        Raises ArgumentError; InvalidRequestError (bridge-bridged-callId).
        (methods/bridges/postBridges)
        """
        return await self._create(api.CREATE, **bridge)

    async def get(self, bridge_id: str) -> api.Bridge:
        """Return a bridge. Raises NotFoundError. (methods/bridges/getBridgesBridgeId)"""
        return await self._fetch(api.GET, bridge_id)

    async def update(self, bridge_id: str, **change: Unpack[api.BridgeSettings]) -> None:
        """Change the calls of a bridge, or whether they hear each other.

        Raises ArgumentError, NotFoundError, ConflictError. (methods/bridges/postBridgesBridgeId)
        """
        await self._send(api.UPDATE, bridge_id, **change)

    def calls(self, bridge_id: str) -> Pages[Call]:
        """Return the calls of a bridge. (methods/bridges/getBridgesBridgeIdCalls)"""
        return self._pages(api.CALLS, bridge_id)

    async def play_audio(self, bridge_id: str, file_url: str) -> None:
        """Play a WAV or MP3 to both calls. Raises ArgumentError, NotFoundError.
        (methods/bridges/postBridgesBridgeIdAudio)
        """
        await self._send(api.AUDIO.play, bridge_id, file_url=file_url)

    async def speak_sentence(
        self, bridge_id: str, sentence: str, **speaker: Unpack[Speaker]
    ) -> None:
        """Say something of 1 to 1000 characters to both calls.

        Raises ArgumentError, NotFoundError. (methods/bridges/postBridgesBridgeIdAudio)
        """
        await self._send(api.AUDIO.speak, bridge_id, sentence=sentence, **speaker)

    async def stop_audio(self, bridge_id: str) -> None:
        """Stop a playing file. Raises ForbiddenError (call-audio-invalid-state) if none plays.
        (methods/bridges/postBridgesBridgeIdAudio)
        """
        await self._send(api.AUDIO.stop_audio, bridge_id)

    async def stop_sentence(self, bridge_id: str) -> None:
        """Stop speech. Raises ForbiddenError (call-audio-invalid-state) if there is none.
        (methods/bridges/postBridgesBridgeIdAudio)
        """
        await self._send(api.AUDIO.stop_sentence, bridge_id)
