"""What never leaves the identities: UPNs and names, also where the header line of a file was left out."""

import pytest

from features.errors import ExtractRefused
from features.records.importing import check_extract, import_extract
from tests.extracts import FORENAMES, SURNAME, base, names, upn, write_extract


def test_the_store_holds_no_upn_outside_its_rejected_rows_and_no_name_at_all(tmp_path):
    tables = base() | {"names": names()}
    tables["census"][0]["ethnicity"] = "nothing"
    tables["names"][0]["upn"] = "A1"
    write_extract(tmp_path / "extract", tables)
    import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities", reject_limit=1)
    upns = [upn(number).encode() for number in range(6)]
    for path in (path for path in (tmp_path / "store").rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not any(name.encode() in content for name in (*FORENAMES, SURNAME)), path.name
        assert "rejected" in path.parts or not any(value in content for value in upns), path.name
    rejected = (tmp_path / "store" / "rejected" / "census.parquet").read_bytes()
    assert upns[0] in rejected  # the search would find one


@pytest.mark.parametrize("table", ["roll", "census", "attendance", "suspensions", "involvements"])
def test_a_file_without_its_header_is_refused_without_its_values(table, tmp_path):
    path = write_extract(tmp_path) / f"{table}.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(ExtractRefused) as refused:
        check_extract(tmp_path)
    assert not any(upn(number) in str(refused.value) for number in range(6))
    assert f"{table}.csv: on line 1, which names its columns, a value of a row stands" in str(refused.value)
