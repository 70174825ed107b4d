"""An authority's extract into a record store, and the same pipeline as a check that stores nothing."""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from features.errors import ExtractRefused, IdentitiesRefused, StoreRefused
from features.files import sync
from features.records.check import RULES
from features.records.disk import alone, workspace
from features.records.examine import Examined, examine
from features.records.found_files import PROTECTED
from features.records.identities import KEY_BYTES, keep_identities, key_for
from features.records.lags import Bulk
from features.records.losses import HALF, together
from features.records.packing import Packing
from features.records.protection import refused
from features.records.register_years import Digits
from features.records.rejected import SENTENCES, headers_among, rejected_table
from features.records.report import Report
from features.records.school_pages import write_pages
from features.records.store_files import StoreFiles
from features.tables import TABLES

REJECT_LIMIT = 0.05
SCRATCH = (
    Path(tempfile.gettempdir()) / "pathways-check"
)  # what a killed check left beside it goes with the next
COUNTS_FOR_NOBODY = "What a rejected row says counts for no child."
COST = {
    "roll": "A child whose row of the roll is rejected is on no list.",
    "schools": "A school whose row is rejected is none that the roll can name, so its children would be on no list.",
    "names": "A child whose row is rejected is shown without a name.",
}
Progress = Callable[[str, int, int | None], None]


def import_extract(
    extract: Path,
    store: Path,
    identities: Path | None,
    *,
    reject_limit: float = REJECT_LIMIT,
    progress: Progress | None = None,
) -> Report:
    """Read, repair, check and pseudonymise an extract into a new record store; all of it or nothing.

    Parameters
    ----------
    extract : Path
        The folder that holds the tables and `authority.toml`.
    store : Path
        Where the store is to be; nothing may stand there yet.
    identities : Path or None
        Where the key, the UPN map and names are kept; made where it does not exist, used again where
        it does.
    reject_limit : float
        Share of a table's rows above which import stops.
    progress : callable, optional
        Told a table's name, how many more rows were read, and of how many (None where not known).

    Raises
    ------
    AuthorityRefused, ExtractRefused, IdentitiesRefused, StoreRefused, Busy, NoRoom
        Nothing was written, and an identities folder that was there is as it was.
    """
    if identities is None:
        raise IdentitiesRefused(
            "No identities folder was named. Name one with --identities DIR: it keeps the key that turns UPNs into "
            "pseudonyms, and is made where it does not exist."
        )
    _refuse_places(store, identities)
    with alone(store), alone(identities), workspace(store) as work, workspace(identities) as private:
        key = key_for(identities)
        files = StoreFiles(work / "store", extract)
        found, pupils = examine(extract, work, key, files.write_registers, progress or _quiet)
        _name_losses(found, reject_limit)
        _refuse_rejected(found, reject_limit)
        files.write(found)
        is_new = keep_identities(identities, private, key, pupils, *_names(found))
        _put_in_place(files.folder, store, identities if is_new else None)
    return found.report


def check_extract(
    extract: Path,
    *,
    reject_limit: float = REJECT_LIMIT,
    pages: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """The same pipeline without a store; a page per school of what to put right.

    Parameters
    ----------
    pages : Path or None
        A new folder for the pages, one a school and one for the authority; None for no pages.

    Raises
    ------
    AuthorityRefused, ExtractRefused, StoreRefused, Busy, NoRoom
        As `import_extract`; where too many rows are rejected, after the pages are written.
    """
    if pages is not None and pages.exists() and (not pages.is_dir() or any(pages.iterdir())):
        raise StoreRefused(
            f"{pages} already holds something, and pages of before would lie among new ones. Name a new folder, or remove it first."
        )
    with nullcontext() if pages is None else alone(pages), workspace(SCRATCH) as work:
        found, _ = examine(extract, work, secrets.token_bytes(KEY_BYTES), _unkept, progress or _quiet)
        _name_losses(found, reject_limit)
        if pages is not None:
            with workspace(pages) as room:
                write_pages(room / pages.name, found)
                (room / pages.name).rename(pages)
        _refuse_rejected(found, reject_limit)
    return found.report


def _quiet(table: str, rows: int, total: int | None) -> None:
    """No progress is shown."""


def _unkept(packing: Packing, bulk: Bulk | None, year: int, stretches: Iterator[Digits]) -> None:
    """Nothing is stored; the rows only have to pass by to be counted."""
    for _ in stretches:
        pass


def _refuse_places(store: Path, identities: Path) -> None:
    if store.exists() or store.is_symlink():
        raise StoreRefused(f"{store} is there already. Name a new folder, or remove that one first.")
    one, other = store.resolve(), identities.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise IdentitiesRefused(
            f"{store} and {identities} lie inside one another. Keep identities apart from the store."
        )


def _name_losses(found: Examined, limit: float) -> None:
    """Name in the report the schools and files that lose more than the share, and what is contradicted."""
    found.report.losses = [loss for loss in found.losses if loss.is_above(limit)]
    found.report.contradicted = found.contradicted


def _refuse_rejected(found: Examined, limit: float) -> None:
    """Stop where too large a share of a table is rejected; the file and column with most are named."""
    breaches = []
    for name, counts in found.report.tables.items():
        lost = counts.rejected.total()
        if lost <= limit * counts.read or name == PROTECTED:  # of which no share may be lost at all
            continue
        rows, verdict = found.rejected[name]
        file = rows.files[_most(rows.file)].name
        column = TABLES[name].columns[_most(verdict.column)].name
        rule = RULES[_most(verdict.rule)]
        breaches.append(
            f"{file}, column {column}: more than {100 * limit:g} % of rows are rejected ({lost:,} of {counts.read:,} rows "
            f"of {name}, most of them by {rule}). {SENTENCES[rule]} {COST.get(name, COUNTS_FOR_NOBODY)} Put the rows right, or allow a "
            "larger share with --reject-limit."
        )
    told = {breach.split(",")[0] for breach in breaches}
    half = [
        loss
        for loss in found.losses
        if loss.is_above(max(HALF, limit)) and loss.table != PROTECTED and loss.file not in told
    ]
    breaches += [
        f"{together(list(some))} Where a school or a file loses more than half, import stops: its children would be on no list. "
        "Put the rows right, or allow a larger share with --reject-limit."
        for _, some in groupby(half, key=lambda loss: (loss.table, bool(loss.file)))
    ]
    breaches += [
        said for name, lost in found.rejected.items() for said in headers_among(TABLES[name], lost[0])
    ]
    breaches += [one.sentence for one in found.contradicted if one.share > max(HALF, limit)]
    if PROTECTED in found.rejected:
        breaches += refused(found.rejected[PROTECTED])
    if breaches:
        raise ExtractRefused(*breaches)


def _most(values: np.ndarray) -> int:
    return int(np.bincount(values).argmax())


def _names(found: Examined) -> tuple[pd.DataFrame | None, pa.Table | None]:
    """Names by pupil, and the rows of names that broke a rule."""
    if "names" not in found.tables:
        return None, None
    names = found.tables["names"]
    kept = {
        "pupil": names.pupil[names.kept],
        "forename": names.texts("forename"),
        "surname": names.texts("surname"),
    }
    return pd.DataFrame(kept), rejected_table("names", *found.rejected["names"])


def _put_in_place(new: Path, store: Path, made: Path | None) -> None:
    """Rename the finished store into place; take a new identities folder back where that fails."""
    try:
        new.rename(store)
        sync(store.parent)
    except OSError:
        if made:
            shutil.rmtree(made, ignore_errors=True)
        if store.exists():
            raise StoreRefused(
                f"{store} came into being meanwhile. Name a new folder, or remove that one first."
            ) from None
        raise
