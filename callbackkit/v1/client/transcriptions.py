"""Transcriptions: what was said in a recording, as text."""

from callbackkit.client import Created, Pages, Resource
from callbackkit.v1.resources import transcriptions as api


class Transcriptions(Resource):
    """client.transcriptions"""

    def list(self, recording_id: str) -> Pages[api.Transcription]:
        """Return the transcriptions of a recording. (methods/transcriptions/getTranscriptions)"""
        return self._pages(api.LIST, recording_id)

    async def create(self, recording_id: str) -> Created[api.Transcription]:
        """Have a recording transcribed, which must be complete; a transcription event follows.

        Raises NotFoundError; ForbiddenError (invalid-recording-state); ConflictError
        (duplicate-transcription). (methods/transcriptions/postTranscriptions)
        """
        return await self._create(api.CREATE, recording_id)

    async def get(self, recording_id: str, transcription_id: str) -> api.Transcription:
        """Return a transcription. Raises NotFoundError.
        (methods/transcriptions/getTranscriptionsTranscriptionId)
        """
        return await self._fetch(api.GET, recording_id, transcription_id)
