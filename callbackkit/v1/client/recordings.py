"""Recordings of calls. Their sound is media: client.media."""

from typing import Unpack

from callbackkit.client import Pages, Resource
from callbackkit.v1.resources import recordings as api
from callbackkit.v1.resources.values import Paging


class Recordings(Resource):
    """client.recordings"""

    def list(self, **paging: Unpack[Paging]) -> Pages[api.Recording]:
        """Return all recordings. Raises ArgumentError. (methods/recordings/getRecordings)"""
        return self._pages(api.LIST, **paging)

    async def get(self, recording_id: str) -> api.Recording:
        """Return a recording. Raises NotFoundError.
        (methods/recordings/getRecordingsRecordingId)
        """
        return await self._fetch(api.GET, recording_id)
