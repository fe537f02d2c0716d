"""A FastAPI app with a phone number: callbacks come in under /bandwidth, next to its own routes.

`line.routes()` serves /bandwidth with and without a slash at the end. The host's own routes get the
same Client as handlers do, by Depends. Put your credentials into BANDWIDTH_USER_ID,
BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET, run it from this folder, and look at
http://127.0.0.1:8000/docs:

    uvicorn with_fastapi:api
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI

from callbackkit.v1 import (
    AnswerEvent,
    App,
    Client,
    Gather,
    GatherEvent,
    Hangup,
    Reply,
    SpeakSentence,
)

ratings: list[int] = []

line = App()


@line.on(AnswerEvent)
async def ask(call: AnswerEvent) -> Reply:
    question = SpeakSentence("How did you like it? Press a key from 1 to 5.", voice="paul")
    return Gather(question, max_digits=1, request_url="/rated")


@line.on(GatherEvent, path="/rated", digits={"1", "2", "3", "4", "5"})
async def rated(gather: GatherEvent) -> Reply:
    ratings.append(int(gather.digits or 0))
    return [SpeakSentence("Thank you.", voice="paul"), Hangup()]


@line.on(GatherEvent, path="/rated")
async def not_rated(gather: GatherEvent) -> Reply:
    return [SpeakSentence("Never mind. Goodbye.", voice="paul"), Hangup()]


api = FastAPI(lifespan=line.lifespan)
api.router.routes.extend(line.routes("/bandwidth"))


@api.get("/ratings")
async def all_ratings() -> list[int]:
    return ratings


async def line_client() -> AsyncIterator[Client]:
    async with line.provided(Client) as client:
        yield client


@api.post("/thanks")
async def thank(yours: str, theirs: str, client: Annotated[Client, Depends(line_client)]) -> str:
    message = await client.messages.send(from_=yours, to=theirs, text="Thank you for your rating.")
    return message.id
