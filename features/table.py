"""What a table of the records contract is: its columns, and what each may hold."""

from dataclasses import dataclass
from typing import Literal

from features.codes import code_set

Kind = Literal["upn", "urn", "text", "date", "integer", "boolean", "code", "school_year", "result"]


@dataclass(frozen=True)
class Column:
    """One column of a table of the contract.

    Parameters
    ----------
    name : str
        The contract's name; an extract's own name is mapped to it in `authority.toml`.
    kind : Kind
        How the text of a cell is read.
    is_required : bool
        Never blank; a blank one rejects the row (`required_blank`).
    must_exist : bool
        The file is refused without this column, though a cell may be blank.
    allowed : tuple of str
        The values of a small set that the contract itself names; empty means no such set.
    codes : str
        The file in `codes/` that lists the values; empty means no such file.
    low, high : int or None
        Bounds of an integer, both inside (`out_of_range`).
    is_late : bool
        Came to the contract later: a store of an extract without it is as it was before.
    """

    name: str
    kind: Kind
    is_required: bool = False
    must_exist: bool = False
    allowed: tuple[str, ...] = ()
    codes: str = ""
    low: int | None = None
    high: int | None = None
    is_late: bool = False

    @property
    def codes_known(self) -> tuple[str, ...]:
        """Every code that a cell may hold; empty for a column of anything else."""
        return self.allowed or (tuple(code_set(self.codes)["code"]) if self.codes else ())


@dataclass(frozen=True)
class Table:
    """One table of the contract.

    Parameters
    ----------
    name : str
        File or folder name in an extract.
    row : str
        What one row is.
    columns : tuple of Column
        In the order in which a data sheet shows them.
    date : str
        The column whose academic year files a row in the store; empty for a table kept whole.
    lag_days : int
        Days from a row's own date to the authority knowing it, where `recorded_on` is blank.
    end : str
        The column that ends a spell; empty for a table of events.
    key : tuple of str
        A second, different row for the same key is rejected (`duplicate_key`); empty means none.
    is_optional : bool
        An extract may come without it.
    is_late : bool
        Came to the contract later: a store of an extract without it is as it was before.
    defects : str
        What is known to be wrong with such records wherever they come from.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    date: str = ""
    lag_days: int = 0
    end: str = ""
    key: tuple[str, ...] = ()
    is_optional: bool = False
    is_late: bool = False
    defects: str = ""

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]
