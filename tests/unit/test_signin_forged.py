"""Sign-in against a provider that forges: everything about an identity token must hold, or nobody is signed in."""

import json
import logging
import threading
import time
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.jws import JWSRegistry
from sqlalchemy import select

from serving.database.tables import SignIn
from serving.errors import NotSignedIn, ProviderRefused
from serving.security import accounts
from serving.security.access import Role
from serving.security.sign_in import Provider, begin_sign_in, end_sign_in, subject_of

SECRET = "a secret that is long enough to sign with"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})


class Forger:
    """A provider whose every answer can be another: `says` of discovery, `claims` and `sign` of the token."""

    def __init__(self):
        self.says, self.claims, self.answer, self.status = {}, {}, {}, 200
        self.key, self.algorithm = KEY, "RS256"
        self.nonce = ""
        forger = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.give(
                    forger.known() if "configuration" in self.path else {"keys": [KEY.as_dict(private=False)]}
                )

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.give(forger.token(), forger.status)

            def give(self, what, status=200):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(what).encode())

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("localhost", 0), Handler)
        self.issuer = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def known(self):
        named = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        found = {
            "issuer": self.issuer,
            **{name: self.issuer + path for name, path in named.items()},
            **self.says,
        }
        return {name: value for name, value in found.items() if value is not None}

    def token(self):
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "pathways",
            "sub": "ana",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
        }
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "one"}
        if self.algorithm == "none":
            parts = (
                b64encode(json.dumps(each).encode(), b"-_").decode().rstrip("=") for each in (header, claims)
            )
            return {"access_token": "any", "token_type": "Bearer", "id_token": ".".join(parts) + "."}
        signed = jwt.encode(header, claims, self.key, registry=JWSRegistry(algorithms=[self.algorithm]))
        return {"access_token": "any", "token_type": "Bearer", "id_token": signed, **self.answer}


@pytest.fixture
def forger(database):
    made = Forger()
    with database.writing() as session:
        accounts.add_user(session, "ana", Role.REVIEWER, subject=subject_of(made.issuer, "ana"))
    yield made
    made.server.shutdown()
    made.server.server_close()


def sign_in(database, forger: Forger) -> str:
    provider = Provider(forger.issuer, "pathways", SECRET, "https://pathways.example/v1/sign-in/back")
    address, state = begin_sign_in(database, provider)
    forger.nonce = parse_qs(urlsplit(address).query)["nonce"][0]
    return end_sign_in(database, provider, state, state, "a code")


def test_a_token_of_which_everything_holds_signs_in(database, forger):
    with database.reading() as session:
        assert accounts.person_of(session, sign_in(database, forger)).name == "ana"


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://other.example"}, {"iss": None}, {"aud": "another"}, {"aud": None}, {"aud": ["another"]},
     {"aud": "another", "azp": "pathways"}, {"aud": ["pathways", "another"]}, {"azp": "another"}, {"exp": 1}, {"exp": None}, {"iat": None},
     {"iat": int(time.time()) + 7200}, {"nonce": None}, {"nonce": ""}, {"nonce": "another"}, {"sub": None}, {"at_hash": "another"}],
)  # fmt: skip
def test_a_claim_that_does_not_hold_is_refused(database, forger, claims):
    forger.claims = claims
    with pytest.raises(NotSignedIn):
        sign_in(database, forger)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(OTHER, "RS256"), (OctKey.import_key(SECRET), "HS256"), (None, "none")],
)
@pytest.mark.parametrize("says", [None, ["RS256", "HS256", "none"]])
def test_a_signature_by_anything_but_the_providers_key_is_refused(database, forger, key, algorithm, says):
    forger.key, forger.algorithm = key, algorithm
    forger.says = {"id_token_signing_alg_values_supported": says}
    with pytest.raises(NotSignedIn):
        sign_in(database, forger)


@pytest.mark.parametrize("answer", [{"id_token": None}, {"id_token": "x"}, {"id_token": 7}, {"error": "no"}])
def test_an_answer_without_a_token_is_refused(database, forger, answer):
    forger.answer = answer
    with pytest.raises(NotSignedIn):
        sign_in(database, forger)


@pytest.mark.parametrize(
    "says",
    [{"issuer": "https://other.example"}, {"issuer": None}, {"token_endpoint": None}, {"jwks_uri": None},
     {"token_endpoint": "ftp://localhost/token"}, {"authorization_endpoint": None}, {"code_challenge_methods_supported": ["plain"]},
     {"id_token_signing_alg_values_supported": ["none", "HS256"]}],
)  # fmt: skip
def test_a_provider_that_is_not_as_it_must_be_is_refused(database, forger, says):
    forger.says = says
    with pytest.raises(ProviderRefused):
        sign_in(database, forger)


def test_a_provider_that_fails_meanwhile_is_told_as_such_and_the_sign_in_is_used_up(database, forger):
    forger.status = 500
    with pytest.raises(ProviderRefused):
        sign_in(database, forger)
    with database.reading() as session:
        assert session.scalars(select(SignIn)).all() == []


def test_nothing_secret_is_logged(database, forger, caplog):
    with caplog.at_level(logging.DEBUG):
        provider = Provider(forger.issuer, "pathways", SECRET, "https://pathways.example/v1/sign-in/back")
        address, state = begin_sign_in(database, provider)
        with database.reading() as session:
            verifier = session.scalars(select(SignIn.verifier)).one()
        forger.nonce = parse_qs(urlsplit(address).query)["nonce"][0]
        token = end_sign_in(database, provider, state, state, "a code of one use")
    for each in (verifier, SECRET, token, "a code of one use", forger.nonce, state):
        assert each not in caplog.text
