"""The pages' way in and out."""

from starlette.responses import RedirectResponse

from serving.accounts.record import NothingForm, SignInForm
from serving.accounts.service import keep, sign_in_page
from serving.desk import Desk
from serving.errors import NotSignedIn
from serving.http.calls import COOKIE, Answered, Call, Endpoint, recorded
from serving.http.pages import HTML
from serving.security import accounts
from serving.security.access import Action
from serving.security.sign_ins import sign_in_with_code
from serving.wording import START


def sign_in(desk: Desk, call: Call[SignInForm]) -> Answered:
    """Exchange a one-time code for a sign-in."""
    try:
        token = sign_in_with_code(desk.database, desk.log, call.body.one_time.strip(), "page", call.request)
    except NotSignedIn:
        return Answered(sign_in_page(desk, START["wrong_code"], 401))
    answer = RedirectResponse("/", 303)
    keep(desk, answer, token)
    return Answered(answer)


def sign_out(desk: Desk, call: Call[NothingForm]) -> Answered:
    """End the sign-in."""
    with desk.database.writing() as session:
        accounts.sign_out(session, call.token)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE, path="/")
    return recorded(answer, "sign-out")


PAGES = (
    Endpoint("POST", "/sign-in", "sign_in_form", "Exchange a one-time code for a sign-in.",
             None, SignInForm, None, sign_in, 303, ("not-signed-in",), media=HTML),
    Endpoint("POST", "/sign-out", "sign_out_form", "End the sign-in.", Action.READ_VERSION, NothingForm, None, sign_out, 303,
             media=HTML),
)  # fmt: skip
