"""Recordings of calls. Their sound is media: client.media."""

from callbackkit.models import Model, Time
from callbackkit.rest import Operation
from callbackkit.v1.resources.values import Paging, last_segment


class Recording(Model, frozen=True):
    """A recording (methods/recordings/recordings)."""

    id: str
    """rec-..."""
    start_time: Time = None
    end_time: Time = None
    call: str | None = None
    """The URL of the call."""
    media: str | None = None
    """The URL of the sound; reading it takes your credentials."""
    state: str | None = None
    """recording, saving, complete or error."""

    @property
    def call_id(self) -> str | None:
        """The id of the call, c-..."""
        return last_segment(self.call)

    @property
    def media_name(self) -> str | None:
        """The name of the sound for `client.media.download`."""
        return last_segment(self.media)


_ALL = "/users/{user_id}/recordings"

LIST = Operation("recordings.list", "GET", _ALL, Paging, Recording, paging="page")
GET = Operation("recordings.get", "GET", f"{_ALL}/{{recording_id}}", returns=Recording)
