"""The truth of a made-up authority, joined to the pseudonyms of its store."""

from pathlib import Path

import pandas as pd

from features.errors import StoreRefused


def read_truth(folder: Path, names: pd.DataFrame) -> pd.DataFrame:
    """True chances of each outcome, at the dates that were asked for when the authority was made up.

    Parameters
    ----------
    folder : Path
        Beside the extract: files truth_DATE.parquet with upn, as_of and a column an outcome.
    names : pandas.DataFrame
        `names_for` of the identities: indexed by pupil, with a column upn.

    Returns
    -------
    pandas.DataFrame
        pupil, as_of, and a column an outcome. Pupils whom the store does not know are left out.

    Raises
    ------
    StoreRefused
        The folder holds no truth.
    """
    files = sorted(folder.glob("truth_*.parquet"))
    if not files:
        raise StoreRefused(f"{folder} holds no truth_DATE.parquet. Name the folder that `pathways synth` wrote beside its extract.")
    truth = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    pupils = names.reset_index()[["pupil", "upn"]]
    return truth.merge(pupils, on="upn", how="inner", validate="many_to_one").drop(columns="upn")
