"""The media resource: files of the account, stored and given back as they are."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from callbackkit.carrier.server.replies import empty_reply
from callbackkit.v1.carrier.account import MediaFile
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request

MAX_SIZE = 65_000_000
"""Bytes of a file: 65 MB (methods/media/media), which is not said to be 65 MiB."""

_PIECE = 64 * 1024
_UNKNOWN = "application/octet-stream"


def list_media(request: Request) -> Response:
    """All files (methods/media/getMedia)."""
    carrier = request.carrier

    def show(file: MediaFile) -> dict[str, Any]:
        return {
            "mediaName": file.name,
            "contentLength": file.size,
            "content": carrier.uri(f"media/{quote(file.name, safe='')}"),
        }

    return listed(request, list(request.carrier.account.media.values()), show)


def upload(request: Request) -> Response:
    """Store a file, in place of one that has its name (methods/media/putMediaMediaName)."""
    name = request.parameters["media_name"]
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
    return empty_reply()


def declared_size(request: Request) -> int:
    """The bytes that an upload says it has, as it must. Raises RestRejection."""
    said = request.headers.get("content-length")
    if said is None:
        raise RestRejection("validation-error:size", "Content-Length")
    if not (said.isascii() and said.isdigit() and len(said) <= 18):
        raise RestRejection("media-invalid-content-lenght", "Content-Length")
    return int(said)


def download(request: Request) -> Response:
    """A file (methods/media/getMediaMediaName)."""
    file = _file_of(request)
    return StreamingResponse(_pieces(file), headers=_headers(file))


def look(request: Request) -> Response:
    """What would come with a file; known to SDKs only."""
    return Response(headers=_headers(_file_of(request)))


def delete(request: Request) -> Response:
    """Delete a file (methods/media/deleteMediaMediaName)."""
    del request.carrier.account.media[_file_of(request).name]
    return empty_reply()


def _file_of(request: Request) -> MediaFile:
    name = request.parameters["media_name"]
    found = request.carrier.account.media.get(name)
    if found is None:
        raise RestRejection("media-not-found", name)
    return found


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


OPERATIONS: Operations = {
    "/users/{user_id}/media": {"GET": list_media},
    "/users/{user_id}/media/{media_name:path}": {
        "PUT": upload,
        "GET": download,
        "HEAD": look,
        "DELETE": delete,
    },
}
