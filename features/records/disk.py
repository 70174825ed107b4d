"""All or nothing on disk: alone at the target, in a folder beside it that is renamed into place.

A run that was killed leaves a hidden folder that holds no `store.json`; the next run removes it.
"""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from itertools import count
from pathlib import Path
from types import FrameType

from features.errors import Busy, StoreRefused
from features.files import put_plainly

try:
    import fcntl
except ImportError:  # Windows: stale folders are left for somebody to remove
    fcntl = None  # type: ignore[assignment]

IN_USE = ".in_use"  # in a folder that services answer from


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold a place against a second run that would write there too, until the block ends.

    The lock beside it is the living process's own: one that was killed holds nothing, and the small
    file that it left is taken over.

    Raises
    ------
    Busy
        Another run is writing there.
    NoRoom
        The disk is full, or the folder may not be written to; also where that happens in the block.
    """
    place = out.resolve()
    with put_plainly(place.parent), ending_on_terminate():
        place.parent.mkdir(parents=True, exist_ok=True)
        path = place.parent / f".{place.name}.lock"
        lock = _sole_lock(path, out)
        try:
            os.truncate(lock, 0)
            os.write(lock, str(os.getpid()).encode())
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(lock)


def _sole_lock(path: Path, out: Path) -> int:
    """A lock on the file that stands at a path, which holds the process id of whoever has it."""
    while True:
        try:
            lock = _lock(path)
        except BlockingIOError:
            raise Busy(
                f"Another run{_process_of(path)} is writing {out}. Wait until it ends, or name another place."
            ) from None
        if _is_there(lock, path):
            return lock
        os.close(lock)  # of a run that ended, and took its file away, just before


def _is_there(lock: int, path: Path) -> bool:
    """Whether the file that is held is still the one at a path."""
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except FileNotFoundError:
        return False


def _process_of(path: Path) -> str:
    with suppress(OSError):
        if number := path.read_text():
            return f" (process {number})"
    return ""


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
        folder, lock = _held_folder(beside)
        try:
            yield folder
        finally:
            os.close(lock)
            shutil.rmtree(folder, ignore_errors=True)


def _held_folder(beside: Path) -> tuple[Path, int]:
    """A new folder and its lock; another run that sweeps may take one away before it is held, and then the next is made."""
    attempts = count()
    while True:
        attempt = next(attempts)
        folder = beside.parent / f".{beside.name}.unfinished-{os.getpid()}{f'-{attempt}' if attempt else ''}"
        folder.mkdir(mode=0o700)
        try:
            lock = _lock(folder / "lock")
        except (FileNotFoundError, BlockingIOError):
            continue
        if _is_there(lock, folder / "lock"):
            return folder, lock
        os.close(lock)


def _lock(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if fcntl:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _sweep(beside: Path) -> None:
    """Remove what killed runs left; a folder that a living run holds is locked."""
    for folder in beside.parent.glob(f".{escape(beside.name)}.unfinished-*"):
        try:
            lock = _lock(folder / "lock")
        except OSError:
            continue
        try:  # held until it is gone: a run that has just made it sees that, and makes another
            if fcntl:
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)


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


def require_free(*paths: Path, stays: Path) -> None:
    """StoreRefused, naming each of some places that an earlier run left something in; `stays` is used again."""
    if there := [str(path) for path in paths if path.exists()]:
        raise StoreRefused(
            f"An earlier run left {', '.join(there)}. Remove what is named here, or give another --out; "
            f"{stays} may stay, and pupils keep their pseudonyms."
        )


def emptied(out: Path, mark: str) -> None:
    """Make a folder that carries a mark, and empty it.

    Raises
    ------
    StoreRefused
        One without the mark holds anything.
    Busy
        A service answers from a folder in it (`use`); nothing was removed.
    """
    if out.exists() and any(out.iterdir()) and not (out / mark).exists():
        raise StoreRefused(
            f"{out} is there and was not made by the demo. Name another folder, or remove it first."
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / mark).touch()
    folders = [path for path in out.iterdir() if path.is_dir()]
    with ExitStack() as held:
        for folder in folders:
            held.enter_context(_unused(folder))
        for folder in folders:
            shutil.rmtree(folder)


def use(folder: Path) -> int:
    """Say that this process answers from a folder, so that nobody empties it; many processes may.

    Returns
    -------
    int
        A handle: closing it, or the end of the process whatever ended it, lets go.

    Raises
    ------
    Busy
        It is being emptied.
    """
    handle = os.open(folder / IN_USE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if fcntl:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Busy(f"{folder} is being emptied. Wait until that ends, and make it again.") from None
    return handle


@contextmanager
def _unused(folder: Path) -> Iterator[None]:
    if not (folder / IN_USE).exists():
        yield
        return
    try:
        handle = _lock(folder / IN_USE)
    except BlockingIOError:
        raise Busy(
            f"A service answers from {folder}. Stop it first, or name another folder; nothing was removed."
        ) from None
    try:
        yield
    finally:
        os.close(handle)
