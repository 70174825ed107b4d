"""The truth of a made-up authority, read for the evidence and for nothing else."""

from pathlib import Path

import pandas as pd

from models.errors import ModelRefused


def read_truth(folder: Path, identities: pd.DataFrame) -> pd.DataFrame:
    """True chances by pupil and as-of date.

    Parameters
    ----------
    folder : Path
        What `pathways synth` wrote beside the extract: truth_DATE.parquet, by UPN.
    identities : pandas.DataFrame
        Indexed by pupil, with a column upn: the truth knows UPNs, a store only pseudonyms.

    Returns
    -------
    pandas.DataFrame
        pupil, as_of, and a column an outcome. Pupils that the store does not know are left out.

    Raises
    ------
    ModelRefused
        The folder holds no truth.
    """
    paths = sorted(folder.glob("truth_*.parquet"))
    if not paths:
        raise ModelRefused(
            f"{folder} holds no truth_DATE.parquet. Leave out --truth, or make the authority again."
        )
    truth = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    pupils = identities.reset_index()[["pupil", "upn"]]
    return truth.merge(pupils, on="upn", how="inner", validate="many_to_one").drop(columns="upn")
