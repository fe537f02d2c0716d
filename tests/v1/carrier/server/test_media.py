"""Media: files go up and come down byte for byte, and recordings are streamed as they are made."""

import wave
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from callbackkit.carrier.sound import Silence
from callbackkit.errors import ForbiddenError, NotFoundError
from callbackkit.testing.serving import BackgroundServer
from callbackkit.v1.carrier.account import MediaFile
from callbackkit.v1.carrier.server.resources import media
from callbackkit.v1.client import Client

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 3000
NAME = "a/b ü.wav"


async def pieces() -> AsyncIterator[bytes]:
    for start in range(0, len(CONTENT), 100_000):
        yield CONTENT[start : start + 100_000]


async def content(client: Client, name: str) -> bytes:
    async with client.media.stream(name) as file:
        return b"".join([chunk async for chunk in file])


async def test_upload_media(local: Any, client: Client) -> None:
    await client.media.upload(NAME, pieces(), size=len(CONTENT), cache_control="no-cache")
    stored = local.carrier.account.media[NAME]
    assert (stored.content, stored.cache_control) == (CONTENT, "no-cache")
    assert stored.content_type.endswith("wav")
    await client.media.upload(NAME, b"other", content_type="text/plain")
    assert await content(client, NAME) == b"other"
    await client.media.upload("empty", b"")
    assert await content(client, "empty") == b""


async def test_download_media(local: Any, client: Client, tmp_path: Path) -> None:
    await client.media.upload(NAME, CONTENT, content_type="audio/x-own", cache_control="max-age=1")
    async with client.media.stream(NAME) as file:
        assert (file.size, file.content_type) == (len(CONTENT), "audio/x-own")
        assert b"".join([chunk async for chunk in file]) == CONTENT
    assert await client.media.download(NAME, tmp_path / "a") == len(CONTENT)
    assert (tmp_path / "a").read_bytes() == CONTENT
    reply = await local.request("GET", "/media/a/b%20%C3%BC.wav")
    assert reply.headers["cache-control"] == "max-age=1"
    with pytest.raises(NotFoundError, match="media-not-found"):
        await content(client, "other")


async def test_list_media(local: Any, client: Client) -> None:
    await client.media.upload(NAME, CONTENT)
    await client.media.upload("b", b"12")
    found = [one async for one in client.media.list()]
    assert [(one.media_name, one.content_length) for one in found] == [(NAME, 768_000), ("b", 2)]
    assert found[0].content == f"{local.carrier.base_url}/users/u-carrier/media/a%2Fb%20%C3%BC.wav"


async def test_delete_media(local: Any, client: Client) -> None:
    await client.media.upload(NAME, CONTENT)
    await client.media.delete(NAME)
    assert [one async for one in client.media.list()] == []
    with pytest.raises(NotFoundError):
        await client.media.delete(NAME)


async def test_the_head_of_a_file(local: Any, client: Client) -> None:
    await client.media.upload("a.txt", b"12345", content_type="text/plain")
    reply = await local.request("HEAD", "/media/a.txt")
    assert (reply.status_code, reply.headers["content-length"]) == (200, "5")
    assert (reply.headers["content-type"], reply.content) == ("text/plain", b"")


async def test_recorded_silence_takes_no_memory_and_is_a_real_file(
    local: Any, client: Client
) -> None:
    silence = Silence(3600.0)
    local.carrier.account.media["long.wav"] = MediaFile("long.wav", silence, "audio/wav")
    async with client.media.stream("long.wav") as file:
        assert (file.size, file.content_type) == (silence.size, "audio/wav")
        whole = b"".join([chunk async for chunk in file])
    with wave.open(BytesIO(whole)) as sound:
        assert sound.getnframes() / sound.getframerate() == 3600.0


async def test_files_over_real_http(local: Any, client: Client, tmp_path: Path) -> None:
    served = BackgroundServer(local.api)
    await served.start()
    try:
        local.carrier.served_at(served.url)
        account = local.carrier.account
        over_http = Client(
            account.user_id, account.token, account.secret, base_url=local.carrier.base_url
        )
        async with over_http as client:
            await client.media.upload(NAME, pieces(), size=len(CONTENT))
            assert await client.media.download(NAME, tmp_path / "a") == len(CONTENT)
            assert (tmp_path / "a").read_bytes() == CONTENT
            local.carrier.account.media["s"] = MediaFile("s", Silence(20.0), "audio/wav")
            assert await client.media.download("s", tmp_path / "s") == 44 + 160_000
            [first, *_] = [one async for one in client.media.list()]
            assert (first.content or "").startswith(served.url)
        # A body without a length, as chunks are.
        async with httpx.AsyncClient(trust_env=False) as http:
            url = f"{local.carrier.base_url}/users/u-carrier/media/x"
            reply = await http.put(url, content=pieces(), auth=(account.token, account.secret))
            assert reply.status_code == 400
            assert reply.json()["message"] == (
                "The media size must be specified by the Content-Length header"
            )
            reply = await http.head(f"{url[:-1]}s", auth=(account.token, account.secret))
            assert reply.headers["content-length"] == str(44 + 160_000)
    finally:
        await served.stop()


async def test_too_big_a_file_is_refused(local: Any, client: Client) -> None:
    assert media.MAX_SIZE == 65_000_000
    too_big = bytes(65_000_001)
    with pytest.raises(ForbiddenError, match="larger than the maximum 65000000") as caught:
        await client.media.upload("big", too_big)
    assert caught.value.code == "media-size-overflow"
    await client.media.upload("big", too_big[:-1])
    assert local.carrier.account.media["big"].size == 65_000_000


@pytest.mark.parametrize("size", ["x", "-1", "1.5", "9" * 30])
async def test_a_wrong_size(size: str, local: Any) -> None:
    status, code, _ = await local.error_of(
        "PUT", "/media/a", headers={"content-length": size}, content=b"abc"
    )
    assert (status, code) == (404, "media-invalid-content-lenght")
    reply = await local.request("PUT", "/media/a", headers={"content-length": "9"}, content=b"abc")
    assert (reply.status_code, local.carrier.account.media) == (400, {})


async def test_a_file_without_a_name(local: Any) -> None:
    status, code, _ = await local.error_of("PUT", "/media/", content=b"abc")
    assert (status, code) == (405, "method-not-allowed")
