"""Code sets as published, one small CSV each; every row names its source."""

from functools import cache
from importlib.resources import files

import pandas as pd


@cache
def code_set(name: str) -> pd.DataFrame:
    """A code set: one row a code, with its meaning, status and source. Treat as read-only.

    Parameters
    ----------
    name : {"attendance", "ethnicity", "exclusion_category", "exclusion_reason", "sen_need", "sen_provision"}
    """
    with files(__name__).joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False)
