"""One frozen object that settles a training run, and what it refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.errors import RecipeRefused

OUTCOMES = ("serious_exclusion", "permanent_exclusion", "upheld_permanent", "any_suspension", "hidden_exit")
SENSITIVITIES = ("serious_with_internal",)  # judged where the records hold them, and never learned
WINDOWS = (365, 182)
PLACES_PER_SCHOOL = {
    "nursery": 0, "primary": 5, "middle": 5, "secondary": 10, "all_through": 10, "special": 5, "ap": 0, "pru": 0,
}  # fmt: skip
REFITS_FOR_RELEASE = 100

BREAKS_CALIBRATION = (
    "weights or resampling that depend on the outcome destroy calibration at these base rates: an estimate would "
    "no longer be a chance, and 'of these 40, about 13' would be untrue. The list is ranked the same without."
)
REFUSED = {
    **dict.fromkeys(("is_unbalance", "unbalance", "unbalanced_sets", "scale_pos_weight"), BREAKS_CALIBRATION),
    **dict.fromkeys(
        ("pos_bagging_fraction", "pos_sub_row", "pos_subsample", "pos_bagging", "neg_bagging_fraction",
         "neg_sub_row", "neg_subsample", "neg_bagging"), BREAKS_CALIBRATION
    ),
    **dict.fromkeys(("weight_column", "weight"), "rows carry no weights but the number of times a refit drew their school."),
    **dict.fromkeys(
        ("objective", "objective_type", "app", "application", "loss"), "estimates are chances, so the loss is the log loss."
    ),
    **dict.fromkeys(
        ("num_threads", "num_thread", "nthread", "nthreads", "n_jobs"),
        "set OMP_NUM_THREADS instead: a thread count inside the model's text would make two equal models differ.",
    ),
    **dict.fromkeys(
        ("deterministic", "force_col_wise", "force_row_wise", "seed", "random_seed", "random_state", "device", "device_type"),
        "the same records must give the same model text, byte for byte. Another seed is `seed` of the settings.",
    ),
    **dict.fromkeys(
        ("monotone_constraints", "mc", "monotone_constraint"), "directions are declared with the features, where each has its reason."
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Everything a training run depends on beside the records.

    Attributes
    ----------
    outcome : str
        What is predicted; one of `OUTCOMES`.
    window_days : int
        Length of the outcome window, 365 or 182 days.
    places_per_school : mapping of str to int
        Phase to the children a Team Around the School meeting can look at.
    places_per_district : int
    seed : int
        Of every random number of the run.
    refits : int
        Refits on school-resampled data: 25 for a candidate, `REFITS_FOR_RELEASE` for a release.
    trials : int
        Recipes tried inside the training dates; 1 tries the default recipe only.
    folds : int
        Of the school-grouped cross-validation.
    max_rounds, patience : int
        Most trees of a booster, and trees without gain after which the search of a number stops.
    draws : int
        Of the clustered intervals.
    memory : int
        Of the dates that may be learned from, only so many, the latest; 0 for all. A training run settles it (`training.memory`).
    with_transport : bool
        Also leave each district out in turn, and test every year before: as many fits as districts, a search and a fit a year.
    booster : mapping
        LightGBM parameters that replace those of the default recipe.
    """

    outcome: str = "serious_exclusion"
    window_days: int = 365
    places_per_school: Mapping[str, int] = field(default_factory=PLACES_PER_SCHOOL.copy)
    places_per_district: int = 60
    seed: int = 1
    refits: int = 25
    trials: int = 6
    folds: int = 5
    max_rounds: int = 300
    patience: int = 15
    draws: int = 1000
    memory: int = 0
    with_transport: bool = True
    booster: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        breaches = [
            f"LightGBM's {name} is refused: {REFUSED[name]}" for name in self.booster if name in REFUSED
        ]
        if self.outcome not in OUTCOMES:
            breaches.append(f"Invalid outcome {self.outcome!r}. Allowed values are {', '.join(OUTCOMES)}.")
        if self.window_days not in WINDOWS:
            breaches.append(f"Invalid window {self.window_days}. Allowed values are 365 and 182 days.")
        breaches += [
            f"Invalid {name} {getattr(self, name)}. Allowed values are {low} and more."
            for name, low in (
                ("refits", 2),
                ("trials", 1),
                ("folds", 2),
                ("max_rounds", 1),
                ("draws", 100),
                ("places_per_district", 0),
                ("memory", 0),
            )
            if getattr(self, name) < low
        ]
        if breaches:
            raise RecipeRefused(*breaches)

    def as_facts(self) -> dict[str, Any]:
        """The settings as plain JSON values; a memory of everything is not named."""
        facts = {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name != "memory" or self.memory
        }
        return facts | {"places_per_school": dict(self.places_per_school), "booster": dict(self.booster)}
