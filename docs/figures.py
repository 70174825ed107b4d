"""The figures of README and docs, from files that the commands wrote: `make figures` after `make demo`.

What a demonstration measured is copied into `docs/measured/demo.json`, with a digest of what was declared when it was made;
`python -m bench.recipes` writes `recipes.json` itself. Text between two markers is made from these files;
`tests/house/test_figures.py` fails where either is no longer so.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from features.dictionary import dictionary
from features.matrix import FEATURES
from models.facts.evidence import Evidence
from training.fit import DEFAULT, FIXED
from training.settings import Settings

DOCS = Path(__file__).resolve().parent
MEASURED = DOCS / "measured" / "demo.json"
RECIPES = DOCS / "measured" / "recipes.json"
CITY = DOCS / "measured" / "city.json"
STAGES = ("import", "train", "list")
BEGIN, END = "<!-- figures of {}: begin -->\n", "<!-- figures of {}: end -->"
COLUMNS = {  # of the table of recipes: what a figure is called, and how it is written
    "share_of_best_recall": ("share of the best recall", "{:.3f}"),
    "recall": ("recall", "{:.3f}"),
    "gain_over_best_rule": ("gain over the best rule", "{:+.3f}"),
    "log_loss": ("log loss", "{:.5f}"),
    "observed_over_expected": ("observed over expected", "{:.2f}"),
    "share_arbitrary": ("share of places that are arbitrary", "{:.2f}"),
}


def made_of() -> str:
    """A digest of every declared feature and of the default recipe: figures of other ones are stale."""
    settings = vars(Settings()) | DEFAULT | FIXED
    declared = dictionary(FEATURES) + json.dumps(settings, sort_keys=True, default=dict)
    return hashlib.sha256(declared.encode()).hexdigest()[:16]


def measured(evidence: Evidence) -> dict[str, Any]:
    """What the text says of a demonstration's evidence, as plain values."""
    headline, facts = evidence.headline, evidence.model_dump(mode="json")
    return {
        "made_of": made_of(),
        "commit": evidence.data.commit,
        "num_test_dates": len(evidence.split.test),
        "num_test_years": sum(year.recall is not None for year in evidence.every_year.years)
        if evidence.every_year
        else 1,
        "num_refits": evidence.stability.num_refits,
        "headline": facts["headline"],
        "gate": facts["gate"],
        "share_arbitrary": evidence.stability.share_arbitrary,
        "num_listed": headline.num_listed_per_date,
        "against_truth": facts["against_truth"],
    }


def of_100(share: dict[str, Any]) -> str:
    """A share as so many of 100, with its range; in words where it could not be told."""
    if share["status"] != "estimated":
        return "nobody can say how many"
    return f"about {100 * share['estimate']:.0f} ({100 * share['low']:.0f} to {100 * share['high']:.0f})"


def over_years(num: int) -> str:
    """How many test years a gain is of, in words."""
    return "in one test year" if num == 1 else f"over {num} test years together"


def text(facts: dict[str, Any]) -> str:
    """The figures as a numbered list in Markdown."""
    head, gate, truth = facts["headline"], facts["gate"], facts["against_truth"]
    gain = gate["over_best_rule"]["gain"]
    passed = "It passed its own gate" if gate["passed"] else "**It did not pass its own gate**"
    told = (
        f"recall at capacity was {gain['estimate']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f}) beside the best simple rule "
        f"({gate['over_best_rule']['rule'].replace('_', ' ')}), {over_years(facts['num_test_years'])}"
        if gain["status"] == "estimated"
        else "what it gains over the best simple rule could not be told"
    )
    recall = head["recall_at_capacity"]
    lines = [
        f"{passed}: {told}. A release of real records needs a gain whose range leaves out none.",
        f"Of every 100 children with the outcome in the year after a list, {of_100(recall)} had a place at their school's meeting; "
        f"{of_100(head['recall_at_capacity_pooled'])} if the same places were pooled over the authority.",
        f"Of every 100 children listed, {of_100(head['precision'])} had the outcome; "
        f"about {head['num_missed_per_date']:.0f} of the {head['num_positives_per_date']:.0f} with the outcome on a date were missed.",
        f"About {100 * facts['share_arbitrary']:.0f} in 100 places are arbitrary: refits on other draws of schools would have given them to others.",
    ]
    share = truth["share_of_best_recall_interval"] if truth["status"] == "estimated" else {"status": ""}
    if share["status"] == "estimated":
        lines.append(
            f"It reached {share['estimate']:.2f} ({share['low']:.2f} to {share['high']:.2f}) of the recall that the true chances, "
            "which only a made-up authority has, reach at the same places."
        )
    numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
    return (
        f"{numbered}\n\nMade-up data, `make demo`: {facts['num_test_dates']} forward test dates, {recall['events']} pupils with the outcome, "
        f"{recall['schools']:.0f} effective schools, {facts['num_refits']} refits; `docs/measured/demo.json`. Each run draws "
        "its own key of pseudonyms, which orders the rows: figures differ from run to run.\n"
    )


def recipes(facts: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Ways of learning beside one another, as tables in Markdown: means over the authorities, then each authority.

    The mean of a figure is over the authorities that have it; the true chances are told of some only.
    """
    names = list(dict.fromkeys(name for found in facts.values() for name in found))
    means: dict[str, dict[str, float]] = {name: {} for name in names}
    for name in names:
        for figure in COLUMNS:
            told = [
                found[name][figure] for found in facts.values() if found.get(name, {}).get(figure) is not None
            ]
            if told:
                means[name][figure] = sum(told) / len(told)
    parts = {"Mean over the authorities": means} | {f"The {name}": found for name, found in facts.items()}
    return "\n".join(f"**{title}**\n\n{table(found)}" for title, found in parts.items())


def table(found: dict[str, dict[str, Any]]) -> str:
    """One table of recipes in Markdown; a figure that was not asked for, or cannot be told, is left blank."""
    rows = [["", *(words for words, _ in COLUMNS.values())], ["---"] * (len(COLUMNS) + 1)]
    for name, facts in found.items():
        told = (facts.get(of) for of in COLUMNS)
        rows.append(
            [
                name,
                *(
                    "" if value is None else form.format(value)
                    for value, (_, form) in zip(told, COLUMNS.values(), strict=True)
                ),
            ]
        )
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def city(runs: list[dict[str, Any]]) -> str:
    """Runs of `make bench-city`, newest first, and the steps of the newest, as tables in Markdown."""
    rows = [
        ["day", "pupils", "refits", "from extract to lists", "most memory", *STAGES],
        ["---"] * (5 + len(STAGES)),
    ]
    for run in runs:
        told = (
            f"{run['stages'][name]['seconds'] / 60:.1f} min, {run['stages'][name]['peak_gib']} GiB"
            for name in STAGES
        )
        rows.append(
            [
                run["measured_on"],
                f"{run['pupils']:,}",
                f"{run['refits']}",
                f"{run['minutes']} min",
                f"{run['peak_gib']} GiB",
                *told,
            ]
        )
    newest = runs[0]["stages"]["train"]["steps"]
    longest = max(newest.values())
    steps = [["step of training, newest run", "seconds", ""], ["---"] * 3]
    steps += [
        [name, f"{seconds:.0f}", "█" * round(30 * seconds / longest)]
        for name, seconds in newest.items()
        if seconds >= 1
    ]
    return "\n".join("".join(f"| {' | '.join(row)} |\n" for row in part) for part in (rows, steps))


PAGES: dict[Path, tuple[str, Path, Callable[[Any], str]]] = {
    DOCS.parent / "README.md": ("make demo", MEASURED, text),
    DOCS / "explanation" / "evidence.md": ("make demo", MEASURED, text),
    DOCS / "explanation" / "recipes.md": ("bench.recipes", RECIPES, recipes),
    DOCS / "explanation" / "speed.md": ("make bench-city", CITY, city),
}


def renewed(page: Path) -> str:
    """A page with what stands between its markers made anew."""
    of, measured, written = PAGES[page]
    begin, end = BEGIN.format(of), END.format(of)
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    return f"{before}{begin}{written(json.loads(measured.read_text(encoding='utf-8')))}{end}{rest.partition(end)[2]}"


def main(demo: Path, say: Callable[[str], None] = print) -> None:
    """Take a demonstration's figures into the docs."""
    evidence = Evidence.model_validate_json(
        (demo / "result" / "model" / "evidence.json").read_text(encoding="utf-8")
    )
    facts = measured(evidence)
    MEASURED.parent.mkdir(exist_ok=True)
    MEASURED.write_text(f"{json.dumps(facts, indent=1)}\n", encoding="utf-8")
    for page in PAGES:
        page.write_text(renewed(page), encoding="utf-8")
        say(f"{page.name} has the figures of {PAGES[page][1].name}.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
