"""Help for one's own role, and what anybody may read, signed in or not: three pages, and the style of all."""

from typing import Any

from starlette.responses import HTMLResponse, Response

from serving.database.retention import classes_of
from serving.desk import Desk
from serving.guidance.words import NOT_TESTED, TESTED, WORDS
from serving.http.calls import Answered, Call, Endpoint
from serving.http.pages import CSS, HTML, page
from serving.pages import STYLE, STYLE_AT, template
from serving.rights.kept import KEPT
from serving.security.access import Action
from serving.trade import TRADE
from serving.wording import MADE_UP


def help_page(desk: Desk, call: Call[None]) -> Answered:
    """How one's own desk is used, and no other's."""
    role = call.signed_in.role
    return Answered(page(desk, call, f"help_{role}.html"), f"help for the role {role}")


def accessibility(desk: Desk, call: Call[None]) -> Answered:
    """What is known of how the pages can be used."""
    return _for_anybody(desk, "accessibility.html", tested=TESTED, not_tested=NOT_TESTED)


def privacy(desk: Desk, call: Call[None]) -> Answered:
    """What is kept, on which basis, and how long."""
    return _for_anybody(
        desk, "privacy.html", kept=KEPT, classes=classes_of(desk.settings.access_log.kept_days)
    )


def glossary(desk: Desk, call: Call[None]) -> Answered:
    """Words that the pages use in a narrow sense."""
    return _for_anybody(desk, "glossary.html", glossary=WORDS, trade=TRADE)


def style_sheet(desk: Desk, call: Call[None]) -> Answered:
    """How the service's pages look."""
    return Answered(Response(STYLE, media_type=CSS))


def _for_anybody(desk: Desk, name: str, **shown: Any) -> Answered:
    """A page about no child, without sign-in."""
    made = template(name).render(banner=MADE_UP if desk.settings.is_demonstration else "", **shown)
    return Answered(HTMLResponse(made))


PAGES = (
    Endpoint("GET", "/help", "help_page", "How one's own desk is used.", Action.READ_VERSION, None, None, help_page, media=HTML),
    Endpoint("GET", "/accessibility", "accessibility_page", "What is known of how the pages can be used.",
             None, None, None, accessibility, media=HTML),
    Endpoint("GET", "/privacy", "privacy_page", "What is kept, on which basis, and how long.",
             None, None, None, privacy, media=HTML),
    Endpoint("GET", "/glossary", "glossary_page", "Words that the pages use in a narrow sense.",
             None, None, None, glossary, media=HTML),
    Endpoint("GET", STYLE_AT, "style_sheet", "How the service's pages look.", None, None, None, style_sheet, query=("v",), media=CSS),
)  # fmt: skip
