"""Writing files so that the same records give the same bytes, and are on disk when they are said to be."""

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.files import sync

ROW_GROUP = 245_760  # twice DuckDB's vector batch: small enough to skip, large enough to scan


def write_table(path: Path, table: pa.Table, *, mode: int = 0o640) -> None:
    """Write one Parquet file; no time stamp, no host, no engine's own schema goes into it."""
    table = table.replace_schema_metadata(None)
    with open_writer(path, table.schema, mode=mode) as writer:
        writer.write_table(table, ROW_GROUP)
    sync(path)


def open_writer(path: Path, schema: pa.Schema, *, mode: int = 0o640) -> pq.ParquetWriter:
    """A Parquet writer with the project's settings, on a file only its owner and group can read."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    return writer_over(path, schema)


def writer_over(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """The same over a file that is there, with its permissions."""
    return pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=1, store_schema=False, write_page_index=False
    )


def write_json(path: Path, content: Any) -> None:
    """Write JSON with its keys as given, one item a line."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sync(path)
