"""Evidence pooled over authorities: `pathways evidence`."""

from pathlib import Path
from typing import Annotated

import typer

from pathways.options import Out
from serving.terminal import say, writes

app = typer.Typer(no_args_is_help=True, help="Evidence pooled over authorities, without a pupil leaving any.")


@app.command("export")
@writes
def evidence_export(
    model: Annotated[Path, typer.Argument(help="A candidate's or a release's folder.")],
    out: Annotated[Path, typer.Argument(help="A JSON file that is not there yet, to give to whoever pools.")],
) -> None:
    """Write what this authority gives to pooled evidence: figures over all schools, no pupil, no school, no small count."""
    from features.files import write_whole
    from training.candidate import refuse_in_the_way
    from training.pooled.export import export

    refuse_in_the_way(out)
    facts = export(model)
    write_whole(out, facts.text())
    told = sum(each.status == "estimated" for each in facts.figures)
    say(f"{told} of {len(facts.figures)} figures can leave {facts.authority}. {facts.rule}")
    say(
        f"Read {out} before it goes. Next, with the files of others: pathways evidence pool {out} OTHER --out DIR"
    )


@app.command("pool")
@writes
def evidence_pool(
    exports: Annotated[
        list[Path], typer.Argument(help="Files that `pathways evidence export` wrote, one of each authority.")
    ],
    out: Out,
) -> None:
    """Pool the evidence of two authorities or more that trained by one recipe: gains, recall, groups, and how far they lie apart."""
    from serving.pooled_page import pooled_page
    from training.candidate import refuse_in_the_way
    from training.pooled.pool import pool, write_pooled

    refuse_in_the_way(out)
    facts = pool(exports)
    write_pooled(out, facts, {"pooled_evidence.html": pooled_page(facts)})
    for line in (*facts.first_lines, *facts.notes):
        say(line)
    say(
        f"Open {out / 'pooled_evidence.html'}. Next, in each authority that wants its gate to rest on it: pathways evidence rest-on MODEL {out}"
    )


@app.command("rest-on")
def evidence_rest_on(
    model: Annotated[Path, typer.Argument(help="A candidate's folder, one of those that were pooled.")],
    pooled: Annotated[Path, typer.Argument(help="Folder that `pathways evidence pool` wrote.")],
) -> None:
    """Let a candidate's gate rest on pooled evidence; its pages, card and release say so, and it is reviewed after."""
    from features.files import write_whole
    from models.facts.evidence import Evidence
    from models.facts.pooled import resting
    from models.reviewing import EVIDENCE_FILE
    from serving.reports import evidence_page
    from training.pooled.resting import rest_on

    facts = rest_on(model, pooled)
    evidence = Evidence.read(model / EVIDENCE_FILE)
    page = model.with_name(f"{model.name}-evidence.html")
    write_whole(page, evidence_page(resting(evidence, facts)))
    say(facts.line(evidence.authority))
    say("The gate is passed." if facts.gate.passed else "The gate is not passed.")
    for reason in facts.gate.reasons:
        say(f"- {reason}")
    say(f"Open {page}. A review from before this no longer counts: pathways review {model}")
