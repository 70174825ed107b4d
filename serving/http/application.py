"""The mounted application, by FastAPI, and its OpenAPI 3.1 document: every endpoint of the table is a route of it.

A route declares the record that comes in, the record that goes out and every problem, and FastAPI's document is made
from that. The gate has read and checked the record once by then, before BentoML's parsers: a route answers the gate's
call, and reads nothing of the request again. The few endpoints that BentoML answers are routes too, for the document and
for the gate to find them by; BentoML's own stand before them.
"""

import inspect
import json
import re
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Annotated, Any

from fastapi import Body, FastAPI, Form, Path, Query, Security
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serving.desk import Desk
from serving.http.calls import CALL, Endpoint, answer
from serving.http.forms import is_form
from serving.http.problems import KINDS, MEDIA_TYPE, ProblemDocument
from serving.http.records import NO_DECISION, PURPOSE

LARGEST_NUMBER = 2**53 - 1  # what every JSON reader keeps whole
ANY_REQUEST = (
    "bad-request", "not-from-here", "busy", "too-many", "out-of-order", "no-database", "mistake", "wrong-method",
    "not-there", "headers-too-large",
)  # fmt: skip
SIGNED_IN = ("not-signed-in", "no-log")
WITH_BODY = ("too-slow", "too-large", "wrong-media-type", "not-as-described")
TITLE, VERSION = "Inclusive Pathways early warning", "1"
ABOUT = (
    f"{PURPOSE} {NO_DECISION} Missing and forbidden answer alike (404). Errors are problem documents (RFC 9457) that say what was "
    "wrong and what to do, and never what was sent. The same request on the same records gives the same bytes."
)
TOKEN = HTTPBearer(scheme_name="token", description="From POST /v1/sign-in.", auto_error=False)
REF = "#/components/schemas/{model}"


class Number(Convertor[int]):
    """A whole number from 1 in a path, written in one way only."""

    regex = "[1-9][0-9]{0,15}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", Number())


class Route(APIRoute):
    """One endpoint's route: what it declares is for the document; what it answers is the gate's call."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.of = endpoint
        is_json = endpoint.answer is not None
        has_content = not is_json and endpoint.status < 300 and endpoint.is_page
        super().__init__(
            re.sub(r"{(\w+)}", r"{\1:number}", endpoint.path),
            declared(endpoint),
            methods=[endpoint.method],
            response_model=endpoint.answer,
            response_class=JSONResponse if is_json else kind_of(endpoint.media) if has_content else Response,
            status_code=endpoint.status,
            response_description=endpoint.summary,
            summary=endpoint.summary,
            operation_id=endpoint.name,
            name=endpoint.name,
            tags=[endpoint.path.split("/")[2] if endpoint.path.startswith("/v1/") else "pages"],
            dependencies=[Security(TOKEN)] if endpoint.action else [],
            responses=problems_of(endpoint),
            openapi_extra={"x-roles": sorted(endpoint.roles), "x-scope": endpoint.scope},
        )

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def respond(request: Request) -> Response:
            desk: Desk = request.app.state.desk()
            return await run_in_threadpool(answer, desk, request.scope["state"][CALL])

        return respond


def kind_of(media: str) -> type[Response]:
    """A kind of response by its media type alone: for the document, which asks a class for it."""
    return type("Answer", (Response,), {"media_type": media})


def declared(endpoint: Endpoint) -> Callable[..., None]:
    """A function with the parameters that an endpoint takes, as FastAPI reads them from one."""

    def take() -> None: ...

    number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
    takes: dict[str, Any] = {name: number for name in re.findall(r"{(\w+)}", endpoint.path)}
    takes |= {name: Annotated[str, Query()] for name in endpoint.query}
    if endpoint.body is not None:
        takes["body"] = Annotated[endpoint.body, Form() if is_form(endpoint.body) else Body()]
    take.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=kind,
                default="" if name in endpoint.query else inspect.Parameter.empty,
            )
            for name, kind in takes.items()
        ]
    )
    return take


def kinds_of(endpoint: Endpoint) -> list[str]:
    """Every kind of problem that an endpoint can answer with, in order of status."""
    found = {*ANY_REQUEST, *endpoint.problems}
    found |= {*SIGNED_IN} if endpoint.action else set()
    found |= {*WITH_BODY} if endpoint.body else set()
    found |= {"not-json"} if endpoint.body and not is_form(endpoint.body) else set()
    return sorted(found, key=lambda kind: (KINDS[kind].status, kind))


def problems_of(endpoint: Endpoint) -> dict[int | str, dict[str, Any]]:
    """Its problems by status, as FastAPI's `responses` takes them."""
    media, schema = MEDIA_TYPE, {"$ref": REF.format(model=ProblemDocument.__name__)}
    if endpoint.is_page:
        media, schema = "text/html", {"type": "string"}
    found: dict[int | str, dict[str, Any]] = {}
    for kind in kinds_of(endpoint):
        of = KINDS[kind]
        said = found.setdefault(of.status, {"description": "", "content": {media: {"schema": schema}}})
        said["description"] = f"{said['description']} {kind}: {of.title}. {of.what_to_do}".strip()
        if "Retry-After" in of.headers:
            said["headers"] = {
                "Retry-After": {"schema": {"type": "string"}, "description": "Seconds to wait."}
            }
    return found


@cache
def routes_of(endpoints: tuple[Endpoint, ...]) -> tuple[Route, ...]:
    """A table's routes, made once."""
    return tuple(map(Route, endpoints))


def application(endpoints: tuple[Endpoint, ...], desk: Callable[[], Desk]) -> FastAPI:
    """The application to mount: it answers what the gate let in, and nothing else reaches it."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.desk = desk
    app.router.routes.extend(routes_of(endpoints))
    return app


def document(endpoints: tuple[Endpoint, ...]) -> dict[str, Any]:
    """The OpenAPI 3.1 document: every path, every record that goes in or out, every problem.

    FastAPI's, with the problem document beside its records and without an error of FastAPI's own, which nobody is sent.
    """
    told = get_openapi(
        title=TITLE, version=VERSION, description=ABOUT, servers=[{"url": "/"}], routes=routes_of(endpoints)
    )
    for endpoint in endpoints:
        answers = told["paths"][endpoint.path][endpoint.method.lower()]["responses"]
        if "422" in answers and not any(KINDS[kind].status == 422 for kind in kinds_of(endpoint)):
            del answers["422"]
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = ProblemDocument.model_json_schema(ref_template=REF)
    schemas.update({**problem.pop("$defs"), ProblemDocument.__name__: problem})
    return told


@cache
def document_bytes(endpoints: tuple[Endpoint, ...]) -> bytes:
    """The document as it is sent."""
    return json.dumps(document(endpoints), ensure_ascii=False, separators=(",", ":")).encode()
