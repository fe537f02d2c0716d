"""The apps that the framework is compared with: each takes an SMS by POST, or answers a call by GET.

All read the event, note two of its fields, and reply; what they need is imported when they are
made, as some of it may not be installed.
"""

import asyncio
import json
from typing import Annotated, Any
from urllib.parse import parse_qsl

from documents import by_hand, sdk
from driving import note


async def pause() -> None:
    """Wait once, as short as can be: for something that is done in the next turn of the loop."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    loop.call_soon(done.set_result, None)
    await done


# A bare ASGI function: nothing is decided, and the reply is a constant


def bare_sms(*, waits: bool = False) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        data = json.loads((await receive())["body"])
        if waits:
            await pause()
        note(data["from"], data["text"])
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return app


def bare_answer(reply: bytes) -> Any:
    length = b"%d" % len(reply)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        data = dict(parse_qsl(scope["query_string"].decode()))
        note(data["from"], data["callId"])
        headers = [(b"content-type", b"application/xml"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": reply})

    return app


# Starlette: a route, dicts, f-strings


def starlette_sms(*, waits: bool = False) -> Any:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async def callback(request: Request) -> Response:
        data = await request.json()
        if data["eventType"] == "sms" and data["direction"] == "in":
            if waits:
                await pause()
            note(data["from"], data["text"])
        return Response()

    return Starlette(routes=[Route("/", callback, methods=["POST"])])


def starlette_answer() -> Any:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    build = by_hand(3)

    async def callback(request: Request) -> Response:
        data = request.query_params
        if data["eventType"] == "answer":
            note(data["from"], data["callId"])
            return Response(build(data["from"]), media_type="application/xml")
        return Response()

    return Starlette(routes=[Route("/", callback)])


# FastAPI: pydantic models, f-strings or the SDK's verbs


def fastapi_sms() -> Any:
    from fastapi import FastAPI, Response
    from pydantic import AwareDatetime, BaseModel, Field

    class Sms(BaseModel):
        event_type: str = Field(alias="eventType")
        direction: str
        message_id: str = Field(alias="messageId")
        message_uri: str | None = Field(None, alias="messageUri")
        from_: str = Field(alias="from")
        to: str
        text: str | None = None
        application_id: str | None = Field(None, alias="applicationId")
        time: AwareDatetime | None = None
        state: str | None = None
        segment_count: int | None = Field(None, alias="segmentCount")

    app = FastAPI()

    @app.post("/")
    async def callback(event: Sms) -> Response:
        if event.event_type == "sms" and event.direction == "in":
            note(event.from_, event.text or "")
        return Response()

    return app


def fastapi_answer(*, with_sdk: bool) -> Any:
    from fastapi import FastAPI, Query, Response
    from pydantic import AwareDatetime, BaseModel, Field

    class Answer(BaseModel):
        event_type: str = Field(alias="eventType")
        call_id: str = Field(alias="callId")
        call_uri: str | None = Field(None, alias="callUri")
        call_state: str | None = Field(None, alias="callState")
        from_: str = Field(alias="from")
        to: str
        withhold_caller_number: bool | None = Field(None, alias="withholdCallerNumber")
        withhold_caller_name: bool | None = Field(None, alias="withholdCallerName")
        display_name: str | None = Field(None, alias="displayName")
        time: AwareDatetime | None = None
        tag: str | None = None

    build = sdk(3) if with_sdk else by_hand(3)
    app = FastAPI()

    @app.get("/")
    async def callback(event: Annotated[Answer, Query()]) -> Response:
        if event.event_type == "answer":
            note(event.from_, event.call_id)
            return Response(build(event.from_), media_type="application/xml")
        return Response()

    return app


# Flask with bandwidth-sdk, whose events have the shape of another dialect


def flask_sms() -> Any:
    from bandwidth.models import InboundCallback
    from flask import Flask, Response, request

    app = Flask(__name__)

    @app.post("/")
    def callback() -> Response:
        for data in request.get_json():
            event = InboundCallback.from_dict(data)
            assert event is not None
            if event.type == "message-received":
                note(event.message.var_from, event.message.text or "")
        return Response()

    return app


def flask_answer() -> Any:
    import bandwidth  # noqa: F401 (to name the one that is missing)
    from flask import Flask, Response, request

    build = sdk(3)
    app = Flask(__name__)

    @app.get("/")
    def callback() -> Response:
        data = request.args
        if data["eventType"] == "answer":
            note(data["from"], data["callId"])
            return Response(build(data["from"]), mimetype="application/xml")
        return Response()

    return app
