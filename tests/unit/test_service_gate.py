"""What the gate lets in, and what leaves: media types, sizes, hostile JSON, hosts, headers, and no value in a problem."""

import json
import logging
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import create_engine

from serving.database.connection import Database
from serving.endpoints import ENDPOINTS
from serving.errors import ServiceRefused
from serving.http.calls import Call, answer
from serving.http.gate import LARGEST_BODY, LARGEST_HEADERS
from serving.http.problems import KINDS, Problem, from_validation
from serving.http.routes import Routes, check_origin
from serving.http.slowing import MOST_WAITING, Slowed
from serving.security.access import Person, Role
from serving.security.sign_ins import WRONG
from serving.settings import Settings, read_settings
from tests.served import AS_OF, Served, served, the_desk

DAY = AS_OF.isoformat()
SECRET = "Zebedee-Quux"  # stands for a pupil's value: it may come back in no answer and no log


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


def estimate(service: Served, content: bytes, headers: dict | None = None, who: str = "officer"):
    return service.ask(
        "POST",
        "/v1/estimate",
        who,
        headers={"Content-Type": "application/json", **(headers or {})},
        content=content,
    )


def is_problem(found, kind: str, status: int) -> None:
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/problem+json"
    told = found.json()
    assert told["type"].endswith(f":{kind}") and told["status"] == status
    assert told["what_to_do"] and told["detail"] and told["title"]


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/vnd.bentoml+pickle", "application/vnd.bentoml.stream", "multipart/form-data; boundary=x",
     "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/problem+json", "application/octet-stream",
     "application/vnd.apache.arrow.stream", "application/json, application/vnd.bentoml+pickle"],
)  # fmt: skip
def test_only_json_reaches_a_parser(service, kind):
    found = estimate(service, b'{"as_of": "2025-05-23", "pupils": []}', {"Content-Type": kind})
    is_problem(found, "wrong-media-type", 415)


def test_encoded_bodies_are_not_read(service):
    is_problem(estimate(service, b"{}", {"Content-Encoding": "gzip"}), "wrong-media-type", 415)


def test_too_much_is_refused_before_it_is_read(service):
    is_problem(estimate(service, b'{"pupils": "' + b"x" * LARGEST_BODY + b'"}'), "too-large", 413)

    def parts():
        for _ in range(LARGEST_BODY // 1024 + 8):
            yield b" " * 1024

    found = service.ask(
        "POST", "/v1/estimate", "officer", headers={"Content-Type": "application/json"}, content=parts()
    )
    is_problem(found, "too-large", 413)


def test_too_many_pupils_are_a_breach(service):
    codes = [f"0000-0000-0000-{number:04x}" for number in range(101)]
    is_problem(
        estimate(service, json.dumps({"as_of": DAY, "pupils": codes}).encode()), "not-as-described", 422
    )


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"x"', b"{", b"{}x", b"\xff\xfe{}", b'{"a": ' + b"9" * 5000 + b"}", b'{"a": "\\ud800"}', b'{"a": "\xff"}',
     b"[" * 60_000, b'{"a":' * 10_000, b'{"a": "\\u0000' + b"x" * 10 + b"}", b'{"as_of": 01}', b"\xef\xbb\xbf{}", b"{'a': 1}",
     '{"as_of": "2025-05-23", "pupils": []}'.encode("utf-16")],
)  # fmt: skip
def test_hostile_json_is_not_json(service, body):
    is_problem(estimate(service, body), "not-json", 400)


@pytest.mark.parametrize(
    "value",
    [
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e999",
        b"9" * 4000,
        b"18446744073709551616",
        b"[" * 100 + b"]" * 100,
        b'{"x": NaN}',
        b"7.0",
    ],
)
@pytest.mark.parametrize("field", [b"as_of", b"unknown"])
def test_a_value_that_no_field_takes_is_a_breach_and_goes_no_further(service, field, value):
    """Two parsers could read it two ways; what goes on holds nothing of it."""
    found = estimate(service, b'{"' + field + b'": ' + value + b', "pupils": ["0000-0000-0000-0000"]}')
    is_problem(found, "not-as-described", 422)


@pytest.mark.parametrize(
    "body",
    [
        f'{{"as_of": "{DAY}", "as_of": "{DAY}", "pupils": ["0000-0000-0000-0000"]}}',
        f'{{"as_of": "{DAY}", "pupils": ["0000-0000-0000-0000"], "\\u0061s_of": "2020-01-01"}}',
    ],
)
def test_a_field_named_twice_is_not_guessed(service, body):
    is_problem(estimate(service, body.encode()), "not-json", 400)


def test_a_field_named_twice_in_a_record_within_is_not_guessed(service):
    body = f'{{"as_of": "{DAY}", "of": {{"school": {service.other_school}, "school": {service.school}}}}}'
    found = service.ask(
        "POST", "/v1/list", "officer", headers={"Content-Type": "application/json"}, content=body.encode()
    )
    is_problem(found, "not-json", 400)


@pytest.mark.parametrize("end", [b"", b"\\", b"\\\\"])
def test_text_that_never_ends_is_not_json(service, end):
    """A parser of our own once tried it anew at each quotation mark: 60 KB took 20 seconds, and everybody waited."""
    is_problem(estimate(service, b'{"a":"' + b'\\"' * 30_000 + end), "not-json", 400)


def test_what_goes_on_is_the_record_written_anew(service):
    """Spaces, order and escapes of the sender's are gone, so that BentoML's parser reads what the gate read."""
    pupil = service.pupils(service.school)[0]
    plain = {"as_of": DAY, "pupils": [pupil]}
    odd = f'  {{"pupils":\n["{pupil}"],\t"\\u0061s_of": "{DAY}"}} '
    assert (
        estimate(service, odd.encode()).content
        == service.ask("POST", "/v1/estimate", "officer", plain).content
    )


@pytest.mark.parametrize(
    "day", ["1752796800", "0", "-1", 1752796800, 0, "20250718", "2025-07-18T00:00:00", "\uff12025-07-18"]
)
def test_a_number_is_no_day(service, day):
    """Read as seconds since 1970, a year typed alone would be recorded as 1 January 1970."""
    body = {"as_of": day, "pupils": ["0000-0000-0000-0000"]}
    found = estimate(service, json.dumps(body).encode())
    is_problem(found, "not-as-described", 422)
    wanted = {"where": "as_of", "code": "date_as_written", "expected": "Input should be a day, YYYY-MM-DD"}
    assert found.json()["breaches"] == [wanted]
    said = {"pupil": service.pupils(service.school)[0], "meeting_on": day}
    is_problem(service.ask("POST", "/v1/screenings", "officer", said), "not-as-described", 422)


@pytest.mark.parametrize(
    "text",
    [
        "a\u0000b",
        "a\u202eb",
        "\u200bhidden",
        "a\ufeff",
        "\u2066x\u2069",
        "a\x1b[31m",
        "x" * 4001,
        "\x7f",
        "a\u0085b",
        "Ja\u00adne",
        "a\u034fb",
        "\u3164",
        "a\U000e0041\U000e0042",
        "a\U000e0101b",
        "a\U0001d173b",
    ],
)
def test_text_that_hides_or_turns_is_a_breach(service, text):
    said = {
        "pupil": service.pupils(service.school)[0],
        "route": "school",
        "referred_by": "tutor",
        "reasons": text,
    }
    found = service.ask("POST", "/v1/referrals", "officer", said)
    is_problem(found, "not-as-described", 422)
    assert [breach["where"] for breach in found.json()["breaches"]] == ["reasons"]


def test_text_of_any_script_is_kept_as_it_is(service):
    words = "Zoë says: ناز، 學校, Łódź, 한국, हिन्दी, 👩‍👧❤️\u2019s café\nand a new line".replace("\u200d", "")
    said = {
        "pupil": service.pupils(service.school)[0],
        "route": "family",
        "referred_by": "mother",
        "reasons": words,
    }
    assert service.ask("POST", "/v1/referrals", "officer", said).json()["reasons"] == words


def test_every_breach_is_told_at_once_and_no_value(service, caplog):
    said = {"as_of": SECRET, "pupils": [SECRET, 7, None], SECRET: SECRET, "more": {SECRET: [SECRET]}}
    with caplog.at_level(logging.DEBUG):
        found = estimate(service, json.dumps(said).encode())
    is_problem(found, "not-as-described", 422)
    where = {breach["where"] for breach in found.json()["breaches"]}
    assert {"as_of", "pupils.0", "pupils.1", "pupils.2", "body"} <= where
    assert SECRET not in found.text and SECRET not in str(found.headers) and SECRET not in caplog.text


@pytest.mark.parametrize(("more", "says"), [(97, "4 breaches."), (98, "101 breaches; the first 100")])
def test_of_thousands_of_breaches_the_first_are_named(more, says):
    """A body of 64 KiB holds some 6,000 unknown fields: looking at each held the whole service up."""
    with pytest.raises(ValidationError) as wrong:
        ThreeFields.model_validate_json(json.dumps({f"unknown{place}": 1 for place in range(more)}))
    problem = from_validation(wrong.value)
    assert problem.detail.startswith(says)
    assert {breach.where for breach in problem.breaches} == {"one", "two", "three", "body"}


class ThreeFields(BaseModel):
    model_config = ConfigDict(extra="forbid")

    one: int
    two: int
    three: int


@pytest.mark.parametrize("token", ["x", "x" * 5000, "\u00e9", SECRET])
def test_a_wrong_token_is_nobody(service, token, caplog):
    found = service.ask("GET", "/v1/version", headers={"Authorization": f"Bearer {token}".encode()})
    is_problem(found, "not-signed-in", 401)
    assert found.headers["www-authenticate"] == "Bearer" and token not in caplog.text


@pytest.mark.parametrize(
    "path",
    ["/docs.json", "/schema.json", "/metrics", "/static_content/index.css", "/v1/estimate/submit", "/v1/nothing", "/v1/screenings/0",
     "/v1/screenings/x", "/v1/screenings/99999999999999999999", "/v1/../metrics", "/v1//live", "/estimate", "/v1/live/"],
)  # fmt: skip
def test_what_is_not_ours_is_not_there(service, path):
    is_problem(service.ask("GET", path, "officer"), "not-there", 404)


def test_a_wrong_method_is_told_which_would_do(service):
    for method in ("DELETE", "PUT", "PATCH", "GET", "OPTIONS", "TRACE"):
        found = service.ask(method, "/v1/estimate", "officer")
        is_problem(found, "wrong-method", 405)
        assert found.headers["allow"] == "POST"


def test_no_path_takes_a_query(service):
    is_problem(service.ask("GET", "/v1/version?verbose=1", "officer"), "bad-request", 400)


def test_every_answer_has_the_security_headers_and_none_has_cors(service):
    answers = [service.ask("GET", "/v1/live"), service.ask("GET", "/nope"), service.ask("GET", "/livez"),
               service.ask("GET", "/v1/version", "officer", headers={"Origin": "https://elsewhere.example"})]  # fmt: skip
    for found in answers:
        assert (
            found.headers["x-content-type-options"] == "nosniff"
            and found.headers["cache-control"] == "no-store"
        )
        assert (
            found.headers["x-frame-options"] == "DENY"
            and "default-src 'none'" in found.headers["content-security-policy"]
        )
        assert not any(name.startswith("access-control") or name == "server" for name in found.headers)


def test_another_name_for_this_machine_is_refused(service):
    is_problem(service.ask("GET", "/v1/live", headers={"Host": "attacker.example"}), "not-from-here", 403)


def test_a_cookie_signs_in_only_what_this_service_s_own_pages_send(service):
    cookie = {"Cookie": f"pathways={service.tokens['officer']}"}
    assert service.ask("GET", "/v1/version", headers=cookie).status_code == 200
    for site in ("cross-site", "same-site"):
        is_problem(
            service.ask("GET", "/v1/version", headers={**cookie, "Sec-Fetch-Site": site}),
            "not-from-here",
            403,
        )


@pytest.mark.parametrize(
    ("server", "headers", "is_fine"),
    [("127.0.0.1", {b"host": b"localhost:3000"}, True), ("10.1.2.3", {b"host": b"localhost"}, False),
     ("0.0.0.0", {b"host": b"localhost"}, False), ("127.0.0.1", {b"host": b"pathways.example"}, False)],
)  # fmt: skip
def test_without_tls_in_front_only_this_machine_is_answered(tmp_path, server, headers, is_fine):
    settings = Settings(home=tmp_path, release="a:b")
    if is_fine:
        check_origin(settings, server, headers)
        return
    with pytest.raises(Problem):
        check_origin(settings, server, headers)


def test_behind_tls_the_proxy_must_say_so_and_the_name_must_be_ours(tmp_path):
    oidc = {
        "issuer": "https://id.example",
        "client_id": "a",
        "redirect_uri": "https://pathways.example/v1/sign-in/back",
    }
    settings = Settings.model_validate(
        {
            "home": tmp_path,
            "release": "a:b",
            "is_behind_tls": True,
            "hosts": ["pathways.example"],
            "oidc": oidc,
        }
    )
    fine = {b"host": b"pathways.example", b"x-forwarded-proto": b"https"}
    check_origin(settings, "10.1.2.3", fine)
    for wrong in ({b"x-forwarded-proto": b"http"}, {b"host": b"other.example"}):
        with pytest.raises(Problem):
            check_origin(settings, "10.1.2.3", {**fine, **wrong})


def test_settings_that_would_expose_it_are_refused_all_at_once(tmp_path):
    (tmp_path / "service.toml").write_text('release = "a:latest"\nis_behind_tls = true\n')
    with pytest.raises(ServiceRefused) as refused:
        read_settings(tmp_path)
    assert "latest" in str(refused.value)
    (tmp_path / "service.toml").write_text(
        'release = "a:b"\nis_behind_tls = true\nhost = "x"\nstale_after_days = 0\n'
    )
    with pytest.raises(ServiceRefused) as refused:
        read_settings(tmp_path)
    assert len(refused.value.breaches) == 2
    with pytest.raises(ServiceRefused, match="make serve"):
        read_settings(tmp_path / "nowhere")


def test_raw_nonsense_on_the_socket_harms_nobody(service):
    at = urlsplit(service.url)
    for raw in (b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"POST /v1/estimate HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                b"POST /v1/estimate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/live HTTP/1.1\r\n\r\n"):  # fmt: skip
        with socket.create_connection((at.hostname, at.port), timeout=5) as line:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            answered = line.recv(200)
        assert not answered or re.match(rb"HTTP/1\.1 [34]\d\d", answered)
    assert service.ask("GET", "/v1/live").status_code == 200


def test_more_at_once_than_may_be_are_told_to_wait(service):
    desk = the_desk()
    settings = desk.settings
    asked = {"as_of": DAY, "pupils": service.pupils(service.school)[:40]}
    try:
        for change, status in (({"most_at_once_each": 1}, 429), ({"most_at_once": 1}, 503)):
            desk.settings = settings.model_copy(update=change)
            with ThreadPoolExecutor(12) as pool:
                found = list(
                    pool.map(lambda _: service.ask("POST", "/v1/estimate", "officer", asked), range(36))
                )
            assert {each.status_code for each in found} == {200, status}
            assert all(each.headers["retry-after"].isdigit() for each in found if each.status_code == status)
    finally:
        desk.settings = settings


def begun(service: Served, path: str, more: str = "") -> socket.socket:
    """A request whose body never comes."""
    at = urlsplit(service.url)
    line = socket.create_connection((at.hostname, at.port), timeout=10)
    kind = "application/json" if path.startswith("/v1/") else "application/x-www-form-urlencoded"
    line.sendall(
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: 40\r\n{more}\r\n{{".encode()
    )
    return line


def test_slow_bodies_of_strangers_keep_nobody_out(service):
    """Forty that never end: the start, signing in and those who are signed in are answered as ever."""
    with ExitStack() as lines:
        for number in range(40):
            lines.enter_context(begun(service, "/v1/sign-in" if number % 2 else "/sign-in"))
        assert service.ask("GET", "/").status_code == 200
        assert service.ask("POST", "/v1/sign-in", body={"one_time": "x"}).status_code == 401
        assert service.ask("GET", "/v1/version", "officer").status_code == 200


def test_slow_bodies_of_somebody_signed_in_keep_out_only_themselves(service):
    token = f"Authorization: Bearer {service.tokens['officer']}\r\n"
    asked = {"as_of": DAY, "pupils": service.pupils(service.school)[:1]}
    with ExitStack() as lines:
        for _ in range(the_desk().settings.most_at_once_each):
            lines.enter_context(begun(service, "/v1/estimate", token))
        until = time.monotonic() + 5
        while (
            service.ask("POST", "/v1/estimate", "officer", asked).status_code == 200
            and time.monotonic() < until
        ):
            pass  # until all have arrived at the gate
        is_problem(service.ask("POST", "/v1/estimate", "officer", asked), "too-many", 429)
        assert service.ask("POST", "/v1/estimate", "neighbour", asked).status_code == 200


def test_a_strangers_body_that_does_not_come_is_told_so(service, monkeypatch):
    monkeypatch.setattr("serving.http.gate.SLOWEST_UNKNOWN", 0.1)
    with begun(service, "/v1/sign-in") as line:
        assert line.recv(200).startswith(b"HTTP/1.1 408")


def test_bodies_of_strangers_from_everywhere_keep_out_strangers_alone(service, monkeypatch):
    monkeypatch.setattr("serving.http.gate.MOST_ARRIVING", 4)
    asked = {"as_of": DAY, "pupils": service.pupils(service.school)[:1]}
    with ExitStack() as lines:
        for _ in range(4):
            lines.enter_context(begun(service, "/v1/sign-in"))
        until = time.monotonic() + 2
        while (
            found := service.ask("POST", "/v1/sign-in", body={"one_time": "x"})
        ).status_code == 401 and time.monotonic() < until:
            pass  # until all have arrived at the gate
        is_problem(found, "busy", 503)
        assert service.ask("POST", "/v1/estimate", "officer", asked).status_code == 200


@pytest.mark.parametrize("table", ["numbered", "plain"])
@pytest.mark.parametrize("end", ["\n", "\r", "\x00", "\x7f"])
def test_a_path_with_a_control_character_is_not_there(table, end):
    """A line break at the end is no end to Starlette's patterns."""
    routes = Routes(ENDPOINTS)
    for of in (each for each in ENDPOINTS if ("{" in each.path) == (table == "numbered")):
        path = re.sub(r"{\w+}", "7", of.path)
        scope = {"type": "http", "method": of.method, "path": path, "root_path": "", "headers": []}
        assert routes.find(scope)[0] is of
        with pytest.raises(Problem) as found:
            routes.find({**scope, "path": path + end})
        assert found.value.kind == "not-there"


def test_a_refusal_whose_child_cannot_be_looked_up_is_no_mistake_of_ours(service, no_database):
    """The database goes between signing in and the answer."""
    (of,) = (each for each in ENDPOINTS if each.name == "read_screening")
    call = Call(of, None, {"screening": 1}, Person(1, "made-up officer", Role.OFFICER))
    found = answer(the_desk(), call)
    assert found.status_code == 503


def test_a_wrong_sign_in_beyond_those_that_may_wait_is_told_to_come_later(service, monkeypatch):
    monkeypatch.setattr(WRONG, "wait_s", lambda address: 1.0)
    monkeypatch.setattr(Slowed, "waiting", MOST_WAITING)
    found = service.ask("POST", "/v1/sign-in", body={"one_time": "x"})
    is_problem(found, "busy", 503)
    assert found.headers["retry-after"].isdigit() and found.headers["cache-control"] == "no-store"
    page = service.ask("POST", "/sign-in", headers={"Origin": service.url}, data={"one_time": "x"})
    assert page.status_code == 503 and page.headers["content-type"].startswith("text/html")
    assert service.ask("GET", "/v1/version", "officer").status_code == 200


def test_headers_are_of_a_size(service):
    fine = {"X-Long": "x" * (LARGEST_HEADERS - 1024)}
    assert service.ask("GET", "/v1/live", headers=fine).status_code == 200
    is_problem(
        service.ask("GET", "/v1/live", headers={"X-Long": "x" * LARGEST_HEADERS}), "headers-too-large", 431
    )


def test_metrics_are_apart(service, monkeypatch):
    monkeypatch.setenv("PATHWAYS_METRICS_TOKEN", "for-the-monitor")
    is_problem(service.ask("GET", "/metrics", "administrator"), "not-there", 404)
    found = service.ask("GET", "/metrics", headers={"Authorization": "Bearer for-the-monitor"})
    assert found.status_code == 200 and 'endpoint="estimate"' in found.text and "/v1/" not in found.text


def test_metrics_tell_of_answers_of_the_process_and_of_alarms(service, monkeypatch):
    """By name: dashboards and alarms of an authority stand on these."""
    monkeypatch.setenv("PATHWAYS_METRICS_TOKEN", "for-the-monitor")

    def told() -> dict[str, float]:
        found = service.ask("GET", "/metrics", headers={"Authorization": "Bearer for-the-monitor"}).text
        lines = (line.rsplit(" ", 1) for line in found.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in lines}

    before = told()
    service.ask("GET", "/v1/live")
    after = told()
    for name in (
        'pathways_answers_total{endpoint="live",status="200"}',
        'pathways_seconds_count{endpoint="live"}',
        'pathways_seconds_bucket{endpoint="live",le="+Inf"}',
    ):
        assert after[name] == before.get(name, 0) + 1
    assert after["process_resident_memory_bytes"] > 2**20
    alarms = {"pathways_many_wrong_sign_ins", "pathways_access_log_head_disagrees"}
    assert {"pathways_under_way", "pathways_wrong_sign_ins_total", *alarms} <= set(after)


@pytest.fixture
def no_database():
    """The service's database is a server that nobody runs any more."""
    desk = the_desk()
    own, gone = desk.database, create_engine("postgresql+psycopg://nobody@127.0.0.1:9/gone")
    desk.database = Database(gone)
    try:
        yield
    finally:
        desk.database = own
        gone.dispose()


# What is there without a database: that the process lives, the words for anybody, and that no provider is set up.
NEED_NO_DATABASE = {
    "live", "begin_sign_in", "end_sign_in", "accessibility_page", "privacy_page", "glossary_page", "style_sheet",
}  # fmt: skip


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.name)
def test_without_its_database_the_service_says_so_and_when_to_ask_again(service, no_database, endpoint):
    path = re.sub(r"{\w+}", "1", endpoint.path)
    sent = {"Cookie": f"pathways={service.tokens['officer']}"} if endpoint.is_page else {}
    who = "" if endpoint.is_page else "officer"
    body = {"one_time": "x"} if endpoint.name == "sign_in" else {}
    more = (
        {"data": {"one_time": "x"}}
        if endpoint.is_page and endpoint.body
        else {"body": body}
        if endpoint.body
        else {}
    )
    found = service.ask(endpoint.method, path, who, headers=sent, **more)
    if endpoint.name in NEED_NO_DATABASE:
        assert found.status_code in (200, 404)
        return
    assert found.status_code == 503 and found.headers["retry-after"].isdigit(), found.text
    if not endpoint.is_page:
        assert found.json()["type"].endswith(":not-ready" if endpoint.name == "ready" else ":no-database")


@pytest.mark.parametrize("kind", KINDS)
def test_every_problem_says_what_to_do(kind):
    of = KINDS[kind]
    assert 400 <= of.status < 600 and of.what_to_do.endswith(".") and not of.title.endswith(".")
    assert ("Retry-After" in of.headers) == (of.status in (429, 503))
