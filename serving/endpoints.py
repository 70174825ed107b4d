"""The one table of what can be asked: the gate, the mounted application and the document are all made from it.

Each subject declares its own, under /v1 in its routes.py and with a browser in its pages.py. The first three answer
through BentoML; all else through the mounted application.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from serving import running
from serving.accounts import pages as accounts_pages
from serving.accounts import people as accounts_people
from serving.accounts import routes as accounts
from serving.caseloads import pages as caseloads_pages
from serving.caseloads import routes as caseloads
from serving.corrections import pages as corrections_pages
from serving.corrections import routes as corrections
from serving.desk import Desk
from serving.figures import pages as figures_pages
from serving.figures import routes as figures
from serving.guidance import pages as guidance_pages
from serving.http.application import document_bytes
from serving.http.calls import Answered, Call, Endpoint
from serving.lists import pages as lists_pages
from serving.lists import routes as lists
from serving.referrals import pages as referrals_pages
from serving.referrals import routes as referrals
from serving.releases import pages as releases_pages
from serving.releases import routes as releases
from serving.rights import pages as rights_pages
from serving.rights import routes as rights
from serving.screening import pages as screening_pages
from serving.screening import routes as screening
from serving.security.access import Action


class Document(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow")

    openapi: str


def document(desk: Desk, call: Call[None]) -> Answered:
    """The document of this very table."""
    return Answered(Response(document_bytes(ENDPOINTS), media_type="application/json"), "document")


ENDPOINTS: tuple[Endpoint, ...] = (
    *lists.ENDPOINTS, *screening.ENDPOINTS, *referrals.ENDPOINTS, *corrections.ENDPOINTS, *caseloads.ENDPOINTS,
    *figures.ENDPOINTS, *rights.ENDPOINTS, *releases.ENDPOINTS, *running.ENDPOINTS,
    Endpoint("GET", "/v1/openapi.json", "document", "This document.", Action.READ_VERSION, None, Document, document),
    *accounts.ENDPOINTS,
    *lists_pages.PAGES, *accounts_pages.PAGES, *caseloads_pages.PAGES, *figures_pages.PAGES, *screening_pages.PAGES,
    *referrals_pages.PAGES, *corrections_pages.PAGES, *rights_pages.PAGES,
    *accounts_people.PAGES, *releases_pages.PAGES, *guidance_pages.PAGES,
)  # fmt: skip
THROUGH_BENTOML = ("estimate", "list", "explain")
BY_NAME: Mapping[str, Endpoint] = {endpoint.name: endpoint for endpoint in ENDPOINTS}
