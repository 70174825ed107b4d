"""All or nothing on disk: work in a folder beside the target, then rename it into place.

A run that was killed leaves a hidden folder that holds no `store.json`; the next run removes it.
"""

import errno
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from features.errors import NoRoom, PathwaysError

try:
    import fcntl
except ImportError:  # Windows: stale folders are left for somebody to remove
    fcntl = None  # type: ignore[assignment]

FULL = {errno.ENOSPC, errno.EDQUOT}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def workspace(beside: Path) -> Iterator[Path]:
    """A private folder next to a path, gone afterwards whatever happens.

    Raises
    ------
    NoRoom
        The disk is full, or the folder may not be written to.
    """
    with put_plainly(beside.parent), ending_on_terminate():
        beside.parent.mkdir(parents=True, exist_ok=True)
        _sweep(beside)
        folder = beside.parent / f".{beside.name}.unfinished-{os.getpid()}"
        folder.mkdir(mode=0o700)
        lock = _lock(folder)
        try:
            yield folder
        finally:
            os.close(lock)
            shutil.rmtree(folder, ignore_errors=True)


def _lock(folder: Path) -> int:
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    if fcntl:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle


def _sweep(beside: Path) -> None:
    """Remove what killed runs left; a folder that a living run holds is locked."""
    for folder in beside.parent.glob(f".{beside.name}.unfinished-*"):
        try:
            os.close(_lock(folder))
        except OSError:
            continue
        if fcntl:
            shutil.rmtree(folder, ignore_errors=True)


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
    except OSError as error:
        if error.errno in FULL or "No space left" in str(error):
            raise NoRoom(
                f"The disk that holds {folder} is full. Nothing was written; make room and try again."
            ) from None
        if error.errno in FORBIDDEN:
            raise NoRoom(
                f"{folder} may not be written to. Choose another folder, or ask for permission."
            ) from None
        raise


@contextmanager
def ending_on_terminate() -> Iterator[None]:
    """Treat a request to end (SIGTERM) as Ctrl-C, so that what is unfinished is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
