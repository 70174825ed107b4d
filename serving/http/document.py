"""The OpenAPI 3.1 document of everything the service answers, made from the table of endpoints."""

import json
import re
from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from serving.http.calls import Endpoint
from serving.http.forms import is_form
from serving.http.problems import KINDS, MEDIA_TYPE, ProblemDocument
from serving.http.routes import LARGEST_NUMBER
from serving.messages.records import NO_DECISION, PURPOSE

ANY_REQUEST = (
    "bad-request",
    "not-from-here",
    "busy",
    "too-many",
    "out-of-order",
    "mistake",
    "wrong-method",
    "not-there",
)
SIGNED_IN = ("not-signed-in", "no-log")
WITH_BODY = ("too-slow", "too-large", "wrong-media-type", "not-as-described")
FORM = "application/x-www-form-urlencoded"
REF = "#/components/schemas/{model}"
ABOUT = (
    f"{PURPOSE} {NO_DECISION} Missing and forbidden answer alike (404). Errors are problem documents (RFC 9457) that say what was "
    "wrong and what to do, and never what was sent. The same request on the same records gives the same bytes."
)


def kinds_of(endpoint: Endpoint) -> list[str]:
    """Every kind of problem that an endpoint can answer with, in order of status."""
    found = {*ANY_REQUEST, *endpoint.problems}
    found |= {*SIGNED_IN} if endpoint.action else set()
    found |= {*WITH_BODY} if endpoint.body else set()
    found |= {"not-json"} if endpoint.body and not is_form(endpoint.body) else set()
    return sorted(found, key=lambda kind: (KINDS[kind].status, kind))


def operation(endpoint: Endpoint) -> dict[str, Any]:
    """One endpoint as the document tells of it."""
    answers: dict[str, Any] = {}
    problem = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="ProblemDocument")}}}
    for kind in kinds_of(endpoint):
        of = KINDS[kind]
        said = answers.setdefault(
            str(of.status),
            {
                "description": "",
                "content": {endpoint.media: {"schema": {"type": "string"}}} if endpoint.is_page else problem,
            },
        )
        said["description"] = f"{said['description']} {kind}: {of.title}. {of.what_to_do}".strip()
        if "Retry-After" in of.headers:
            said["headers"] = {
                "Retry-After": {"schema": {"type": "string"}, "description": "Seconds to wait."}
            }
    fine: dict[str, Any] = {"description": endpoint.summary}
    if endpoint.answer is not None:
        fine["content"] = {
            "application/json": {"schema": {"$ref": REF.format(model=endpoint.answer.__name__)}}
        }
    elif endpoint.media != "application/json" and endpoint.status < 300:
        fine["content"] = {endpoint.media: {"schema": {"type": "string"}}}
    made: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.path.split("/")[2] if endpoint.path.startswith("/v1/") else "pages"],
        "responses": {str(endpoint.status): fine, **dict(sorted(answers.items()))},
        "security": [{"token": []}] if endpoint.action else [],
        "x-roles": sorted(endpoint.roles),
        "x-scope": endpoint.scope,
    }
    numbers = re.findall(r"{(\w+)}", endpoint.path)
    whole = {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}
    given = [{"name": name, "in": "path", "required": True, "schema": whole} for name in numbers]
    given += [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
        for name in endpoint.query
    ]
    if given:
        made["parameters"] = given
    if endpoint.body is not None:
        media = FORM if is_form(endpoint.body) else "application/json"
        content = {media: {"schema": {"$ref": REF.format(model=endpoint.body.__name__)}}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def document(endpoints: tuple[Endpoint, ...]) -> dict[str, Any]:
    """The whole document.

    Parameters
    ----------
    endpoints : tuple of Endpoint

    Returns
    -------
    dict
        OpenAPI 3.1: every path, every record that goes in or out, every problem.
    """
    coming = {endpoint.body for endpoint in endpoints if endpoint.body}
    going = {endpoint.answer for endpoint in endpoints if endpoint.answer} | {ProblemDocument}
    models = [(model, "validation") for model in coming] + [(model, "serialization") for model in going]
    _, schemas = models_json_schema(
        sorted(models, key=lambda pair: pair[0].__name__),  # type: ignore[arg-type]
        ref_template=REF,
    )
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Inclusive Pathways early warning", "version": "1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "From POST /v1/sign-in."}
            },
        },
    }


@cache
def document_bytes(endpoints: tuple[Endpoint, ...]) -> bytes:
    """The document as it is sent."""
    return json.dumps(document(endpoints), ensure_ascii=False, separators=(",", ":")).encode()
