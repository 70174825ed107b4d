"""Templates into pages: escaped by default, nothing fetched from anywhere, a missing name an error."""

import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from models.said import how_sure
from serving import wording
from serving.http.fields import day_boxes
from serving.numbers import is_told, untold
from serving.trade import explained

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "templates" / "style.css").read_bytes()
STYLE_AT = "/style.css"


@cache
def template(name: str) -> Template:
    """A template of this folder or of a subject, with the phrases of `wording` at hand as `words`."""
    pages = Environment(
        loader=FileSystemLoader([FOLDER / "templates", *sorted(FOLDER.glob("*/templates"))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals |= {"words": wording, "is_told": is_told, "untold": untold}
    pages.globals |= {"day_boxes": day_boxes, "explained": explained}
    pages.globals["style_sheet"] = (
        f"{STYLE_AT}?v={hashlib.sha256(STYLE).hexdigest()[:12]}"  # another style, another address
    )
    pages.filters["count"] = lambda number: f"{number:,}"
    pages.filters["how_sure"] = how_sure
    return pages.get_template(name)
