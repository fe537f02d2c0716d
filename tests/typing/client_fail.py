"""Requests that both type checkers must refuse, at each line that ends in the word error."""

from datetime import datetime

from callbackkit.v1 import Client
from callbackkit.v1.client import OutgoingMessage, Prompt, Whisper

client = Client()
NUMBER = "+19195551212"


Client(timeot=1.0)  # error
Client(connections="64")  # error


async def missing() -> None:
    await client.calls.create(from_=NUMBER)  # error
    await client.calls.get()  # error
    await client.calls.transfer("c-1")  # error
    await client.messages.send(from_=NUMBER, to=NUMBER)  # error
    await client.conferences.members.create("conf-1")  # error
    await client.conferences.members.update("conf-1", hold=True)  # error
    await client.applications.create()  # error
    await client.domains.create(name="n")  # error
    await client.endpoints.create("rd-1", name="n")  # error
    await client.phone_numbers.import_number(number=NUMBER, account_id="1")  # error
    await client.calls.speak_sentence("c-1")  # error
    OutgoingMessage(from_=NUMBER, to=NUMBER)  # error


async def misspelt() -> None:
    await client.calls.create(from_=NUMBER, to=NUMBER, call_timout=60)  # error
    await client.calls.create(from_=NUMBER, to=NUMBER, callTimeout=60)  # error
    await client.messages.send(from_=NUMBER, to=NUMBER, txt="hi")  # error
    client.calls.list(sort="asc")  # error
    await client.calls.gather("c-1", max_digit=1)  # error
    await client.bridges.speak_sentence("brg-1", "hi", loop_enabled=True)  # error
    await client.conferences.play_audio("conf-1", "https://a.example/a.wav", volume=1)  # error
    await client.applications.update("a-1", auto_anwser=True)  # error
    client.available_numbers.search_local(areacode="919")  # error


async def wrong() -> None:
    await client.calls.create(from_=NUMBER, to=NUMBER, call_timeout="60")  # error
    await client.calls.create(from_=NUMBER, to=NUMBER, callback_http_method="PUT")  # error
    await client.calls.update("c-1", state="started")  # error
    await client.calls.wait("c-1", "over")  # error
    await client.calls.speak_sentence("c-1", "hi", voice="hal")  # error
    await client.calls.transfer("c-1", transfer_to=NUMBER, whisper_audio=Prompt())  # error
    await client.calls.gather("c-1", prompt="hi")  # error
    await client.messages.send(from_=NUMBER, to=NUMBER, text=b"hi")  # error
    await client.messages.send_many([{"from_": NUMBER}])  # error
    client.messages.list(from_date_time="2016-01-02")  # error
    client.messages.list(size="10")  # error
    client.account.transactions(type="gift", from_date=datetime.now())  # error
    await client.number_info.get(19195551212)  # error
    Whisper(sentence=1)  # error
