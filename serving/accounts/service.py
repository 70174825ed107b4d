"""A sign-in as the browser keeps it, and whom it signs in."""

from starlette.responses import HTMLResponse, Response

from serving.desk import Desk
from serving.errors import NotSignedIn
from serving.http.calls import COOKIE
from serving.pages import template
from serving.security import accounts
from serving.security.access import Person
from serving.security.sign_ins import WRONG
from serving.wording import MADE_UP

HOME = "/"


def keep(desk: Desk, answer: Response, token: str) -> None:
    """Have the browser keep the token for the pages."""
    seconds = int(accounts.TOKEN_LASTS.total_seconds())
    answer.set_cookie(
        COOKIE,
        token,
        seconds,
        path=HOME,
        secure=desk.settings.is_behind_tls,
        httponly=True,
        samesite="strict",
    )


def whoever(desk: Desk, token: str, request: str = "") -> Person | None:
    """Who a cookie signs in; None for nobody, and a wrong token is counted and has its row."""
    try:
        with desk.database.reading() as session:
            return accounts.person_of(session, token) if token else None
    except NotSignedIn:
        WRONG.refused(desk.log, "token not known or ended", request)
        return None


def sign_in_page(desk: Desk, error: str = "", status: int = 200) -> Response:
    """The way in; `error` where a code did not sign in."""
    made = template("sign_in.html").render(
        banner=MADE_UP if desk.settings.is_demonstration else "",
        has_provider=desk.provider is not None,
        error=error,
    )
    return HTMLResponse(made, status)
