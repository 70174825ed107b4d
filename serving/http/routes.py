"""Which endpoint a method and a path mean, and who may ask at all from where."""

import re
from collections.abc import Mapping

from starlette.routing import Match
from starlette.types import Scope

from serving.http.application import LARGEST_NUMBER, Route, routes_of
from serving.http.calls import Endpoint
from serving.http.problems import Problem, allowed
from serving.settings import Settings

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
LOCAL_ADDRESSES = ("127.", "::1")


class Routes:
    """A table's routes, as the gate finds an endpoint by them."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self._numbered: list[Route] = []
        self._by_path: dict[
            str, list[Route]
        ] = {}  # of those without a number: looked up, not tried one by one
        for route in routes_of(endpoints):
            has_number = "{" in route.of.path
            (self._numbered if has_number else self._by_path.setdefault(route.of.path, [])).append(route)
        paths = {re.sub(r"{\w+}", "[^/]*", each.path) for each in endpoints if each.is_page}
        self._pages = re.compile("|".join(sorted(paths)))

    def is_page(self, path: str) -> bool:
        """Whether a path is a page's, whatever stands where its number should."""
        return not path.startswith("/v1/") and self._pages.fullmatch(path) is not None

    def find(self, scope: Scope) -> tuple[Endpoint, dict[str, int]]:
        """The endpoint and the numbers its path names; Problem where there is none, or not by that method."""
        if CONTROL.search(scope["path"]):  # a pattern's end lets a last line break through
            raise Problem("not-there")
        methods: list[str] = []
        for route in self._by_path.get(scope["path"], self._numbered):
            match, found = route.matches(scope)
            if match is Match.NONE:
                continue
            if any(number > LARGEST_NUMBER for number in found["path_params"].values()):
                break
            if match is Match.FULL:
                return route.of, found["path_params"]
            methods.append(route.of.method)
        if methods:
            raise Problem("wrong-method", headers=allowed(methods))
        raise Problem("not-there")


def check_origin(settings: Settings, server: str, headers: Mapping[bytes, bytes]) -> None:
    """Problem unless the request came where the service may answer.

    Without TLS in front only this machine is answered, whatever address was bound; a page elsewhere whose
    name points here (DNS rebinding) is told apart by its Host.
    """
    host = headers.get(b"host", b"").decode("latin-1").lower()
    name = re.sub(r":[0-9]+$", "", host)
    if settings.is_behind_tls:
        if headers.get(b"x-forwarded-proto", b"") != b"https":
            raise Problem("not-from-here", "The request did not come over TLS.")
        if name not in settings.hosts:
            raise Problem("not-from-here", "The service is not asked by that name.")
        return
    if not server.startswith(LOCAL_ADDRESSES) or name not in LOCAL:
        raise Problem("not-from-here")


def check_same_origin(headers: Mapping[bytes, bytes]) -> None:
    """Problem where another site's page sent a request that a cookie would sign in."""
    if headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
        raise Problem("not-from-here", "Another site asked.")
