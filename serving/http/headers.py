"""How every answer leaves, whoever made it: with the same security headers, and an error as a problem document or page."""

from collections.abc import Mapping

from starlette.types import Message, Send

from serving.http.problems import MEDIA_TYPE, Problem

SECURITY = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    b"frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}
KEPT_BY_THE_BROWSER = {b"text/css": b"public, max-age=31536000, immutable"}  # its address changes with it
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
OURS = frozenset({b"server", b"x-bentoml-request-id", b"x-bentoml-trace-id"})


class Leaving:
    """What leaves, whoever made it: the security headers on it, and an error as a problem document.

    Attributes
    ----------
    is_page : bool
        A page was asked for: an error may then be a page of ours.
    """

    def __init__(self, send: Send, request: str, is_behind_tls: bool) -> None:
        self.send, self.request, self.is_behind_tls = send, request, is_behind_tls
        self.is_begun, self.status, self._is_replaced = False, 500, False
        self.is_page = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif not self._is_replaced:
            await self.send(message)

    async def _start(self, message: Message) -> None:
        self.is_begun, self.status = True, message["status"]
        headers = [(name.lower(), value) for name, value in message.get("headers", [])]
        kind = dict(headers).get(b"content-type", b"")
        is_ours = kind.startswith(MEDIA_TYPE.encode()) or (self.is_page and kind.startswith(b"text/html"))
        if self.status >= 400 and not is_ours:
            await self._replace("not-there" if self.status == 404 else "mistake")
            return
        kept = [(name, value) for name, value in headers if name not in OURS and name not in SECURITY]
        media = kind.partition(b";")[0]
        own = SECURITY | (
            {b"cache-control": KEPT_BY_THE_BROWSER[media]} if media in KEPT_BY_THE_BROWSER else {}
        )
        await self.send({**message, "headers": [*kept, *self._ours(own)]})

    async def _replace(self, kind: str) -> None:
        self._is_replaced = True
        problem = Problem(kind)
        body = problem.document().model_dump_json().encode()
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        self.status = problem.status
        await self.send(
            {"type": "http.response.start", "status": self.status, "headers": [*headers, *self._ours()]}
        )
        await self.send({"type": "http.response.body", "body": body})

    def _ours(self, own: Mapping[bytes, bytes] = SECURITY) -> list[tuple[bytes, bytes]]:
        hsts = [HSTS] if self.is_behind_tls else []
        return [*own.items(), *hsts, (b"x-request-id", self.request.encode())]
