"""Messages: SMS and MMS, sent one by one or up to 50 at once, and those that came in."""

from collections.abc import Sequence
from typing import Unpack

from callbackkit.client import Created, Pages, Resource
from callbackkit.errors import ArgumentError
from callbackkit.v1.resources import messages as api


class Messages(Resource):
    """client.messages"""

    def list(self, **query: Unpack[api.MessageFilter]) -> Pages[api.Message]:
        """Return messages sent and received; their texts are kept for 3 days.

        Raises ArgumentError. (methods/messages/getMessages)
        """
        return self._pages(api.LIST, **query)

    async def send(self, **message: Unpack[api.NewMessage]) -> Created[api.Message]:
        """Send an SMS, or an MMS if there is `media`.

        Raises ArgumentError; RateLimitError (message-rate-limit, ...); ForbiddenError
        (number-access-denied, restricted-number, message-from-toll-free,
        insufficient-available-balance). (methods/messages/postMessages)
        """
        return await self._create(api.SEND, **message)

    async def send_many(
        self, messages: Sequence[api.OutgoingMessage]
    ) -> tuple[api.SendResult, ...]:
        """Send 1 to 50 messages by one request, and return one result each, in their order.

        A message that is not taken is a result with an `error`, no exception. Raises ArgumentError;
        RateLimitError; ForbiddenError (multi-message-limit). (methods/messages/postMessages)
        """
        if not 1 <= len(messages) <= api.MOST:
            raise ArgumentError(
                f"messages.send_many: messages is a list of 1 to 50, not {len(messages)}."
            )
        items = [vars(message) for message in messages]
        response, results = await self._send_list(api.SEND_MANY, "messages", items)
        if len(results) != len(messages):
            raise response.bad(f"it has {len(results)} results for {len(messages)} messages")
        return results

    async def get(self, message_id: str) -> api.Message:
        """Return a message. Raises NotFoundError. (methods/messages/getMessagesMessageId)"""
        return await self._fetch(api.GET, message_id)

    async def redact(self, message_id: str) -> None:
        """Empty the text of a message for good. Raises NotFoundError.
        (methods/messages/redactMessageText)
        """
        await self._send(api.REDACT, message_id)
