"""The greeting: what the caller hears."""

from callbackkit.v1 import Hangup, Response, SpeakSentence


def test_a_caller_is_greeted(platform) -> None:
    call = platform("greeting:app")

    assert call.get("incomingcall") is None
    assert call.get("answer") == Response(
        [
            SpeakSentence("Hello from Bandwidth", voice="susan", gender="female", locale="en_US"),
            Hangup(),
        ]
    )
    assert call.get("hangup") is None


def test_the_reply_is_the_documented_xml(platform) -> None:
    call = platform("greeting:app")

    reply = call.client.get(call.url, params={"eventType": "answer", "callId": "c-1"})

    assert reply.headers["content-type"] == "application/xml"
    assert (
        '<SpeakSentence gender="female" locale="en_US" voice="susan">Hello from Bandwidth'
        "</SpeakSentence>"
    ) in reply.text
