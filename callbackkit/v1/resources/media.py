"""Media: the files of the account, such as recordings and what an MMS shows."""

from callbackkit.models import Model
from callbackkit.rest import Operation

MOST = 65 * 1024 * 1024
"""Bytes of a file. The page does not say what an MB is: this is the more generous reading
(methods/media/putMediaMediaName)."""


class MediaFile(Model, frozen=True):
    """A file of the account (methods/media/getMedia)."""

    media_name: str
    """Its name for `download`, `stream` and `delete`."""
    content_length: int | None = None
    """Bytes."""
    content: str | None = None
    """Its URL; reading it takes your credentials."""


_FILE = "/users/{user_id}/media/{name}"

LIST = Operation("media.list", "GET", "/users/{user_id}/media", returns=MediaFile, paging="link")
UPLOAD = Operation("media.upload", "PUT", _FILE)
DOWNLOAD = Operation("media.download", "GET", _FILE)
DELETE = Operation("media.delete", "DELETE", _FILE)
