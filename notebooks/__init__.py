"""Questions answered on a small made-up authority, as percent-format Python: run them as scripts or read them rendered."""

import warnings

warnings.filterwarnings(
    "ignore", message="IProgress not found"
)  # a progress bar's, of a library's; no reader's
