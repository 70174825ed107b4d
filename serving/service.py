"""The service: BentoML for estimate, list and explain; the mounted application for all else; one gate before both.

`pathways serve` and plain `bentoml serve` start it; its settings are in `service.toml` of the folder that
PATHWAYS_HOME names (`serving.settings`). It reports its use to nobody: BENTOML_DO_NOT_TRACK is set for its workers
here, and by `pathways serve` for the command itself.
"""

import gc
import os
import sys
from functools import cache

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

import bentoml  # noqa: E402
from starlette.responses import Response  # noqa: E402

from serving.desk import Desk  # noqa: E402
from serving.endpoints import ENDPOINTS  # noqa: E402
from serving.http.application import application  # noqa: E402
from serving.http.calls import CALL, answer  # noqa: E402
from serving.http.gate import Gate  # noqa: E402
from serving.http.routes import Routes  # noqa: E402
from serving.lists.record import (  # noqa: E402
    EstimateQuestion,
    Estimates,
    ExplainQuestion,
    Explanation,
    ListQuestion,
    MeetingListAnswer,
)  # fmt: skip
from serving.logs import write_json_lines  # noqa: E402
from serving.opening import open_desk  # noqa: E402
from serving.settings import read_settings  # noqa: E402
from serving.starting import end_with_supervisor  # noqa: E402

THREADS = 16
WORKER = "--worker-id"  # among the arguments of a process that BentoML's supervisor started
sys.setswitchinterval(0.0005)  # seconds; by default one thread may keep the others waiting ten times as long


@cache
def the_desk() -> Desk:
    """This process's desk, opened when the service starts."""
    return open_desk(read_settings())


@bentoml.service(
    name="inclusive_pathways",
    workers=1,
    threads=THREADS,
    traffic={
        "timeout": 600
    },  # the gate says 408, 429 and 503; BentoML would say 504 while the thread went on
    metrics={"enabled": False},
    tracing={"excluded_urls": [".*"]},  # it would cost a tenth of every answer and tell nobody anything
    logging={"access": {"enabled": False}},
    http={"host": "127.0.0.1", "port": 3000, "cors": {"enabled": False}},
)
@bentoml.asgi_app(application(ENDPOINTS, the_desk), path="/")
class Pathways:
    """Prompts a human screening and never decides one."""

    def __init__(self) -> None:
        if WORKER in sys.argv:
            end_with_supervisor()
            write_json_lines()
        self.desk = the_desk()
        gc.collect()  # what is loaded is looked through now, not in the middle of somebody's question

    @bentoml.api(route="/v1/estimate")
    def estimate(self, question: EstimateQuestion, /, ctx: bentoml.Context) -> Estimates:
        return self._answer(ctx)  # type: ignore[return-value]

    @bentoml.api(route="/v1/list")
    def list(self, question: ListQuestion, /, ctx: bentoml.Context) -> MeetingListAnswer:
        return self._answer(ctx)  # type: ignore[return-value]

    @bentoml.api(route="/v1/explain")
    def explain(self, question: ExplainQuestion, /, ctx: bentoml.Context) -> Explanation:
        return self._answer(ctx)  # type: ignore[return-value]

    def _answer(self, ctx: bentoml.Context) -> Response:
        """The gate's call answered: bytes and status are the same wherever an endpoint lives."""
        found = answer(self.desk, ctx.request.scope["state"][CALL])
        ctx.response.status_code = found.status_code
        return found

    @bentoml.on_shutdown
    def close(self) -> None:
        """Write what the log still holds before the process ends."""
        self.desk.close()


Pathways.add_asgi_middleware(Gate, desk=the_desk, routes=Routes(ENDPOINTS))  # type: ignore[attr-defined]
