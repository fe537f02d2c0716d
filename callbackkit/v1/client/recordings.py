"""Recordings of calls. Their sound is media: client.media."""

from typing import Unpack

from callbackkit.client import Pages, Resource
from callbackkit.v1.resources import recordings
from callbackkit.v1.resources.recordings import Recording
from callbackkit.v1.resources.values import Paging


class Recordings(Resource):
    """client.recordings"""

    def list(self, **paging: Unpack[Paging]) -> Pages[Recording]:
        """Return all recordings. Raises ArgumentError. (methods/recordings/getRecordings)"""
        return self._pages(recordings.LIST, **paging)

    async def get(self, recording_id: str) -> Recording:
        """Return a recording. Raises NotFoundError.
        (methods/recordings/getRecordingsRecordingId)
        """
        return await self._fetch(recordings.GET, recording_id)
