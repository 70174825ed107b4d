"""Facts said to be wrong in the database: rows into records."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy.orm import Session

from serving.corrections.record import FactWrongContent, FactWrongRecord, StepRecord
from serving.database.steps import WRONG_FACT, steps_of
from serving.database.tables import WrongFact
from serving.http.fields import as_stored


def wrong_facts_of(session: Session, rows: Sequence[WrongFact]) -> list[FactWrongRecord]:
    """Stored rows as records, each with its steps."""
    steps = steps_of(session, WRONG_FACT, [row.id for row in rows])
    return [
        FactWrongRecord.model_construct(
            wrong_fact=row.id,
            pupil=row.pupil,
            school=row.urn,
            **as_stored(FactWrongContent, row.content),
            made_by=row.made_by,
            made_at=row.made_at,
            steps=tuple(StepRecord.model_construct(**asdict(step)) for step in steps[row.id]),
        )
        for row in rows
    ]
