"""A real OpenID Connect provider in a process of its own, which asks for PKCE as the authorities' providers do.

The provider of `oidc-provider-mock` looks at neither PKCE nor the client's secret; what is wrapped around it here
exchanges a code only for the verifier of its challenge, and for the secret as RFC 6749 encodes it.
"""

import base64
import hashlib
import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote_plus, urlsplit

SECRET = "a secret: 100%+"


class AsksForPkce:
    """A WSGI application around the provider's."""

    def __init__(self, app):
        self.app = app
        self.challenges = {}

    def __call__(self, environ, start_response):
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        if environ["PATH_INFO"] == "/oauth2/authorize":
            if asked.get("code_challenge_method") != ["S256"] or "code_challenge" not in asked:
                return refuse(start_response, "400 Bad Request")

            def noting(status, headers, *rest):
                back = parse_qs(urlsplit(dict(headers).get("Location", "")).query)
                if "code" in back:
                    self.challenges[back["code"][0]] = asked["code_challenge"][0]
                return start_response(status, headers, *rest)

            return self.app(environ, noting)
        if environ["PATH_INFO"] == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            given = parse_qs(body.decode())
            digest = hashlib.sha256(given.get("code_verifier", [""])[0].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            sent = base64.b64decode(environ.get("HTTP_AUTHORIZATION", "Basic ").split()[-1]).decode()
            if unquote_plus(sent.partition(":")[2]) != SECRET:
                return refuse(start_response, "401 Unauthorized")
            if self.challenges.pop(given.get("code", [""])[0], None) != challenge:
                return refuse(start_response, "400 Bad Request")
            environ["wsgi.input"] = io.BytesIO(body)
        return self.app(environ, start_response)


def refuse(start_response, status):
    start_response(status, [("Content-Type", "application/json")])
    return [b'{"error": "invalid_grant"}']


@contextmanager
def running_provider() -> Iterator[str]:
    """The issuer's address, while it runs."""
    process = subprocess.Popen(
        [sys.executable, __file__], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


if __name__ == "__main__":
    from oidc_provider_mock import app
    from werkzeug.serving import make_server

    provider = app(require_nonce=True)
    server = make_server("localhost", 0, AsksForPkce(provider), threaded=True)
    print(f"http://localhost:{server.server_port}", flush=True)
    server.serve_forever()
