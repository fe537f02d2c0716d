"""The media resource: files of the account, stored and returned as they are."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from callbackkit.carrier.server.replies import resource
from callbackkit.rest import Operation
from callbackkit.v1.carrier.account import MediaFile
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Request, serves
from callbackkit.v1.resources import media as api

MAX_SIZE = 65_000_000
"""Bytes of a file: 65 MB (methods/media/media), which is not said to be 65 MiB."""

_PIECE = 64 * 1024
_UNKNOWN = "application/octet-stream"


@serves(api.LIST)
def list_media(request: Request) -> Response:
    """Reply with all files (methods/media/getMedia)."""

    def shown(file: MediaFile) -> dict[str, Any]:
        url = request.carrier.uri(f"media/{quote(file.name, safe='')}")
        return resource(api.MediaFile, media_name=file.name, content_length=file.size, content=url)

    return listed(request, map(shown, request.carrier.account.media.values()))


@serves(api.UPLOAD)
def upload(request: Request) -> None:
    """Store a file, in place of one that has its name (methods/media/putMediaMediaName)."""
    name = request.parameters["name"]
    if not name.strip("/"):
        raise RestRejection("resource-not-found")
    size = declared_size(request)
    if size != len(request.content):
        raise RestRejection("validation-error", reason=f"the file has not {size} bytes")
    request.carrier.account.media[name] = MediaFile(
        name,
        request.content,
        request.headers.get("content-type", _UNKNOWN),
        request.headers.get("cache-control"),
    )


def declared_size(request: Request) -> int:
    """Return the bytes that an upload says it has. Raises RestRejection unless it says so."""
    size = request.headers.get("content-length")
    if size is None:
        raise RestRejection("validation-error:size", "Content-Length")
    if not (size.isascii() and size.isdigit() and len(size) <= 18):
        raise RestRejection("media-invalid-content-lenght", "Content-Length")
    return int(size)


@serves(api.DOWNLOAD)
def download(request: Request) -> Response:
    """Reply with a file (methods/media/getMediaMediaName)."""
    file = _file_of(request)
    return StreamingResponse(_pieces(file), headers=_headers(file))


@serves(Operation("media.head", "HEAD", api.DOWNLOAD.path))  # known to SDKs only
def look(request: Request) -> Response:
    """Reply with what comes with a file, without the file."""
    return Response(headers=_headers(_file_of(request)))


@serves(api.DELETE)
def delete(request: Request) -> None:
    """Delete a file (methods/media/deleteMediaMediaName)."""
    del request.carrier.account.media[_file_of(request).name]


def _file_of(request: Request) -> MediaFile:
    return find(request.carrier.account.media, request.parameters["name"], "media-not-found")


def _headers(file: MediaFile) -> dict[str, str]:
    found = {"content-length": str(file.size), "content-type": file.content_type or _UNKNOWN}
    if file.cache_control is not None:
        found["cache-control"] = file.cache_control
    return found


async def _pieces(file: MediaFile) -> AsyncIterator[bytes | memoryview]:
    content = file.content
    pieces: Iterator[bytes | memoryview]
    if isinstance(content, bytes):
        view = memoryview(content)
        pieces = (view[at : at + _PIECE] for at in range(0, len(content), _PIECE))
    else:
        pieces = content.chunks()
    for piece in pieces:
        yield piece
