"""A folder of texts, written whole or not at all."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from features.errors import PathwaysError
from features.files import put_plainly

Refused = type[PathwaysError]


def refuse_a_folder_in_the_way(out: Path, refused: Refused) -> None:
    """Before anything is computed: a folder that is there is never written over."""
    if out.exists():
        raise refused(f"{out} is already there. Give another --out, or remove it first.")


def write_whole(out: Path, texts: Mapping[str, str], refused: Refused) -> None:
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
    part = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
        with put_plainly(out.parent):
            part.mkdir(parents=True)
            for name, text in texts.items():
                (part / name).write_text(text, encoding="utf-8")
            part.rename(out)
    except OSError as error:
        raise refused(f"{out} cannot be written: {error.strerror}.") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
