"""The service itself for tests: BentoML's own application behind a real socket, on a home made in a moment.

Everything in it is made up: an authority of 600 pupils, a release of two small trees, one prepared date.
"""

import atexit
import json
import os
import re
import tempfile
import threading
import time
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import httpx
import lightgbm as lgb
import numpy as np
import pyarrow as pa
from sqlalchemy import select

os.environ.setdefault("BENTOML_HOME", tempfile.mkdtemp(prefix="bentoml-of-tests-"))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # BentoML 1.4 uses what pathspec and pydantic have deprecated
    import uvicorn

    from serving.install import install
    from serving.service import Pathways, the_desk

from features.records.write import write_table
from models.manifest import write_manifest
from models.release import ReleaseFacts, load_release, write_release
from models.risk_model import ModelFeature, RiskModel
from serving.database.tables import Screening
from serving.prepared.bands import banded
from serving.prepared.facts import PreparedFacts
from serving.prepared.write import write_prepared
from serving.reading import Reading
from serving.security.access import Role
from serving.security.accounts import add_user, issue
from serving.security.sign_ins import WRONG
from serving.wording import pseudonym
from tests import meetings
from training.compare.compose import compare, write_compare

SHORT_WAIT_S = 0.05
AS_OF = meetings.AS_OF
STATUS = "looked_after"
DATABASE = "PATHWAYS_TESTS_DATABASE"  # another than a SQLite file, for the whole service


@dataclass
class Served:
    """A running service.

    Attributes
    ----------
    home : Path
    url : str
    reading : Reading
        What its prepared date was made from.
    tokens : dict of str to str
        Account to token: `officer` (the first school), `neighbour` (another district), `caseload`, and one a role.
    """

    home: Path
    url: str
    reading: Reading
    tokens: dict[str, str] = field(repr=False)

    def ask(
        self,
        method: str,
        path: str,
        who: str = "",
        body: object = None,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> httpx.Response:
        """One request, signed in as an account; nobody where `who` is empty."""
        sent = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        if body is not None:
            more["json"] = body
        return httpx.request(method, self.url + path, headers={**sent, **(headers or {})}, timeout=30, **more)

    def put_aside(self, who: str) -> None:
        """No screening is left open in an account's hands: another test may have begun one."""
        start = self.ask("GET", "/", headers={"Cookie": f"pathways={self.tokens[who]}"}).text
        for number in re.findall(r"/screenings/([0-9]+)", start):
            now = self.ask("GET", f"/v1/screenings/{number}", who).json()["now"]
            said = {"version": now["version"], "words": "For the test."}
            self.ask("POST", f"/v1/screenings/{number}/set-aside", who, said)

    @property
    def school(self) -> int:
        """The officer's own school: the first secondary, which has a list."""
        schools = self.reading.schools
        return int(schools["urn"][schools["phase"] == "secondary"].iloc[0])

    @property
    def other_school(self) -> int:
        """A school of another district."""
        schools = self.reading.schools.set_index("urn")
        return int(schools.index[schools["district"] != schools.at[self.school, "district"]][0])

    def district(self, urn: int) -> str:
        return str(self.reading.schools.set_index("urn").at[urn, "district"])

    def pupils(self, urn: int, state: str = "", reason: str = "") -> list[str]:
        """Pseudonyms of a school's pupils, in a state of its list where one is named."""
        frame = self.reading.matrix.merge(self.reading.states, on="pupil")
        frame = frame[frame["urn"] == urn]
        frame = frame[frame["school_state"] == state] if state else frame
        frame = frame[frame["not_assessed_reason"] == reason] if reason else frame
        return [pseudonym(pupil) for pupil in frame["pupil"].tolist()]


def never_screened(codes: Iterable[str]) -> str:
    """The first of some pseudonyms of whom no screening was begun: another test may have recorded a view."""
    with the_desk().database.reading() as session:
        begun = {pseudonym(pupil) for pupil in session.scalars(select(Screening.pupil))}
    return next(code for code in codes if code not in begun)


def small_model() -> RiskModel:
    """A model of two trees and one refit, for whatever needs a model and no meaning of it."""
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(200, 2)), rng.integers(0, 2, 200)
    text = lgb.train(
        {"objective": "binary", "verbosity": -1, "num_leaves": 4, "seed": 1}, lgb.Dataset(X, y), 2
    ).model_to_string()
    facts = meetings.model(features=(ModelFeature("a1", "attendance"), ModelFeature("s1", "suspensions")))
    return RiskModel(text, (text,), facts)


def release_of(model: RiskModel, folder: Path, name: str = "demonstration-1") -> Path:
    """A release's folder made from a model, as a demonstration."""
    candidate = folder / f"candidate-of-{name}"
    model.save(candidate)
    hashed = write_manifest(candidate)
    facts = ReleaseFacts(
        name, name.startswith("demonstration"), date(2025, 6, 1), "A", "B", "C", "candidate", hashed, "0"
    )
    write_release(
        folder / name,
        candidate,
        model,
        facts,
        {"card.md": "# A made-up card\n", "audit_published.json": "{}\n", **carried()},
    )
    return folder / name


def carried() -> dict[str, str]:
    """What a release carries for its reviewer."""
    here = Path(__file__).parent
    decided = {"reviewer": "Ash", "model_hash": "0" * 64, "audit_hash": "1" * 64}
    reviews = [
        {**decided, "decision": "refuse", "reason": "One finding blocks and is open.", "reviewed_on": "2025-05-01"},
        {**decided, "decision": "sign", "reason": "Looked at <every> finding.", "reviewed_on": "2025-05-30"},
    ]  # fmt: skip
    return {
        "audit.json": (here / "example_audit.json").read_text(),
        "evidence.json": (here / "example_evidence.json").read_text(),
        "reviews.jsonl": "".join(json.dumps(each) + "\n" for each in reviews),
    }


def reading_of(seed: int = 1, **changes: object) -> Reading:
    """Frames of one date, with pupils in every state and for every reason not assessed."""
    reasons = {
        3: "objection",
        4: "restricted",
        5: "year_group_unknown",
        6: "alternative_provision",
        7: "registers_stopped",
    }
    return meetings.reading(
        seed=seed, reasons=reasons, is_supported=[10, 11, 12], is_exclusion_in_progress=[20], **changes
    )


def groups_in(reading: Reading) -> dict[str, dict[int, str]]:
    """Made-up groups of a reading's pupils: girls and boys by turns, and every tenth child on free school meals."""
    pupils = enumerate(reading.matrix["pupil"].tolist())
    found: dict[str, dict[int, str]] = {"sex": {}, "fsm_eligible": {}}
    for place, pupil in pupils:
        found["sex"][pupil] = "Girls" if place % 2 else "Boys"
        found["fsm_eligible"][pupil] = "Free school meals" if place % 10 == 0 else "No free school meals"
    return found


def prepare(root: Path, reading: Reading, release: Path, **changes: object) -> Path:
    """A prepared date of frames, as by a release."""
    found = load_release(release)
    facts = PreparedFacts(
        AS_OF, found.stamp, found.manifest_hash, found.expires_on, "serious_exclusion", 365, True, False, reading.authority,
        meetings.EVIDENCE, (),
    )  # fmt: skip
    matrix = reading.matrix
    assessed = matrix["pupil"].to_numpy()[matrix["is_assessed"].to_numpy()]
    rng = np.random.default_rng(2)
    facts = replace(facts, **{"seen_bands": meetings.SEEN_BANDS, **changes})
    bands = banded(
        assessed, rng.random(len(assessed)) / 4, rng.random((len(assessed), 5)) / 3, facts.seen_bands
    )
    return write_prepared(root, facts, reading, bands, reading.statuses, groups=groups_in(reading))


def make_home(home: Path, reading: Reading, **settings: object) -> Path:
    """A service's home: settings, release, one prepared date."""
    home.mkdir(parents=True, exist_ok=True)
    release = release_of(small_model(), home / "releases")
    said = {"release": install(release), "is_demonstration": True, **settings}
    lines = [
        f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}"
        for name, value in said.items()
    ]
    (home / "service.toml").write_text("\n".join(lines) + "\n")
    prepare(home / "prepared", reading, release)
    return home


def keep_identities(folder: Path, reading: Reading) -> None:
    """The key and the names of a reading's pupils, as import keeps them."""
    folder.mkdir()
    (folder / "key").write_bytes(b"k" * 32)
    assert reading.names is not None
    for name, columns in (("upn", ["upn", "pupil"]), ("names", ["pupil", "forename", "surname"])):
        write_table(
            folder / f"{name}.parquet", pa.Table.from_pandas(reading.names[columns], preserve_index=False)
        )


def waiting_candidate(folder: Path, **finding: object) -> Path:
    """A candidate that waits for its reviewer: sealed evidence, and an audit of this very folder.

    Parameters
    ----------
    finding
        What is other about the first finding of its audit.
    """
    folder.mkdir()
    here = Path(__file__).parent
    (folder / "evidence.json").write_text((here / "example_evidence.json").read_text())
    audit = json.loads((here / "example_audit.json").read_text())
    audit["model"] = {
        "folder": folder.name,
        "folder_hash": write_manifest(folder),
        "trained_by": "made-up trainer",
    }
    audit["findings"][0] |= finding
    (folder / "audit.json").write_text(json.dumps(audit))
    return folder


@cache
def served() -> Served:
    """The running service, one a test process."""
    on = {"database": os.environ[DATABASE]} if DATABASE in os.environ else {}
    home = Path(tempfile.mkdtemp(prefix="home-of-tests-"))
    make_home(
        home,
        reading_of(),
        identities="identities",
        holds=["exports"],
        candidate="candidate",
        comparison="comparison",
        **on,
    )
    waiting_candidate(home / "candidate")
    releases = home / "releases"
    compared, _ = compare(releases / "demonstration-1", releases / "candidate-of-demonstration-1", None)
    write_compare(home / "comparison", compared, None, {})
    keep_identities(home / "identities", reading_of())
    (home / "exports").mkdir()
    os.environ["PATHWAYS_HOME"] = str(home)
    return start(home, reading_of())


def start(home: Path, reading: Reading) -> Served:
    """Serve BentoML's own application of a home on a free port of this machine, in a thread.

    All tests come from one address, which signs in wrongly on purpose: its answers wait, and not for long
    (`tests/unit/test_sign_ins.py` has how long they do).
    """
    whole = WRONG.wait_s
    WRONG.wait_s = lambda address: min(whole(address), SHORT_WAIT_S)  # type: ignore[method-assign]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        app = Pathways.to_asgi(is_main=True)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, server_header=False, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]

    def stop() -> None:
        server.should_exit = True
        thread.join(10)

    atexit.register(stop)
    found = Served(home, f"http://127.0.0.1:{port}", reading, {})
    held = reading.names
    assert held is not None
    the_desk().names = {
        p: (u, f, s) for p, u, f, s in held[["pupil", "upn", "forename", "surname"]].itertuples(index=False)
    }
    with the_desk().database.writing() as session:
        people = {
            "officer": (Role.OFFICER, {"schools": [found.school]}),
            "neighbour": (Role.OFFICER, {"districts": [found.district(found.other_school)]}),
            "caseload": (Role.OFFICER, {"statuses": [STATUS]}),
            **{role.value: (role, {}) for role in Role if role != Role.OFFICER},
        }
        for name, (role, scope) in people.items():
            account = f"made-up {name}"
            found.tokens[name] = issue(session, add_user(session, account, role, **scope).id)
    return found
