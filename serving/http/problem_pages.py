"""A problem as an answer: a problem document, or, to whoever asked for a page, a page."""

from starlette.responses import HTMLResponse, Response

from serving.http.problems import KINDS, Problem
from serving.pages import template

FOR_A_READER = {
    "not-signed-in": "Go to the start and sign in. If you were writing, go back first and copy what you wrote: it is not recorded yet.",
    "bad-request": "Go back, and use the links and buttons of the page.",
    "not-as-described": "Go back, and use the links and buttons of the page.",
    "wrong-media-type": "Go back, and use the links and buttons of the page.",
    "wrong-method": "Go to the start, and use the links and buttons there.",
    "not-from-here": "Go to the start, open the page again, and write there.",
}


def answer_to(problem: Problem, is_page: bool) -> Response:
    """The problem as an answer with its status and headers."""
    return page_of(problem) if is_page else problem.response()


def page_of(problem: Problem, link: tuple[str, str] | None = None) -> Response:
    """The problem as a page.

    Parameters
    ----------
    link : tuple of str, optional
        Where to go on, and what to call it; the start is always one.
    """
    told = problem.document()
    page = template("problem.html").render(
        title=told.title,
        detail=told.detail,
        what_to_do=FOR_A_READER.get(problem.kind, KINDS[problem.kind].what_to_do),
        breaches=[breach.expected for breach in told.breaches],
        link=link,
    )
    return HTMLResponse(page, problem.status, problem.headers)


def wants_page(path: str, accept: bytes) -> bool:
    """Whether a browser asks for a path that may be none of ours."""
    return b"text/html" in accept.lower() and not path.startswith("/v1/")
