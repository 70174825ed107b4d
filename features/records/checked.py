"""One table but the registers: read into memory, checked, and turned into the rows of a store."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from features.errors import ExtractRefused
from features.records.assessments import check_results
from features.records.authority import Authority
from features.records.births import check_births, is_implausible
from features.records.cells import TRUTHS
from features.records.check import (
    BLANK,
    KEPT,
    RULES,
    Read,
    Verdict,
    check_cells,
    distinct,
    is_ancient,
    read_column,
)
from features.records.covering import EVER, Covering, schools_today
from features.records.date_order import Shown, day_first_files
from features.records.extract import EMPTY, Extract, columns_of
from features.records.found_files import PROTECTED
from features.records.identities import Pupils, current_upns
from features.records.known_rows import check_known
from features.records.lags import Bulk, credible, find_bulk, known_on
from features.records.layout import STORED
from features.records.protection import failing_closed
from features.records.read import Rows, read_rows
from features.records.repeats import check_duplicates, check_keys
from features.records.spells import NEVER, Settled, Spells, settle_spells
from features.records.succession import Succession, claimed_together, succession
from features.table import Table
from features.tables import CENSUS

ARROW = {
    "int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(), "string": pa.string(),
    "date": pa.date32(), "boolean": pa.bool_(),
}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """A table with its verdict.

    Attributes
    ----------
    columns : mapping of str to Read
        The contract's columns that the extract has.
    pupil : array of int64, shape (rows,)
        0 where a row has none.
    known : mapping of str to array of int64, shape (rows,)
        `known_on`, and for spells `end_known_on`; none for a table whose rows are not dated.
    by_school : mapping of str to Counter
        By rule of repair, the rows repaired by URN: repairs that look at more than a cell.
    settled : Settled or None
        How the spells of the roll end one another.
    links : Succession
        What became of the claims to a former UPN.
    changed : mapping of str to array of bool, shape (rows,)
        Rows that were read otherwise than they stand, by rule: of withheld the more protecting, of the roll the
        spells that their school's closing ended.
    others : mapping of int to list of int
        For withheld, a pupil to those whom a row protects as well (`Pupils.others`).
    """

    table: Table
    rows: Rows
    columns: Mapping[str, Read]
    verdict: Verdict
    pupil: np.ndarray
    known: Mapping[str, np.ndarray] = field(default_factory=dict)
    by_school: Mapping[str, Counter] = field(default_factory=dict)
    settled: Settled | None = None
    links: Succession = field(default_factory=Succession)
    changed: Mapping[str, np.ndarray] = field(default_factory=dict)
    others: Mapping[int, Sequence[int]] = field(default_factory=dict)

    @property
    def kept(self) -> np.ndarray:
        """Indexes of the rows that break no rule."""
        return np.flatnonzero(self.verdict.is_kept)

    @property
    def repaired(self) -> Counter:
        of_rows = Counter({rule: urns.total() for rule, urns in self.by_school.items() if urns})
        return sum((read.repaired for read in self.columns.values()), of_rows)

    def values(self, name: str) -> np.ndarray:
        """A column of the kept rows; all `BLANK` where the extract does not have it."""
        return self.values_of(name, self.kept)

    def values_of(self, name: str, rows: np.ndarray) -> np.ndarray:
        """The same of some rows, by index."""
        return self.columns[name].values[rows] if name in self.columns else np.full(len(rows), BLANK)

    def texts(self, name: str) -> np.ndarray:
        """A column of text of the kept rows; "" where blank."""
        return self.texts_of(name, self.kept)

    def texts_of(self, name: str, rows: np.ndarray) -> np.ndarray:
        """The same of some rows, by index."""
        if name not in self.columns:
            return np.full(len(rows), "", object)
        read = self.columns[name]
        values = read.values[rows]
        return np.append(read.words, "")[np.where(values == BLANK, len(read.words), values)]

    @property
    def bulk(self) -> Bulk | None:
        return _bulk(self.columns)


def read_table(
    extract: Extract, table: Table, connection: duckdb.DuckDBPyConnection
) -> tuple[Rows, dict[str, Read]]:
    """Every row of a table, and every cell read."""
    files = extract.files[table.name]
    rows = read_rows(files, columns_of(files, table), connection)
    if not len(rows) and not table.is_optional:
        raise ExtractRefused(EMPTY.format(files[0].name))
    own_values, blank = extract.authority.values.get(table.name, {}), extract.authority.blank_words
    turned = _day_first(extract.authority, table, rows)
    columns = {
        name: read_column(
            rows,
            table.column(name),
            own_values.get(name, {}),
            day_first=turned.get(name, frozenset()),
            blank=blank,
        )
        for name in rows.text.column_names
    }
    return rows, credible(table, columns, (extract.authority.authority.extracted_on - date(1970, 1, 1)).days)


def _day_first(authority: Authority, table: Table, rows: Rows) -> dict[str, frozenset[int]]:
    """By date column, the files that write it with the day first."""
    shown: dict[tuple[int, str], Shown] = {}
    for column in table.columns:
        if column.kind == "date" and column.name in rows.text.column_names:
            texts = _by_file(rows, column.name)
            shown |= {(file, column.name): Shown.by(some) for file, some in texts.items()}
    schools = _by_file(rows, "urn") if "urn" in rows.text.column_names else {}
    return day_first_files(
        table.name,
        rows.files,
        shown,
        lambda file: frozenset(text.strip() for text in schools.get(file, ())) - {""},
        table.name in authority.dates,
    )


def _by_file(rows: Rows, name: str) -> dict[int, list[str]]:
    """The distinct texts of a column in each file."""
    codes, texts = distinct(rows, name)
    pairs = np.unique(rows.file.astype("int64") * len(texts) + codes)
    found: dict[int, list[str]] = {}
    for pair in pairs.tolist():
        found.setdefault(pair // len(texts), []).append(texts[pair % len(texts)])
    return found


def check_schools(
    extract: Extract, table: Table, connection: duckdb.DuckDBPyConnection, extracted_on: int
) -> Checked:
    rows, columns = read_table(extract, table, connection)
    verdict = check_cells(table, columns, extracted_on)
    check_duplicates(columns, verdict)
    nobody = np.zeros(len(rows), "int64")
    check_keys(table, columns, nobody, verdict, {})
    return Checked(table, rows, columns, verdict, nobody)


def check_roll(
    extract: Extract,
    table: Table,
    connection: duckdb.DuckDBPyConnection,
    extracted_on: int,
    key: bytes,
    schools: Checked,
    census: Callable[[], tuple[Rows, dict[str, Read]]],
) -> tuple[Checked, Pupils]:
    """The roll, and the pupils it makes known: everyone with a readable UPN on a row of it.

    Parameters
    ----------
    census : callable
        Reads the census: a former UPN is not believed where it is another child's.
    """
    rows, columns = read_table(extract, table, connection)
    verdict = check_cells(table, columns, extracted_on)
    check_duplicates(columns, verdict)
    known = _known(extract.authority, table, columns)
    links = succession(
        columns, known, lambda: _census(extract.authority, census()[1]), verdict.is_kept, extracted_on
    )
    pupils = Pupils(key, current_upns(columns["upn"].words.tolist(), links.former), claimed_together(columns))
    pupil = check_known(table, columns, np.unique(schools.values("urn")), pupils, verdict)
    check_keys(table, columns, pupil, verdict, known)
    rejected = Checked(table, rows, columns, verdict, pupil, known)
    kept = rejected.kept
    settled = settle_spells(_spells(rejected, schools), extracted_on)
    is_inside = np.zeros(len(rows), bool)
    is_inside[kept[settled.is_inside]] = True
    places = [column.name for column in table.columns]
    verdict.mark(is_inside, "spell_overlap", places.index("entry_date"))
    leaving = columns["leaving_date"].values.copy()
    leaving[kept] = settled.leaving
    columns["leaving_date"] = replace(columns["leaving_date"], values=leaving)
    settled.readings["row"] = kept[settled.readings["row"]]
    urn, entry = columns["urn"].values, columns["entry_date"].values
    by_school = {
        "overlap_ended": Counter(urn[kept[settled.is_ended]].tolist()),
        "closing_ended": Counter(urn[kept[settled.is_closed]].tolist()),
        "implausible": _without_births(
            columns, verdict, np.where(is_ancient(entry, extracted_on), BLANK, entry)
        ),
        "no_entry": Counter(urn[verdict.is_kept & is_ancient(entry, extracted_on)].tolist()),
    }
    is_closed = np.zeros(len(rows), bool)
    is_closed[kept[settled.is_closed]] = True
    changed = {"closing_ended": is_closed}
    return Checked(table, rows, columns, verdict, pupil, known, by_school, settled, links, changed), pupils


def _census(authority: Authority, columns: Mapping[str, Read]) -> tuple[Mapping[str, Read], np.ndarray]:
    """The census, and the day each row was known."""
    return columns, _known(authority, CENSUS, columns)["known_on"]


def closings(schools: Checked) -> dict[int, int]:
    """By URN, the day on which a school closed or will close; not of one that goes on as another, which ends no spell."""
    successors = set(schools.values("predecessor_urn").tolist())
    return {
        urn: day
        for urn, day in zip(schools.values("urn").tolist(), schools.values("closed_on").tolist(), strict=True)
        if day != BLANK and urn not in successors
    }


def _spells(roll: Checked, schools: Checked) -> Spells:
    """The rows of the roll that break no rule so far."""
    closing = closings(schools)
    urn, kept = roll.values("urn"), roll.kept
    return Spells(
        pupil=roll.pupil[kept],
        urn=urn,
        status=roll.texts("enrolment_status"),
        entry=roll.values("entry_date"),
        leaving=roll.values("leaving_date"),
        known_on=roll.known["known_on"][kept],
        end_known_on=roll.known["end_known_on"][kept],
        closes_on=np.array([closing.get(school, BLANK) for school in urn.tolist()], "int64"),
    )


def _without_births(columns: dict[str, Read], verdict: Verdict, on: np.ndarray) -> Counter:
    """Take birth dates of kept rows that put a child outside school ages as unknown; how many, by URN."""
    if "birth_date" not in columns:
        return Counter()
    birth = columns["birth_date"]
    odd = is_implausible(birth.values, on)
    columns["birth_date"] = replace(birth, values=np.where(odd, BLANK, birth.values))
    return Counter(columns["urn"].values[odd & verdict.is_kept].tolist())


def _known(authority: Authority, table: Table, columns: Mapping[str, Read]) -> dict[str, np.ndarray]:
    """The days on which rows, and ends of spells, became known; of a table whose rows come to be known."""
    if "known_on" not in STORED.get(table.name, {}):
        return {}
    bulk = _bulk(columns)
    asked = [("known_on", table.date, "recorded_on")]
    asked += [("end_known_on", table.end, "end_recorded_on")] if table.end else []
    return {
        name: known_on(
            authority,
            table.name,
            columns[own].values,
            columns[recorded].values if recorded in columns else None,
            bulk,
        )
        for name, own, recorded in asked
    }


def _bulk(columns: Mapping[str, Read]) -> Bulk | None:
    return find_bulk(columns["recorded_on"].values) if "recorded_on" in columns else None


def covering(roll: Checked, schools: Checked) -> Covering:
    """The spells of the roll as the extract has them, once later ones and closings have ended earlier ones."""
    leaving = roll.values("leaving_date")
    nothing = np.zeros(len(leaving), "int64")
    spells = pd.DataFrame(
        {
            "pupil": roll.pupil[roll.kept],
            "urn": roll.values("urn"),
            "first": roll.values("entry_date"),
            "last": np.where(leaving == BLANK, EVER, leaving),
            "since": nothing,
            "until": nothing + 1,
            "over": nothing,
        }
    )
    urns, predecessor = schools.values("urn"), schools.values("predecessor_urn")
    is_linked = predecessor != BLANK
    successor = dict(zip(predecessor[is_linked].tolist(), urns[is_linked].tolist(), strict=True))
    urns = np.unique(urns)
    today = np.array(schools_today(urns.tolist(), successor), "int64")
    return Covering.of(1, urns, np.searchsorted(urns, today), spells)


@dataclass(frozen=True)
class Since:
    """Since when the roll knows whom: what is told of somebody before is told of nobody yet.

    Attributes
    ----------
    by_upn : mapping of str to int
        The day a UPN, as a current or as a former one, was first known from.
    by_pupil : pandas.Series
        The same by pupil.
    entries : pandas.DataFrame
        pupil, known_on, entry: the rows of the roll, in order of the day they were known.
    """

    by_upn: Mapping[str, int]
    by_pupil: pd.Series
    entries: pd.DataFrame

    @classmethod
    def of(cls, roll: Checked) -> "Since":
        """From the rows that break no rule, and those of spells that lie inside another: they were known meanwhile."""
        rule = roll.verdict.rule
        rows = np.flatnonzero((rule == KEPT) | (rule == RULES.index("spell_overlap")))
        known_on = roll.known["known_on"][rows]
        names = [name for name in ("upn", "former_upn") if name in roll.columns]
        told = pd.concat(
            [pd.DataFrame({"upn": roll.texts_of(name, rows), "day": known_on}) for name in names]
        )
        entries = pd.DataFrame(
            {
                "pupil": roll.pupil[rows],
                "known_on": known_on,
                "entry": roll.values_of("entry_date", rows),
            }
        )
        days = told[told["upn"] != ""].groupby("upn")["day"].min()
        return cls(
            dict(zip(days.index.tolist(), days.tolist(), strict=True)),
            entries.groupby("pupil")["known_on"].min(),
            entries.sort_values("known_on", kind="stable", ignore_index=True),
        )

    def bound(self, upn: Read) -> np.ndarray:
        """Of each row, the day before which nobody of that UPN is known; `BLANK` where that is not known."""
        days = np.array([*(self.by_upn.get(word, BLANK) for word in upn.words), BLANK], "int64")
        return days[np.where(upn.values == BLANK, len(upn.words), upn.values)]

    def first_entry(self, upn: Read, pupils: Pupils) -> np.ndarray:
        """Of each row, the first day on which its pupil was on a roll; `BLANK` where no roll says."""
        first = self.entries.groupby("pupil")["entry"].min()
        days = first.reindex([*pupils.find(upn.words.tolist())[0], 0], fill_value=BLANK).to_numpy("int64")
        return days[np.where(upn.values == BLANK, len(upn.words), upn.values)]


def check_table(
    extract: Extract,
    table: Table,
    connection: duckdb.DuckDBPyConnection,
    extracted_on: int,
    urns: np.ndarray,
    pupils: Pupils,
    since: Since,
    read: tuple[Rows, dict[str, Read]] | None = None,
) -> Checked:
    """Any other table; nothing is known of a pupil before the roll knows the pupil.

    Parameters
    ----------
    read : tuple of Rows and dict, optional
        The table, where it was read before.
    """
    rows, columns = read or read_table(extract, table, connection)
    changed: dict[str, np.ndarray] = {}
    if table.name == PROTECTED:
        columns, changed = failing_closed(columns, extracted_on, since.first_entry(columns["upn"], pupils))
    verdict = check_cells(table, columns, extracted_on)
    if table.name == "attainment":
        columns |= {"taken_by": check_results(table, columns, extracted_on, verdict)}
        columns = credible(table, columns, extracted_on)
    check_duplicates(columns, verdict)
    pupil = check_known(table, columns, urns, pupils, verdict)
    known = _known(extract.authority, table, columns)
    if known:
        known["known_on"] = np.maximum(known["known_on"], since.bound(columns["upn"]))
    by_school = {}
    if "birth_date" in columns:
        entries = since.entries[~is_ancient(since.entries["entry"].to_numpy(), extracted_on)]
        entry = check_births(table, columns, pupil, known["known_on"], entries, verdict)
        by_school["implausible"] = _without_births(columns, verdict, entry)
    check_keys(table, columns, pupil, verdict, known)
    others = pupils.others if table.name == PROTECTED else {}
    return Checked(table, rows, columns, verdict, pupil, known, by_school, changed=changed, others=others)


def stored(checked: Checked) -> pa.Table:
    """The kept rows with the columns of the store, sorted by all of them."""
    if checked.settled is None:
        known = {name: days[checked.kept] for name, days in checked.known.items()}
        return _as_stored(checked, checked.kept, known) if not checked.others else _with_others(checked)
    return _readings_as_stored(checked, _last_readings(checked, checked.settled.readings))


def _with_others(checked: Checked) -> pa.Table:
    """Withheld, each row once more for everyone whom it protects as well."""
    rows = [
        (row, pupil)
        for row in checked.kept.tolist()
        for pupil in (int(checked.pupil[row]), *checked.others.get(int(checked.pupil[row]), ()))
    ]
    which, pupil = np.array(rows, "int64").reshape(-1, 2).T
    return _as_stored(checked, which, {}, pupil=pupil)


def superseded(checked: Checked) -> pa.Table | None:
    """What a table once said of spells that it came to say otherwise, with `known_until`; None where nothing."""
    if checked.settled is None:
        return None
    readings = checked.settled.readings
    was = readings[(readings["known_until"] != BLANK) | ~readings["row"].isin(checked.kept)]
    return None if was.empty else _readings_as_stored(checked, was)


def _last_readings(checked: Checked, readings: pd.DataFrame) -> pd.DataFrame:
    """The reading of each kept spell that still holds; where none does, one that no date may use."""
    last = readings[readings["known_until"] == BLANK].set_index("row").reindex(checked.kept)
    nothing = last["known_on"].isna().to_numpy()
    known = checked.known["end_known_on"][checked.kept]
    last.loc[nothing, "leaving"] = checked.values("leaving_date")[nothing]
    last.loc[nothing, "end_known_on"] = known[nothing]
    last.loc[nothing, "known_on"] = NEVER
    last.loc[nothing, "known_until"] = BLANK
    last["has_reason"] = last["has_reason"].fillna(True)
    return last.rename_axis("row").reset_index()


def _readings_as_stored(checked: Checked, readings: pd.DataFrame) -> pa.Table:
    days = {
        name: readings[of].to_numpy("int64")
        for name, of in (
            ("leaving_date", "leaving"),
            ("known_on", "known_on"),
            ("end_known_on", "end_known_on"),
            ("known_until", "known_until"),
        )
    }
    without = {"leaving_reason": ~readings["has_reason"].to_numpy(bool)}
    return _as_stored(checked, readings["row"].to_numpy("int64"), days, without)


def _as_stored(
    checked: Checked,
    rows: np.ndarray,
    days: Mapping[str, np.ndarray],
    without: Mapping[str, np.ndarray] | None = None,
    pupil: np.ndarray | None = None,
) -> pa.Table:
    """Some rows with the columns of the store, sorted by all of them.

    Parameters
    ----------
    days : mapping of str to array of int64, shape (rows,)
        Columns that are not as the extract has them, and `known_until` where readings ended.
    pupil : array of int64, shape (rows,), optional
        Whose rows they are, where not their own pupil's.
    """
    kinds = STORED[checked.table.name]
    if "known_until" in days and (days["known_until"] != BLANK).any():
        kinds = kinds | {"known_until": "date"}
    late = {column.name for column in checked.table.columns if column.is_late}
    arrays = {}
    for name, kind in kinds.items():
        if name in late and name not in checked.columns:
            continue
        if name == "pupil":
            pupil = checked.pupil[rows] if pupil is None else pupil
            arrays[name] = pa.array(pupil, ARROW[kind], mask=pupil == 0)
        elif name in days:
            arrays[name] = _array(days[name], kind)
        elif kind == "string":
            texts = checked.texts_of(name, rows)
            is_blank = texts == ""
            if without and name in without:
                is_blank |= without[name]
            arrays[name] = pa.array(texts, pa.string(), mask=is_blank)
        else:
            arrays[name] = _array(checked.values_of(name, rows), kind)
    result = pa.table(arrays)
    return result.sort_by([(name, "ascending") for name in result.column_names])


def _array(values: np.ndarray, kind: str) -> pa.Array:
    is_blank = values == BLANK
    whole = np.where(is_blank, 0, values)
    if kind == "date":
        return pa.array(whole.astype("int32"), pa.int32(), mask=is_blank).cast(pa.date32())
    return pa.array(whole.astype(bool) if kind == "boolean" else whole, mask=is_blank).cast(ARROW[kind])


def boolean_forms(checked: Checked) -> dict[str, int]:
    """Rows by how they write yes and no: `Y_N`, `1_0`, `true_false`."""
    forms = {"Y_N": 0, "1_0": 0, "true_false": 0}
    for column in checked.table.columns:
        if column.kind == "boolean" and column.name in checked.columns:
            counts = (
                pd.Series(checked.rows.text[column.name].to_pandas()).str.strip().str.lower().value_counts()
            )
            for text, count in counts.items():
                if text in TRUTHS:
                    forms["true_false" if len(text) > 1 else "1_0" if text.isdigit() else "Y_N"] += int(count)
    return forms


def as_dates(days: np.ndarray) -> list[str | None]:
    """ISO text of days since 1970-01-01; None where blank."""
    return [None if day == BLANK else str(np.datetime64(int(day), "D")) for day in days]
