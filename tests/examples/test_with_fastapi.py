"""A phone line in a FastAPI app: callbacks under the prefix, the host's own routes next to it."""

import pytest

from callbackkit.v1 import Gather, Hangup


@pytest.mark.parametrize("path", ["/bandwidth", "/bandwidth/"])
def test_a_call_leaves_a_rating(platform, path: str) -> None:
    call = platform("with_fastapi:api", path)
    host = call.url.removesuffix(path)

    (gather,) = call.get("answer")
    assert isinstance(gather, Gather)
    assert gather.request_url == f"{host}/bandwidth/rated"
    assert call.get("gather", gather.request_url, digits="5").children[-1] == Hangup()
    assert call.get("gather", gather.request_url, digits="9").children[-1] == Hangup()

    assert call.client.get(f"{host}/ratings").json() == [5]


def test_the_docs_of_the_host_work(platform) -> None:
    call = platform("with_fastapi:api")

    assert list(call.client.get(f"{call.url}openapi.json").json()["paths"]) == ["/ratings"]
    assert "swagger" in call.client.get(f"{call.url}docs").text
