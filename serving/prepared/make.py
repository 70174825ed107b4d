"""From a record store and a release to a prepared date."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from features.as_of import AsOf
from features.records.store import Records
from features.status import statuses
from models.facts.evidence import SeenBands
from models.release import is_release, load_release
from models.standing import SHADOW, load_for_lists, state_of
from serving.from_store import (
    EVIDENCE,
    RELEASES,
    Tell,
    calendar_for,
    latest_half_term,
    read_for_lists,
    read_json,
    warnings_for,
)
from serving.lists.printed import sentences
from serving.prepared.facts import PreparedFacts
from serving.prepared.read import prepared_dates, read_accounts
from serving.prepared.write import write_prepared

Groups = Callable[[date], Mapping[str, Mapping[int, str]]]


def prepare(
    records: Records,
    model_folder: Path,
    root: Path,
    as_of: date | None = None,
    tell: Tell = lambda step: None,
    releases: Path = RELEASES,
    groups: Groups = lambda as_of: {},
) -> Path:
    """Prepare one as-of date for the service, beside the dates prepared before.

    Parameters
    ----------
    model_folder : Path
        A release's, or a candidate's to look at.
    root : Path
        Folder of prepared dates; what changed is told against the latest one before `as_of`.
    as_of : date or None
        None takes the last end of a half-term before the extract.
    releases : Path
        Where a model that was withdrawn is known, and that no list is made for a while.
    groups : callable of date
        Pupils' groups on the date, from whoever may read them, to count how far help reaches.

    Returns
    -------
    Path
        The date's folder.
    """
    as_of = as_of or latest_half_term(records)
    model = load_for_lists(model_folder, as_of, releases)
    stamp = (
        load_release(model_folder).stamp
        if is_release(model_folder)
        else f"{model_folder.name} {model.folder_hash[:12]}"
    )
    evidence = read_json(model_folder / EVIDENCE) or {}
    seen = SeenBands.checked(evidence["seen_bands"]) if evidence.get("seen_bands") else None
    reading = read_for_lists(records, model, as_of, None, tell, seen)
    tell("statuses of everyone")
    known = statuses(records, AsOf(as_of, calendar_for(records, as_of)))
    facts = PreparedFacts(
        as_of=as_of,
        release=stamp,
        model_hash=model.folder_hash,
        expires_on=model.facts.expires_on,
        outcome=model.facts.outcome,
        window_days=model.facts.window_days,
        is_model_made_up=model.facts.is_made_up,
        is_on_trial=state_of(model_folder) == SHADOW,
        authority=records.authority,
        evidence={key: evidence[key] for key in ("headline", "by_phase") if key in evidence},
        warnings=tuple(
            sentences(as_of, records.authority.authority.extracted_on, warnings_for(records, model, as_of))
        ),
        seen_bands=seen,
    )
    before = [day for day in prepared_dates(root) if day < as_of]
    previous = read_accounts(root / before[-1].isoformat()) if before else None
    tell("writing")
    assert reading.bands is not None
    return write_prepared(root, facts, reading, reading.bands, known, previous, groups(as_of))
