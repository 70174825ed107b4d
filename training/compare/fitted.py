"""The recipe of a model fitted again on the training dates alone, with the test cohort as it then sees it."""

from collections.abc import Callable
from dataclasses import replace

from models.errors import ModelRefused
from models.risk_model import RiskModel
from training.evidence.test_cohort import TestCohort
from training.frames import Frames
from training.origin import cohort_panel, fit_again, judge, model_of
from training.search import SEARCHED
from training.settings import Settings
from training.splits import Split

Progress = Callable[[str], None]


def fitted_cohort(
    model: RiskModel, frames: Frames, settings: Settings, split: Split, progress: Progress = lambda step: None
) -> TestCohort:
    """The test cohort as a model's recipe sees it, fitted on the training dates with the model's own features.

    Raises
    ------
    ModelRefused
        The records no longer make some of its features.
    """
    names = set(frames.feature_names)
    missing = [name for name in model.feature_names if name not in names]
    if missing:
        raise ModelRefused(
            f"These records do not make {len(missing)} of a model's {len(model.feature_names)} features: {', '.join(missing)}. "
            "Compare on the store it was trained on."
        )
    own = replace(
        frames, features=tuple(each for each in frames.features if each.name in set(model.feature_names))
    )
    tried = {name: value for name, value in model.facts.recipe["parameters"].items() if name in SEARCHED}
    seed = Settings(**model.facts.recipe["settings"]).seed  # of its fit; that of `settings` is of the draws
    origin = fit_again(own, replace(settings, seed=seed), tried, split, progress)
    judged = model_of(replace(origin, settings=settings), own, 0, progress)
    return judge(judged, origin.training, cohort_panel(own, settings, split), own, settings)
