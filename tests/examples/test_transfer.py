"""Transfer: who is rung, what they hear, and what the caller hears when nobody comes."""

from callbackkit.v1 import Hangup, PhoneNumber, Record, SpeakSentence, Transfer, parse
from callbackkit.v1.samples import make


def test_who_picks_up_hears_a_whisper_first(platform) -> None:
    call = platform("transfer:app")

    hold, transfer, *rest = call.get("answer", **{"from": "+19195550001"})

    assert isinstance(hold, SpeakSentence)
    assert isinstance(transfer, Transfer)
    *phones, whisper = transfer.children
    assert phones == [PhoneNumber("+19195550101"), PhoneNumber("+19195550102")]
    assert whisper == SpeakSentence("A call from + 1 9 1 9 5 5 5 0 0 0 1.", voice="kate")
    # Run when the call timeout passes: a voicemail.
    assert transfer.call_timeout == 20
    assert [type(verb) for verb in rest] == [SpeakSentence, Record, Hangup]


def test_a_caller_without_a_number_is_somebody(platform) -> None:
    call = platform("transfer:app")
    answer = make("answer", "GET")
    del answer["from"]

    _, transfer, *_ = parse(call.client.get(call.url, params=answer).content)

    assert transfer.children[-1] == SpeakSentence("A call from somebody.", voice="kate")


def test_a_finished_transfer_is_counted(platform, load) -> None:
    call = platform("transfer:app")
    example = load("transfer")
    rota = example.Rota("+19195550103")

    with example.app.override(example.Rota, rota):
        _, transfer, *_ = call.get("answer")
        assert call.get("transferComplete", transfer.request_url) is None

    assert rota.calls_taken == 1


def test_a_message_is_taken_when_nobody_is_on_duty(platform, load) -> None:
    call = platform("transfer:app")
    example = load("transfer")

    with example.app.override(example.Rota, example.Rota()):
        document = call.get("answer")

    assert [type(verb) for verb in document] == [SpeakSentence, Record, Hangup]
