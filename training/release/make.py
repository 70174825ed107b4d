"""The steps of a release in order: old or new, however it ends.

What counts is the standing, written last and in one piece. Folders that it does not name were left by a run
that was stopped: the next release removes them.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.records.store import Records
from models.errors import ReleaseRefused
from models.facts.pooled import POOLED_FILE
from models.manifest import FILE_NAME as MANIFEST_FILE
from models.manifest import sha256
from models.release import (
    CANDIDATE_MANIFEST,
    CARD_FILE,
    Release,
    ReleaseFacts,
    is_release,
    load_release,
    write_release,
)
from models.reviewing import AUDIT_FILE, REVIEWS_FILE, trained_by
from models.risk_model import RiskModel
from models.standing import SERVED, WITHDRAWN, Event, Standing, enter, locked
from training.audit.publish import publish
from training.audit.write import PUBLISHED
from training.release.card import card
from training.release.earned import Earned, earned
from training.release.rebuild import rebuild
from training.settings import REFITS_FOR_RELEASE

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Released:
    """What a release came to.

    Attributes
    ----------
    release : Release
    state : str
        shadow or live.
    before : str
        Release that was there before it; empty for none.
    is_new : bool
        A folder was written; else a release that was there moved, or was there already.
    would_refuse : tuple of str
        Of a demonstration: what would refuse a release of real records.
    """

    release: Release
    state: str
    before: str
    is_new: bool
    would_refuse: tuple[str, ...]


def release(
    folder: Path,
    to: str,
    releases: Path,
    by: str,
    reason: str = "",
    records: Records | None = None,
    on: date | None = None,
    progress: Progress = lambda step: None,
) -> Released:
    """Release a candidate to shadow or live, or move a release there.

    Parameters
    ----------
    folder : Path
        A candidate's, or a release's in `releases`.
    releases : Path
        Where releases and their standing are kept; made where it is not there.
    by : str
        Who releases it.
    records : Records or None
        The store it was trained on: the model is grown again from it, must come out the same, and gets as
        many refits as a release carries. None releases it with the refits it has.

    Raises
    ------
    ReleaseRefused
        Every reason at once; nothing changed.
    ModelRefused
        The folder is altered, or holds no model.
    """
    on = on or date.today()
    check = earned(folder, on, REFITS_FOR_RELEASE if records else None)
    breaches = list(check.against)
    if to not in SERVED:
        breaches.append(f"Invalid --to {to!r}. Allowed values are {' and '.join(SERVED)}.")
    if not by.strip():
        breaches.append("A release needs the name of whoever makes it: --by NAME.")
    with locked(releases) as standing:
        breaches += against_moving(folder, releases, standing)
        if breaches:
            raise ReleaseRefused(*breaches)
        remove_leftovers(releases, standing)
        name, is_new = same_release(folder, releases, standing), False
        if not name:
            is_new, name = True, next_name(standing, check.is_demonstration)
            write(releases / name, folder, check, by, on, more_refits(check, records, progress))
        made = load_release(releases / name)
        before = standing.now(to)
        if before != name:
            enter(releases, standing, Event(on, to, by.strip(), reason.strip(), name, made.manifest_hash))
    return Released(made, to, "" if before == name else before, is_new, check.would_refuse)


def against_moving(folder: Path, releases: Path, standing: Standing) -> list[str]:
    """Why a folder cannot become or stay a release: it is one of elsewhere, or its model was withdrawn."""
    name = folder.resolve().name
    if is_release(folder) and (folder.resolve().parent != releases.resolve() or not standing.state(name)):
        return [f"{folder} is no release of {releases}. Name one that is, or a candidate's folder."]
    ours = sha256(folder / (CANDIDATE_MANIFEST if is_release(folder) else MANIFEST_FILE))
    return [
        f"This model was withdrawn as {withdrawn}, and a withdrawn model does not come back. Train again."
        for withdrawn, state in standing.states().items()
        if state == WITHDRAWN and sha256(releases / withdrawn / CANDIDATE_MANIFEST) == ours
    ]


def same_release(folder: Path, releases: Path, standing: Standing) -> str:
    """The release that a folder is, or that was made of this candidate with this audit and review; else empty.

    A review is of the pooled evidence that was there, so that other pooled evidence takes another review.
    """
    if is_release(folder):
        return folder.resolve().name
    files = {CANDIDATE_MANIFEST: MANIFEST_FILE, AUDIT_FILE: AUDIT_FILE, REVIEWS_FILE: REVIEWS_FILE}
    for name in standing.states():
        there = releases / name
        if (there / POOLED_FILE).is_file() != (folder / POOLED_FILE).is_file():
            continue
        if all(
            (there / ours).is_file() and sha256(there / ours) == sha256(folder / theirs)
            for ours, theirs in files.items()
        ):
            return name
    return ""


def next_name(standing: Standing, is_demonstration: bool) -> str:
    """release-N or demonstration-N, N counting every release there ever was."""
    return f"{'demonstration' if is_demonstration else 'release'}-{len(standing.states()) + 1}"


def remove_leftovers(releases: Path, standing: Standing) -> None:
    """Remove what a run left that was stopped before its release counted: a folder of the next name, whole or not."""
    for is_demonstration in (True, False):
        name = next_name(standing, is_demonstration)
        for path in (releases / name, releases / f".{name}.part"):
            shutil.rmtree(path, ignore_errors=True)


def more_refits(check: Earned, records: Records | None, progress: Progress) -> RiskModel:
    """The model, with the refits that a release carries where there are records to grow them from."""
    if records is None:
        return check.model
    again = rebuild(check.model, records, REFITS_FOR_RELEASE, progress)
    if again.differing:
        raise ReleaseRefused(
            f"The model does not come out the same when it is grown again: {len(again.differing)} files differ "
            f"({', '.join(again.differing[:3])}). Release from the code and the libraries that trained it, or train again."
        )
    return again.model


def write(folder: Path, candidate: Path, check: Earned, by: str, on: date, model: RiskModel) -> None:
    """The release's folder, its card among its files."""
    facts = ReleaseFacts(
        name=folder.name,
        is_demonstration=check.is_demonstration,
        released_on=on,
        released_by=by.strip(),
        reviewed_by=check.review["reviewer"],
        trained_by=trained_by(candidate, check.audit),
        candidate=candidate.resolve().name,
        candidate_hash=check.model_hash,
        data_hash=model.facts.data_hash,
        gate_rests_on=sha256(candidate / POOLED_FILE) if check.pooled else "",
    )
    carried = (AUDIT_FILE, REVIEWS_FILE, *((POOLED_FILE,) if check.pooled else ()))
    texts = {name: (candidate / name).read_text(encoding="utf-8") for name in carried}
    # What the service may show of the audit: the exact margins stay with the reviewer's own copy.
    texts[PUBLISHED] = json.dumps(publish(check.audit), indent=1) + "\n"
    write_release(folder, candidate, model, facts, texts | {CARD_FILE: card(facts, check, model)})


def copy_card(folder: Path, cards: Path) -> Path:
    """Put a release's card among others, as NAME.md; binaries stay where they are."""
    cards.mkdir(parents=True, exist_ok=True)
    path = cards / f"{folder.name}.md"
    path.write_bytes((folder / CARD_FILE).read_bytes())
    return path
