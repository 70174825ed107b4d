"""A folder of texts, written whole or not at all."""

from collections.abc import Mapping
from pathlib import Path

from features.errors import PathwaysError
from features.files import whole_folder

Refused = type[PathwaysError]


def refuse_a_folder_in_the_way(out: Path, refused: Refused) -> None:
    """Before anything is computed: a folder that is there is never written over."""
    if out.exists():
        raise refused(f"{out} is already there. Give another --out, or remove it first.")


def write_texts(out: Path, texts: Mapping[str, str], refused: Refused) -> None:
    """Write texts beside their place, then rename.

    Parameters
    ----------
    texts : mapping of str to str
        File name to what it holds.
    refused : type of PathwaysError
        Raised where the folder is there, or cannot be written.

    Raises
    ------
    NoRoom
        The disk is full, or the folder may not be written to.
    """
    refuse_a_folder_in_the_way(out, refused)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with whole_folder(out) as part:
            for name, text in texts.items():
                (part / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise refused(f"{out} cannot be written: {error.strerror}.") from None
