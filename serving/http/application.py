"""The mounted application: every endpoint that does not answer through BentoML."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.desk import Desk
from serving.endpoints import ENDPOINTS, THROUGH_BENTOML
from serving.http.calls import answer
from serving.http.gate import CALL


def application(desk: Callable[[], Desk]) -> Starlette:
    """The application to mount: it answers what the gate let in, and nothing else reaches it."""

    async def respond(request: Request) -> Response:
        return await run_in_threadpool(answer, desk(), request.scope["state"][CALL])

    paths: dict[str, list[str]] = {}
    for endpoint in ENDPOINTS:
        if endpoint.name not in THROUGH_BENTOML:
            paths.setdefault(endpoint.path, []).append(endpoint.method)
    return Starlette(routes=[Route(path, respond, methods=methods) for path, methods in paths.items()])
