"""The same declarations on Spark: equal results on the collected spec tables."""

import shutil
import sys

import ibis
import pytest

from features.records.layout import STORED
from features.records.store import Records
from tests import small
from tests.spec.every import answers, collected
from tests.spec.specs import FRIDAY, matrix

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    # For tables of a few hundred rows planning and compiling cost more than reading.
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
}


@pytest.fixture
def spark(tmp_path, monkeypatch):
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)  # what Spark's own processes run
    if shutil.which("java") is None:
        pytest.skip("Java is not installed, and Spark needs Java 17: the Spark test is skipped")
    sql = pytest.importorskip(
        "pyspark.sql",
        reason="pyspark is not installed (the extra is called spark): the Spark test is skipped",
    )
    builder = sql.SparkSession.builder.master("local[1]").config("spark.sql.warehouse.dir", str(tmp_path))
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def on_spark(session, tables: dict[str, list[dict]]) -> Records:
    from ibis.backends.pyspark.datatypes import PySparkSchema

    connection = ibis.pyspark.connect(session)
    for name, columns in STORED.items():
        rows = [tuple(row[column] for column in columns) for row in tables[name]]
        schema = PySparkSchema.from_ibis(ibis.schema(columns))
        session.createDataFrame(rows, schema=schema).createOrReplaceTempView(name)
    known = small.records()
    return Records(
        known.authority, connection, {name: connection.table(name) for name in STORED}, known.coverage
    )


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")
@pytest.mark.xdist_group(f"{FRIDAY} since 2020")
def test_spark_says_the_same(spark):
    expected = answers(FRIDAY, "since 2020")
    told = matrix(on_spark(spark, collected(FRIDAY, "since 2020")), FRIDAY)
    assert told.keys() == expected.keys()
    assert [pupil for pupil in expected if told[pupil] != expected[pupil]] == []
