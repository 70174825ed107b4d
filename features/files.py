"""A file or a folder that is there whole or not at all: written next to its place, on disk, then renamed into it.

Every room writes results through here, so that a kill, a full disk or a loss of power means the same everywhere:
what stood at the place before stands there still, and what was unfinished goes with the next write to that place.
"""

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from features.errors import NoRoom, PathwaysError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FULL_IN_WORDS = ("No space left", "disk is full")
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
UNFINISHED = re.compile(r"\..*\.unfinished-([0-9]+)-[0-9a-f]{8}")


def write_whole(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Write a file whole, on disk when this returns; text as UTF-8.

    Parameters
    ----------
    mode : int
        Permissions of the file, from its first byte on.

    Raises
    ------
    NoRoom
        The disk is full, or the folder may not be written to. What stood there before still does.
    """
    with whole_file(path, mode=mode) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole_file(path: Path, *, mode: int = 0o644) -> Iterator[Path]:
    """A path to write a file to, which takes its place when the block ends well and is gone when it does not.

    Raises
    ------
    NoRoom
        As `write_whole`.
    """
    with put_plainly(path.parent):
        part = _next_to(path)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        try:
            yield part
            sync(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        sync(path.parent)


@contextmanager
def whole_folder(path: Path, *, mode: int = 0o755) -> Iterator[Path]:
    """A folder to write in, which takes its place, with every file of it on disk, when the block ends well.

    Parameters
    ----------
    mode : int
        Permissions of the folder while it is written, and after.

    Raises
    ------
    NoRoom
        As `write_whole`.
    FileExistsError
        Something is at the place, and it is no empty folder.
    """
    with put_plainly(path.parent):
        part = _next_to(path)
        part.mkdir(mode=mode)
        try:
            yield part
            for each in [*part.rglob("*"), part]:
                if not each.is_symlink():
                    sync(each)
            if path.exists() and not (path.is_dir() and not any(path.iterdir())):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
            part.replace(path)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        sync(path.parent)


@contextmanager
def all_or_none(*paths: Path) -> Iterator[None]:
    """Results of one command that belong together: where the block does not end well, none of them is left.

    Parameters
    ----------
    *paths : Path
        Files or folders that the block makes. What was there before it is left alone.

    Raises
    ------
    NoRoom
        The disk is full, or a folder may not be written to.
    """
    made = [path for path in paths if not path.exists()]
    try:
        with put_plainly(paths[0].parent):
            yield
    except BaseException:
        for path in made:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
        raise


def _next_to(path: Path) -> Path:
    """An unused name next to a path; what runs that were killed left under such names is removed first."""
    for left in path.parent.glob(f".{_plain(path.name)}.unfinished-*"):
        if (found := UNFINISHED.fullmatch(left.name)) and not _is_running(int(found[1])):
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink(missing_ok=True)
    return path.parent / f".{path.name}.unfinished-{os.getpid()}-{secrets.token_hex(4)}"


def _plain(name: str) -> str:
    """A name in a pattern of `glob`: it stands for itself."""
    return re.sub(r"([*?[])", r"[\1]", name)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def sync(path: Path) -> None:
    """Have the operating system put a file or folder on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def put_plainly(folder: Path) -> Iterator[None]:
    """Say in one sentence that a disk is full or a folder closed.

    Raises
    ------
    NoRoom
    """
    try:
        yield
    except PathwaysError:
        raise
    except Exception as error:
        if _tells_of_a_full_disk(error):
            raise NoRoom(
                f"The disk that holds {folder} is full. Nothing half-written is left; make room and try again."
            ) from None
        if isinstance(error, OSError) and error.errno in FORBIDDEN:
            raise NoRoom(
                f"{folder} may not be written to. Choose another folder, or ask for permission."
            ) from None
        raise


def _tells_of_a_full_disk(error: BaseException | None) -> bool:
    """Also where a library raised something of its own meanwhile, as a database's does."""
    while error is not None:
        if getattr(error, "errno", None) in FULL or any(words in str(error) for words in FULL_IN_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False
