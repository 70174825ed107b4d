"""What a prepared date says of itself, and the names of its files."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from features.records.authority import Authority
from models.facts.evidence import SeenBands
from serving.stamp import Stamp, rates_of

FORMAT = 4  # 1 had bands that said what the model expects; 2 no reach of help; 3 no weeks
FACTS, ACCOUNTS, PREVIOUS, PROFILES, REACH = (
    "prepared.json",
    "lists.json",
    "previous.json",
    "profiles.json",
    "reach.json",
)
FRAMES = ("schools", "matrix", "bands", "facts", "statuses", "contributions", "weeks")
MATRIX = ("pupil", "urn", "district", "phase", "nc_year", "not_assessed_reason")
PREPARE = "pathways prepare STORE --model MODEL --out PREPARED --as-of {as_of}"


@dataclass(frozen=True)
class PreparedFacts:
    """The stamp of a prepared date.

    Attributes
    ----------
    as_of : date
        The day the lists are of.
    release : str
        Name of the release or candidate, as stamped on lists.
    model_hash : str
        SHA-256 of the manifest of the model that was asked: a date prepared by another model than the
        live one is not shown.
    expires_on : date
        From this day nothing is answered from it.
    outcome : str
    window_days : int
    is_model_made_up : bool
        The model learned from made-up data.
    is_on_trial : bool
        Made by a release in shadow: kept and compared, shown to nobody.
    authority : Authority
        Names, places and signposts as they were; its `extracted_on` is how far records reach.
    evidence : dict
        `headline` and `by_phase` of the evidence, for what came after past lists; empty where there is none.
    warnings : tuple of str
        Sentences that hold for every list of this date.
    seen_bands : SeenBands or None
        What was seen on the test dates in each band of the estimate; None where the release does not say.
    """

    as_of: date
    release: str
    model_hash: str
    expires_on: date
    outcome: str
    window_days: int
    is_model_made_up: bool
    is_on_trial: bool
    authority: Authority
    evidence: Mapping[str, Any]
    warnings: tuple[str, ...]
    seen_bands: SeenBands | None = None

    @property
    def is_made_up(self) -> bool:
        """Whether records or model are made up: shown in demonstration mode only."""
        return self.authority.authority.is_made_up or self.is_model_made_up

    def stamp(self, has_names: bool) -> Stamp:
        """What lists of this date are stamped with."""
        whose = self.authority.authority
        return Stamp(
            whose.name, self.release, self.as_of, self.expires_on, whose.extracted_on, self.outcome, self.window_days,
            whose.is_made_up, self.is_model_made_up, has_names, rates_of(self.evidence or None),
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """What `facts_from` reads."""
        plain = {key: value for key, value in asdict(self).items() if key != "authority"}
        return {
            "format": FORMAT,
            **plain,
            "authority": self.authority.model_dump(mode="json", by_alias=True),
            "seen_bands": self.seen_bands.plain() if self.seen_bands else None,
        }


def facts_from(found: dict[str, Any]) -> PreparedFacts:
    """`PreparedFacts` from what `as_json` wrote."""
    return PreparedFacts(
        **{
            **{key: value for key, value in found.items() if key != "format"},
            "as_of": date.fromisoformat(found["as_of"]),
            "expires_on": date.fromisoformat(found["expires_on"]),
            "authority": Authority.model_validate(found["authority"]),
            "warnings": tuple(found["warnings"]),
            "seen_bands": SeenBands.checked(found["seen_bands"]) if found["seen_bands"] else None,
        }
    )
