"""Sign in with a one-time token or with the authority's own provider, and sign out again.

The token goes out once. Pages keep it in a cookie that no script can read and no other site's request carries.
"""

from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.accounts.record import OneTime, SignedIn
from serving.accounts.service import HOME, keep
from serving.desk import Desk
from serving.errors import NotSignedIn
from serving.http.calls import COOKIE, Answered, Call, Endpoint, recorded
from serving.http.problems import Problem
from serving.http.records import Asked
from serving.pages import template
from serving.running import Health
from serving.security import accounts
from serving.security.access import Action
from serving.security.access_log.chain import RECORDED, Entry
from serving.security.sign_in import SIGN_IN_LASTS, NotAdded, Provider, begin_sign_in, end_sign_in
from serving.security.sign_ins import WRONG, sign_in_with_code

STATE = "pathways_sign_in"


def sign_in(desk: Desk, call: Call[OneTime]) -> Answered:
    """Exchange a one-time token for a sign-in's token; it works once."""
    token = sign_in_with_code(desk.database, desk.log, call.body.one_time, "API", call.request)
    with desk.database.reading() as session:
        person = accounts.person_of(session, token)
    said = SignedIn(token=token, name=person.name, role=person.role)
    answer = Response(said.model_dump_json(), media_type="application/json")
    keep(desk, answer, token)
    return Answered(answer)


def sign_out(desk: Desk, call: Call[Asked]) -> Answered:
    """End the token that was sent."""
    with desk.database.writing() as session:
        accounts.sign_out(session, call.token)
    answer = Response(
        Health(status="live", checks={"token": "ended"}).model_dump_json(), media_type="application/json"
    )
    answer.delete_cookie(COOKIE, path=HOME)
    return recorded(answer, "sign-out")


def begin(desk: Desk, call: Call[None]) -> Answered:
    """Send the browser to the authority's own provider."""
    address, state = begin_sign_in(desk.database, provider_of(desk))
    answer = RedirectResponse(address, 303)
    # Lax: the provider sends the browser back from another site, and this cookie must come along.
    seconds = int(SIGN_IN_LASTS.total_seconds())
    answer.set_cookie(
        STATE,
        state,
        seconds,
        path="/v1/sign-in",
        secure=desk.settings.is_behind_tls,
        httponly=True,
        samesite="lax",
    )
    return Answered(answer)


def back(desk: Desk, call: Call[None]) -> Answered:
    """The way back from the provider: the code becomes a token of this service."""
    state, code = call.query.get("state", ""), call.query.get("code", "")
    provider = provider_of(desk)
    try:
        token = end_sign_in(desk.database, provider, state, call.cookies.get(STATE, ""), code)
    except NotSignedIn as error:
        why = f"not added: {error.subject}" if isinstance(error, NotAdded) else "refused"
        WRONG.refused(desk.log, f"the provider's sign-in, {why}", call.request)
        raise
    with desk.database.reading() as session:
        person = accounts.person_of(session, token)
    # The token is nobody's until the answer has left, and no answer leaves before its row is on disk.
    entry = Entry(
        person.name,
        person.role,
        Action.SIGN_IN,
        "the provider's sign-in",
        outcome=RECORDED,
        request=call.request,
    )
    desk.log.write(entry)
    # A page that goes on by itself, and no redirect: on a way that began at the provider, a strict cookie stays behind.
    answer = HTMLResponse(template("signed_in.html").render())
    answer.delete_cookie(STATE, path="/v1/sign-in")
    keep(desk, answer, token)
    return Answered(answer)


def provider_of(desk: Desk) -> Provider:
    """The authority's provider; Problem where none is set up."""
    if desk.provider is None:
        raise Problem("not-there", "No provider is set up here. Sign in with a one-time token.")
    return desk.provider


ENDPOINTS = (
    Endpoint("POST", "/v1/sign-in", "sign_in", "Exchange a one-time token for a sign-in's token.",
             None, OneTime, SignedIn, sign_in, problems=("not-signed-in",)),
    Endpoint("GET", "/v1/sign-in/begin", "begin_sign_in", "Send the browser to the authority's own provider.",
             None, None, None, begin, 303, ("not-there",), media="text/html"),
    Endpoint("GET", "/v1/sign-in/back", "end_sign_in", "The way back from the provider.",
             None, None, None, back, problems=("not-signed-in", "not-there"), query=("state", "code", "iss", "session_state", "error", "error_description"), media="text/html"),
    Endpoint("POST", "/v1/sign-out", "sign_out", "End the token that was sent.",
             Action.READ_VERSION, Asked, Health, sign_out),
)  # fmt: skip
