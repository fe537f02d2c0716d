"""The greeting: what a caller hears, and the XML that says it."""

import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.callbackkit(app="greeting:app", rules="all")]


async def test_a_caller_is_greeted(phone) -> None:
    call = await phone.call()

    await call.hears("Hello from Bandwidth")
    await call.ends()

    assert call.ended.cause == "NORMAL_CLEARING"
    assert call.callbacks.kinds == ["incomingcall", "answer", "hangup"]


async def test_the_reply_is_the_documented_xml(phone) -> None:
    call = await phone.call()

    (document,) = call.bxml
    assert (
        b'<SpeakSentence gender="female" locale="en_US" voice="susan">Hello from Bandwidth'
        b"</SpeakSentence><Hangup/>"
    ) in document.replace(b" />", b"/>")
