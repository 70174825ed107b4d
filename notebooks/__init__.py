"""Questions answered on a small made-up authority, as percent-format Python: run them as scripts or read them rendered."""
