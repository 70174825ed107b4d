"""MLflow's model registry: a version for every candidate, aliases and tags that follow the standing.

The standing beside the releases is what counts. The registry is told of it afterwards, as often as one
likes: it is brought in step, never edited.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient

from models.release import read_facts
from models.standing import LIVE, SERVED, SHADOW, WITHDRAWN, read_standing

MODEL = "inclusive-pathways"
CANDIDATE = "candidate"
DESCRIPTION = (
    "Estimates the chance that a child is seriously excluded within the outcome window, from the records an English local "
    "authority holds. It prompts a human-led screening and never decides one; a list gives a place and no number. Ethnicity, "
    "sex and free school meals are no features. Each version's run holds its evidence and its fairness audit. The "
    "alias `candidate` is the newest trained; `shadow` and `live` follow the releases, and a withdrawn release keeps no alias."
)
RELEASE, STATE, MODEL_HASH = "release", "state", "model_hash"


def register(model_id: str, run_id: str, tags: Mapping[str, str]) -> str:
    """Make a version of a model that has just been logged, the candidate from now on; return its number."""
    client = MlflowClient()
    if client.search_registered_models(filter_string=f"name = '{MODEL}'"):
        client.update_registered_model(MODEL, DESCRIPTION)
    else:
        client.create_registered_model(MODEL, description=DESCRIPTION)
    made = client.create_model_version(
        MODEL, f"models:/{model_id}", run_id, tags=dict(tags), model_id=model_id
    )
    client.set_registered_model_alias(MODEL, CANDIDATE, made.version)
    return str(made.version)


def follow(releases: Path, tracking_uri: str) -> str:
    """Bring the registry's aliases and tags in step with a folder of releases; say what came of it.

    A version is found by the hash of the candidate it was registered from. Aliases `shadow` and `live` are
    set, or taken away where nothing stands there; a withdrawn release's versions are tagged `withdrawn` with the
    reason, and keep no alias, whoever gave it.
    """
    standing = read_standing(releases)
    mlflow.set_tracking_uri(tracking_uri)
    client = MlflowClient()
    versions: dict[str, list[int]] = {}
    for version in client.search_model_versions(f"name = '{MODEL}'"):
        versions.setdefault(version.tags.get(MODEL_HASH, ""), []).append(int(version.version))
    found: dict[str, int] = {}
    for name, state in standing.states().items():
        same = versions.get(read_facts(releases / name).candidate_hash, [])
        tags = {RELEASE: name, STATE: state}
        if state == WITHDRAWN:
            tags[WITHDRAWN] = next(e.reason for e in reversed(standing.events) if e.release == name)
            for alias in [alias for alias, number in aliases(client).items() if number in same]:
                client.delete_registered_model_alias(MODEL, alias)
        for number in same:  # a candidate that was told of twice is one model
            found[name] = max(same)
            for tag, value in tags.items():
                client.set_model_version_tag(MODEL, str(number), tag, value)
    for alias in SERVED:
        wanted = found.get(standing.now(alias))
        if wanted:
            client.set_registered_model_alias(MODEL, alias, str(wanted))
        elif alias in aliases(client):
            client.delete_registered_model_alias(MODEL, alias)
    missing = [name for name in standing.states() if name not in found]
    told = ", ".join(f"{alias} is {standing.now(alias) or 'nothing'}" for alias in (SHADOW, LIVE))
    return f"MLflow's registry {MODEL}: {told}." + (
        f" It has no version of {', '.join(missing)}: they were trained against another server."
        if missing
        else ""
    )


def version_of(model_hash: str) -> str:
    """The latest version that was registered from a candidate; empty where this server has none."""
    found = MlflowClient().search_model_versions(f"name = '{MODEL}' and tag.{MODEL_HASH} = '{model_hash}'")
    return max((str(each.version) for each in found), key=int, default="")


def aliases(client: MlflowClient) -> dict[str, int]:
    """Every alias of the model and the version it points to; empty where this server has no such model.

    A server tells a version's number as text, a database of one's own as a number: here it is a number.
    """
    if not client.search_registered_models(filter_string=f"name = '{MODEL}'"):
        return {}
    return {alias: int(number) for alias, number in client.get_registered_model(MODEL).aliases.items()}


def version_tags(evidence: Mapping[str, Any], model_hash: str) -> dict[str, str]:
    """What a version is of: what a release is later held against."""
    data = evidence["data"]
    return {
        MODEL_HASH: model_hash,
        "data_hash": data["data_hash"],
        "protocol": evidence["protocol"]["hash"],
        "commit": data["commit"],
        "made_on": data["made_on"],
        "trained_by": data["trained_by"],
        "outcome": evidence["outcome"],
        "window_days": str(evidence["window_days"]),
        "is_made_up": str(evidence["is_made_up"]),
        "gate_passed": str(evidence["gate"]["passed"]),
    }
