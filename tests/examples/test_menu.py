"""The menu: from level to level by the URLs in the replies."""

import pytest

from callbackkit.v1 import Gather, Hangup, Redirect, Response


def press(call, document: Response, digits: str, reason: str = "max-digits") -> Response:
    """The answer to the last verb, a Gather, when these keys are pressed."""
    gather = document.children[-1]
    assert isinstance(gather, Gather)
    return call.get("gather", gather.request_url, tag=gather.tag, digits=digits, reason=reason)


def spoken(document: Response) -> str:
    first = document.children[0]
    return (first.children[0] if isinstance(first, Gather) else first).text


def follow(call, document: Response) -> Response:
    redirect = document.children[-1]
    assert isinstance(redirect, Redirect)
    return call.get("redirect", redirect.request_url)


@pytest.mark.parametrize(
    ("keys", "heard"), [("1", "nine to five"), ("21", "on its way"), ("22", "cancelled")]
)
def test_each_choice_ends_with_its_answer(platform, keys: str, heard: str) -> None:
    call = platform("menu:app")

    document = call.get("answer")
    for key in keys:
        document = press(call, document, key)

    assert heard in spoken(document)
    assert document.children[-1] == Hangup()


def test_star_goes_back_to_the_first_level(platform) -> None:
    call = platform("menu:app")
    first = call.get("answer")

    again = follow(call, press(call, press(call, first, "2"), "*"))

    assert again == first


def test_three_wrong_keys_end_the_call(platform) -> None:
    call = platform("menu:app")

    document = call.get("answer")
    for keys, reason in (("7", "max-digits"), ("", "inter-digit-timeout")):
        document = press(call, document, keys, reason)
        assert "not one of the choices" in spoken(document)
        document = follow(call, document)
        assert "opening hours" in spoken(document)
    document = press(call, document, "#")

    assert spoken(document) == "Goodbye."
    assert document.children[-1] == Hangup()


def test_the_fallback_answers_when_a_handler_fails(platform) -> None:
    call = platform("menu:app")

    document = call.get("redirect", f"{call.url}?failed=often")

    assert "went wrong" in spoken(document)
