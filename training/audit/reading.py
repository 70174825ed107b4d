"""Columns of somebody's scored list, read and checked; every breach at once, and no value in a message."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from training.audit.errors import AuditRefused

READS = (".csv", ".parquet")


def read_columns(path: Path, wanted: list[str]) -> pd.DataFrame:
    """The wanted columns of a CSV or Parquet file."""
    if path.suffix.lower() not in READS:
        raise AuditRefused(f"{path} is neither .csv nor .parquet. Save the scored list as one of them.")
    try:
        is_csv = path.suffix.lower() == ".csv"
        held = list(pd.read_csv(path, nrows=0).columns) if is_csv else pq.read_schema(path).names
        missing = [name for name in wanted if name not in held]
        if missing:
            raise AuditRefused(
                f"{path} has no column {', '.join(missing)}. Its columns are {', '.join(map(str, held))}."
            )
        frame = (
            pd.read_csv(path, usecols=wanted, low_memory=False)
            if is_csv
            else pd.read_parquet(path, columns=wanted)
        )
    except (
        OSError,
        UnicodeDecodeError,
        pd.errors.ParserError,
        pd.errors.EmptyDataError,
        pa.ArrowInvalid,
    ) as error:
        raise AuditRefused(f"{path} cannot be read as {path.suffix[1:]}: {type(error).__name__}.") from None
    if frame.empty:
        raise AuditRefused(f"{path} has no rows.")
    return frame


def is_blank(column: pd.Series) -> pd.Series:
    return column.isna() | (column.astype(str).str.strip() == "")


def zeros_and_ones(column: pd.Series, what: str, may_be_blank: bool, breaches: list[str]) -> np.ndarray:
    """A column of 0 and 1 as float64, NaN where blank; what is neither goes to `breaches`."""
    values = pd.to_numeric(column.replace({True: 1, False: 0}), errors="coerce").to_numpy(
        np.float64, na_value=np.nan
    )
    blank = is_blank(column).to_numpy(bool)
    wrong = int((~np.isin(values, (0.0, 1.0)) & ~blank).sum())
    if wrong:
        breaches.append(
            f"In {what}, {wrong:,} of {len(column):,} values are neither 0 nor 1. Write 1 for yes and 0 for no."
        )
    if blank.any() and not may_be_blank:
        breaches.append(
            f"In {what}, {int(blank.sum()):,} values are blank. Write 0 for whoever is not listed."
        )
    return values


def numbers(column: pd.Series, name: str, breaches: list[str]) -> np.ndarray:
    """A column of estimates as float64, NaN where blank; what is no number goes to `breaches`."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = int((np.isnan(values) & ~is_blank(column).to_numpy(bool)).sum()) + int(np.isinf(values).sum())
    if wrong:
        breaches.append(
            f"In the estimate {name}, {wrong:,} of {len(column):,} values are not numbers. Leave blank where there is none."
        )
    return values
