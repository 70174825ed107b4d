"""The documentation site: `make docs` builds it into build/docs; pages of declarations are made anew each time."""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP)]

from docs.generated import write_pages  # noqa: E402  what stands above lets it be found

project = "Inclusive Pathways early warning"
html_title = project
html_theme = "furo"
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
numpydoc_show_class_members = False
autodoc_typehints = "none"  # the docstrings give shapes and units, which types do not
exclude_patterns: list[str] = []
suppress_warnings = [
    "myst.xref_missing"
]  # links to source files, which open in the repository and not in the site


def setup(app: object) -> None:
    write_pages(Path(__file__).parent / "reference" / "generated")
