"""Media goes up and comes down as it is, from and to wherever it may be, under any name."""

import io
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from callbackkit.errors import ArgumentError, NotFoundError
from callbackkit.v1.client import Client

pytestmark = pytest.mark.anyio

SOUND = bytes(range(256)) * 3000


async def pieces() -> AsyncIterator[bytes]:
    for start in range(0, len(SOUND), 100_000):
        yield SOUND[start : start + 100_000]


@pytest.mark.parametrize("kind", ["bytes", "path", "path as text", "file", "iterator"])
async def test_media_is_uploaded_from(
    kind: str, client: Client, platform: Any, tmp_path: Path
) -> None:
    path = tmp_path / "sound"
    path.write_bytes(SOUND)
    content: Any = {
        "bytes": SOUND,
        "path": path,
        "path as text": str(path),
        "file": io.BytesIO(SOUND),
        "iterator": pieces(),
    }[kind]
    told: list[tuple[int, int | None]] = []
    await client.media.upload(
        "a/b ü.wav",
        content,
        cache_control="no-cache",
        size=len(SOUND) if kind == "iterator" else None,
        progress=lambda done, whole: told.append((done, whole)),
    )
    [request] = platform.requests
    assert (request.method, request.path) == ("PUT", "/users/u-1/media/a%2Fb%20%C3%BC.wav")
    assert request.body == SOUND
    assert request.headers["content-length"] == str(len(SOUND))
    assert "transfer-encoding" not in request.headers
    assert request.headers["content-type"].endswith("wav")
    assert request.headers["cache-control"] == "no-cache"
    assert told[-1] == (len(SOUND), len(SOUND))


async def test_a_content_type_is_guessed_or_given(client: Client, platform: Any) -> None:
    await client.media.upload("noname", b"")
    await client.media.upload("a.png", b"")
    await client.media.upload("a.png", b"", content_type="text/plain")
    types = [request.headers["content-type"] for request in platform.requests]
    assert types == ["application/octet-stream", "image/png", "text/plain"]


async def test_an_iterator_has_to_say_its_size(client: Client, platform: Any) -> None:
    with pytest.raises(ArgumentError, match="size="):
        await client.media.upload("a.wav", pieces())
    assert platform.requests == []


async def test_more_than_the_platform_takes_is_not_sent(client: Client, platform: Any) -> None:
    with pytest.raises(ArgumentError, match="68,157,441 bytes, and 68,157,440 are the most"):
        await client.media.upload("a.wav", pieces(), size=65 * 1024 * 1024 + 1)
    assert platform.requests == []


async def test_media_is_downloaded(client: Client, platform: Any, tmp_path: Path) -> None:
    platform.answer(SOUND, headers={"Content-Type": "audio/wav"})
    path = tmp_path / "sound.wav"
    assert await client.media.download("a b", path) == len(SOUND)
    assert path.read_bytes() == SOUND
    assert platform.requests[0].path == "/users/u-1/media/a%20b"
    async with client.media.stream("a b") as file:
        assert file.content_type == "audio/wav"
        assert b"".join([chunk async for chunk in file]) == SOUND


async def test_a_failed_download_leaves_no_file(
    client: Client, platform: Any, tmp_path: Path
) -> None:
    platform.answer({"category": "not-found", "code": "media-not-found"}, 404)
    with pytest.raises(NotFoundError):
        await client.media.download("a", tmp_path / "a")
    assert os.listdir(tmp_path) == []


async def test_media_is_listed_by_the_names_it_goes_by(client: Client, platform: Any) -> None:
    platform.answer(
        [{"mediaName": "a b", "contentLength": 3, "content": "api.example/media/a%20b"}]
    )
    [file] = [item async for item in client.media.list()]
    assert (file.media_name, file.content_length) == ("a b", 3)
