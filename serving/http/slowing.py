"""The answer to a wrong sign-in waits, longer the more there were from its address; nobody else waits with it."""

import asyncio
from collections.abc import Mapping

from starlette.types import Message, Send

from serving.security.sign_ins import WrongSignIns

MOST_WAITING = 512  # answers kept back at once; beyond them whoever asks is told to come again later


class Slowed:
    """A `send` that keeps back the answer to a wrong sign-in until the request holds nothing that others need.

    Attributes
    ----------
    is_sign_in : bool
        A code or token came with the request, so that an answer of 401 says that it was wrong.
    """

    waiting = 0

    def __init__(self, send: Send) -> None:
        self.send, self.is_sign_in = send, False
        self._kept: list[Message] = []

    async def __call__(self, message: Message) -> None:
        is_wrong = self.is_sign_in and message["type"] == "http.response.start" and message["status"] == 401
        if is_wrong or self._kept:
            self._kept.append(message)
        else:
            await self.send(message)

    async def let_go(self, wrong: WrongSignIns, address: str) -> bool:
        """Send what was kept back, once its time has come; False where too many wait, and nothing was sent."""
        if self._kept and (wait := wrong.wait_s(address)) > 0:
            if Slowed.waiting >= MOST_WAITING:
                return False
            Slowed.waiting += 1
            try:
                await asyncio.sleep(wait)
            finally:
                Slowed.waiting -= 1
        for message in self._kept:
            await self.send(message)
        return True


def address_of(client: tuple[str, int] | None, headers: Mapping[bytes, bytes], is_behind_tls: bool) -> str:
    """Whose request it is: behind a proxy the address that the proxy itself saw, which it appends last."""
    passed_on = headers.get(b"x-forwarded-for", b"").decode("latin-1").rsplit(",", 1)[-1].strip()
    return passed_on if is_behind_tls and passed_on else (client or ("", 0))[0]
