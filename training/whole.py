"""A folder of texts, written whole or not at all."""

from collections.abc import Mapping
from pathlib import Path

from features.errors import PathwaysError
from training.candidate import remove

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
    """
    refuse_a_folder_in_the_way(out, refused)
    part = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        for name, text in texts.items():
            (part / name).write_text(text, encoding="utf-8")
        part.rename(out)
    except OSError as error:
        raise refused(f"{out} cannot be written: {error.strerror}.") from None
    finally:
        if part.exists():
            remove(part)
