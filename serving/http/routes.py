"""Which endpoint a method and a path mean, and who may ask at all from where."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from serving.http.calls import Endpoint
from serving.http.problems import Problem, allowed
from serving.settings import Settings

LARGEST_NUMBER = 2**53 - 1  # what every JSON reader keeps whole
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
LOCAL_ADDRESSES = ("127.", "::1")


@dataclass(frozen=True)
class Routes:
    """A table of endpoints, by path."""

    endpoints: Sequence[Endpoint]

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], dict[str, Endpoint]]]:
        by_path: dict[str, dict[str, Endpoint]] = {}
        for endpoint in self.endpoints:
            by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
        return [
            (re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[1-9][0-9]{0,15})", path)), found)
            for path, found in by_path.items()
        ]

    @cached_property
    def _pages(self) -> re.Pattern[str]:
        paths = {re.sub(r"{\w+}", "[^/]*", each.path) for each in self.endpoints if each.is_page}
        return re.compile("|".join(sorted(paths)))

    def is_page(self, path: str) -> bool:
        """Whether a path is a page's, whatever stands where its number should."""
        return not path.startswith("/v1/") and self._pages.fullmatch(path) is not None

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, int]]:
        """The endpoint and the numbers its path names; Problem where there is none, or not by that method."""
        for pattern, by_method in self._patterns:
            if match := pattern.fullmatch(path):
                if method not in by_method:
                    raise Problem("wrong-method", headers=allowed(list(by_method)))
                numbers = {name: int(text) for name, text in match.groupdict().items()}
                if any(number > LARGEST_NUMBER for number in numbers.values()):
                    raise Problem("not-there")
                return by_method[method], numbers
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
