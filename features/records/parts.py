"""Rows through a function that gets all the rows of some pupils at a time, wherever the records are."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from features.records.store import Records, register

Made = Iterator[tuple[str, pa.RecordBatch]]
Make = Callable[[Iterator[pa.RecordBatch]], Made]
WORKERS = 2
TOGETHER = 12_000  # pupils: five years of their days are some 250 megabytes


def by_pupils(
    records: Records, rows: ir.Table, make: Make, schemas: Mapping[str, pa.Schema]
) -> dict[str, ir.Table]:
    """Rows through a function, whose tables are kept.

    Parameters
    ----------
    rows : ibis Table
        Has `pupil`.
    make : callable of iterator of pyarrow.RecordBatch, to iterator of (str, pyarrow.RecordBatch)
        Called for one part of the pupils at a time, with every row of each; yields rows of the tables, by name.
        On Spark it runs in other processes.
    schemas : mapping of str to pyarrow.Schema
        Of each table.
    """
    if records.connection.name == "pyspark":
        return _on_spark(records, rows, make, schemas)
    made: dict[str, list[pa.RecordBatch]] = {name: [] for name in schemas}
    for some in _made(_parts(rows, records.num_pupils), make):
        for name, batch in some:
            made[name].append(batch)
    pa.default_memory_pool().release_unused()
    return {
        name: records.hold(pa.Table.from_batches(made.pop(name), schema)) for name, schema in schemas.items()
    }


def _made(parts: Iterator[pa.Table], make: Make) -> Iterator[list[tuple[str, pa.RecordBatch]]]:
    """What is made of each part, in order; parts are made while the next is read."""
    with ThreadPoolExecutor(WORKERS) as workers:
        making: deque[Future[list[tuple[str, pa.RecordBatch]]]] = deque()
        for part in parts:
            if len(making) == WORKERS:
                yield making.popleft().result()
            making.append(workers.submit(lambda part: list(make(iter(part.to_batches()))), part))
        for last in making:
            yield last.result()


def _parts(rows: ir.Table, num_pupils: int) -> Iterator[pa.Table]:
    """Rows by ranges of pseudonyms, which lie evenly among the integers of 64 bits."""
    number = max(-(-num_pupils // TOGETHER), 1)
    edges = [2**64 * place // number - 2**63 for place in range(number + 1)]
    for low, high in pairwise(edges):
        yield rows.filter(rows.pupil.between(low, high - 1)).to_pyarrow()


def _on_spark(
    records: Records, rows: ir.Table, make: Make, schemas: Mapping[str, pa.Schema]
) -> dict[str, ir.Table]:
    """Each partition holds whole pupils; Spark takes one table from a function, so all are beside each other in it."""
    from pyspark.sql.pandas.types import from_arrow_schema

    fields = {field.name: field for schema in schemas.values() for field in schema}
    whole = pa.schema([pa.field("of", pa.string()), *fields.values()])

    def beside(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for name, batch in make(batches):
            told = {"of": pa.array([name] * batch.num_rows)} | dict(
                zip(batch.schema.names, batch.columns, strict=True)
            )
            columns = [told.get(field.name, pa.nulls(batch.num_rows, field.type)) for field in whole]
            yield pa.record_batch(
                [column.cast(field.type) for column, field in zip(columns, whole, strict=True)], schema=whole
            )

    connection = records.connection
    register(rows)
    frame = connection.raw_sql(ibis.to_sql(rows, dialect="pyspark"))
    made = frame.repartition("pupil").mapInArrow(beside, from_arrow_schema(whole)).cache()
    view = ibis.util.gen_name("made")
    made.createOrReplaceTempView(view)
    table = connection.table(view)
    return {name: table.filter(table.of == name).select(*schema.names) for name, schema in schemas.items()}
