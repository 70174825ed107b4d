"""The gate before everything, BentoML's parsers too: what is not let in here is not read by anybody.

In order: the headers' size; where the request came from; which endpoint it means; how many are under way; who asks;
media type; size; JSON, or a page's own form; the endpoint's own record. What goes on is that record, written anew, with
two headers; a form goes on as a record alone. Every answer, whoever made it, leaves with the same security headers,
and an error as a problem document, or as a page where a page was asked for.
"""

import asyncio
import hmac
import os
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from anyio import to_thread
from pydantic import BaseModel, ValidationError
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving import logs
from serving.desk import Desk
from serving.errors import NotSignedIn
from serving.http import metrics
from serving.http.calls import CALL, COOKIE, Call, Endpoint, problem_of
from serving.http.forms import Form, check_form_token, is_form, read_form
from serving.http.headers import Leaving
from serving.http.problem_pages import answer_to, wants_page
from serving.http.problems import Problem, from_validation
from serving.http.routes import Routes, check_origin, check_same_origin
from serving.http.slowing import Slowed, address_of
from serving.http.strict_json import check_named_once
from serving.security.access import Person
from serving.security.accounts import person_of
from serving.security.sign_ins import WRONG, network_of

LARGEST_BODY = 64 * 1024  # bytes
LARGEST_HEADERS = 16 * 1024  # bytes, of all together
SLOWEST, SLOWEST_UNKNOWN = 10.0, 3.0  # seconds for a body to arrive; of somebody who is not signed in
MOST_ARRIVING, MOST_ARRIVING_UNKNOWN = (
    512,
    64,
)  # bodies at once of those who are not signed in: in all, and of one address
BENTOML_HEALTH = ("/livez", "/readyz", "/healthz")
UNCOUNTED = ("live", "ready")
METRICS_TOKEN = "PATHWAYS_METRICS_TOKEN"
JSON_TYPE = re.compile(rb'application/json(?:\s*;\s*charset="?utf-8"?)?', re.IGNORECASE)


class Gate:
    """ASGI middleware.

    Parameters
    ----------
    app : ASGI application
        BentoML's, with the mounted application in it.
    desk : callable of no arguments to Desk
        The process's desk, opened when the service starts.
    routes : Routes
    """

    def __init__(self, app: ASGIApp, desk: Callable[[], Desk], routes: Routes) -> None:
        self.app, self.desk, self.routes = app, desk, routes
        self.under_way = 0
        self.arriving: Counter[str] = Counter()
        self.arriving_unknown: Counter[str] = Counter()
        self.answering: Counter[str] = Counter()
        metrics.UNDER_WAY.set_function(lambda: self.under_way)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        request, began = uuid.uuid4().hex, time.perf_counter()
        headers = dict(scope["headers"])
        slowed = Slowed(send)
        leaving = Leaving(slowed, request, self.desk().settings.is_behind_tls)
        name = "none"
        try:
            if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEADERS:
                raise Problem("headers-too-large")
            check_origin(self.desk().settings, (scope.get("server") or ("",))[0], headers)
            path = scope["path"]
            leaving.is_page = self.routes.is_page(path) or wants_page(path, headers.get(b"accept", b""))
            if path in BENTOML_HEALTH and scope["method"] == "GET":
                await self.app(scope, receive, leaving)
                return
            if path == "/metrics":
                await self._metrics(headers)(scope, receive, leaving)
                return
            endpoint, numbers = self.routes.find(scope)
            name = endpoint.name
            leaving.is_page = endpoint.is_page
            slowed.is_sign_in = endpoint.is_sign_in or bool(bearer(headers) or cookies(headers).get(COOKIE))
            await self._let_in(endpoint, numbers, headers, scope, receive, leaving)
        except Exception as error:  # nothing that happens behind the gate leaves as anything but a problem
            if not leaving.is_begun:
                await answer_to(problem_of(error), leaving.is_page)(scope, receive, leaving)
        finally:
            seconds = time.perf_counter() - began
            metrics.count(name, leaving.status, seconds)
            logs.answered(name, leaving.status, seconds)
        address = address_of(scope.get("client"), headers, self.desk().settings.is_behind_tls)
        if not await slowed.let_go(WRONG, address):
            later = Leaving(send, request, self.desk().settings.is_behind_tls)
            later.is_page = leaving.is_page
            await answer_to(Problem("busy"), leaving.is_page)(scope, receive, later)

    async def _let_in(
        self, endpoint: Endpoint, numbers: dict[str, int], headers: Mapping[bytes, bytes], scope: Scope, receive: Receive,
        leaving: Leaving,
    ) -> None:  # fmt: skip
        """Let one more in, unless as many are under way as may be, in all or of this caller.

        Those who are not signed in count by address, and apart, so that they keep out nobody who is, and nobody elsewhere. A body
        that is still arriving holds no place of those who are answered: however many are slow, others are let in.
        """
        settings = self.desk().settings
        is_counted = endpoint.name not in UNCOUNTED
        most = settings.most_at_once_each if is_counted else MOST_ARRIVING
        with self._room(is_counted):
            person, token = await self._person(endpoint, headers, leaving.request)
        caller = (
            person.name
            if person
            else f"at {network_of(address_of(scope.get('client'), headers, settings.is_behind_tls))}"
        )
        query = query_of(scope, endpoint)
        body, content = None, b""
        if endpoint.body is not None:
            with one_of(self.arriving, caller, most) if person else self._arriving_unknown(caller):
                sent = await self._sent(
                    endpoint.body, headers, receive, SLOWEST if person else SLOWEST_UNKNOWN
                )
            body, content = record_of(endpoint.body, headers, sent)
        if isinstance(body, Form) and not bearer(headers):
            check_same_origin(headers)
            if token:
                check_form_token(body, token)
        call = Call(endpoint, body, numbers, person, token, query, cookies(headers), leaving.request)
        with self._room(is_counted), one_of(self.answering, caller, most):
            await self.app(onward(scope, call, content), replay(content, receive), leaving)

    @contextmanager
    def _room(self, is_counted: bool) -> Iterator[None]:
        """One of those under way; Problem where as many are as may be."""
        if is_counted and self.under_way >= self.desk().settings.most_at_once:
            raise Problem("busy")
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    @contextmanager
    def _arriving_unknown(self, caller: str) -> Iterator[None]:
        """A body of somebody who is not signed in; Problem where as many are arriving as may be, in all or of the caller."""
        if self.arriving_unknown.total() >= MOST_ARRIVING:
            raise Problem("busy")
        with one_of(self.arriving_unknown, caller, MOST_ARRIVING_UNKNOWN):
            yield

    async def _person(
        self, endpoint: Endpoint, headers: Mapping[bytes, bytes], request: str
    ) -> tuple[Person | None, str]:
        """Who asks; (None, "") where nobody need sign in."""
        if endpoint.action is None:
            return None, ""
        token = bearer(headers)
        if not token and (token := cookies(headers).get(COOKIE, "")):
            check_same_origin(headers)
        if not token:
            raise Problem("not-signed-in")

        def find() -> Person:
            try:
                with self.desk().database.reading() as session:
                    return person_of(session, token)
            except NotSignedIn:
                WRONG.refused(self.desk().log, "token not known or ended", request)
                raise

        return await to_thread.run_sync(find), token

    async def _sent(
        self, kind: type[BaseModel], headers: Mapping[bytes, bytes], receive: Receive, within: float
    ) -> bytes:
        """The bytes of a body that is declared as it must be, small enough, and there in time (seconds)."""
        if not is_form(kind) and not JSON_TYPE.fullmatch(headers.get(b"content-type", b"").strip()):
            raise Problem("wrong-media-type")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Problem("wrong-media-type")
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or len(length) > 9 or int(length) > LARGEST_BODY:
            raise Problem("too-large", f"It is larger than {LARGEST_BODY:,} bytes.")
        try:
            return await asyncio.wait_for(read(receive), within)
        except TimeoutError:
            raise Problem("too-slow") from None

    def _metrics(self, headers: Mapping[bytes, bytes]) -> Response:
        """Counts, for whoever has the token of the environment; without one set there is no such page."""
        token = os.environ.get(METRICS_TOKEN, "")
        if not token or not hmac.compare_digest(bearer(headers).encode(), token.encode()):
            raise Problem("not-there")
        return Response(metrics.text(), media_type=metrics.MEDIA_TYPE)


@contextmanager
def one_of(counted: Counter[str], caller: str, most: int) -> Iterator[None]:
    """One more of a caller; Problem where as many are as may be."""
    if counted[caller] >= most:
        raise Problem("too-many")
    counted[caller] += 1
    try:
        yield
    finally:
        counted[caller] -= 1
        if not counted[caller]:
            del counted[caller]  # so that it does not grow


def record_of(kind: type[BaseModel], headers: Mapping[bytes, bytes], sent: bytes) -> tuple[BaseModel, bytes]:
    """An endpoint's record, and the bytes that go on: the record written anew; of a form none."""
    if issubclass(kind, Form):
        return read_form(kind, headers.get(b"content-type", b"").strip(), sent), b""
    try:
        record = kind.model_validate_json(sent)
    except ValidationError as error:
        raise from_validation(error) from None
    check_named_once(sent)
    return record, record.model_dump_json().encode()


def bearer(headers: Mapping[bytes, bytes]) -> str:
    """The token of a request's Authorization header; "" for none."""
    kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def cookies(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """The cookies a request carries."""
    parts = headers.get(b"cookie", b"").decode("latin-1").split(";")
    return {name: value for name, _, value in (part.strip().partition("=") for part in parts) if name}


def query_of(scope: Scope, endpoint: Endpoint) -> dict[str, str]:
    """A request's query; Problem where it holds anything that the endpoint does not take."""
    found = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    if scope.get("query_string") and (not found or {name for name, _ in found} - {*endpoint.query}):
        raise Problem("bad-request", "This path takes no such query.")
    return dict(found)


async def read(receive: Receive) -> bytes:
    """A request's body, up to `LARGEST_BODY`; Problem beyond it."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem("bad-request")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise Problem("too-large", f"It is larger than {LARGEST_BODY:,} bytes.")
        if not message.get("more_body"):
            return b"".join(parts)


def onward(scope: Scope, call: Call[Any], content: bytes) -> Scope:
    """The request as it goes on: nothing of the sender's but the record that was let in."""
    headers = (
        [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        if content
        else []
    )
    return {
        **scope,
        "headers": headers,
        "query_string": b"",
        "state": {**(scope.get("state") or {}), CALL: call},
    }


def replay(content: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the content once, then waits for the sender to go."""
    is_given = False

    async def again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": content, "more_body": False}

    return again
