"""A scored list is read as it was written: what is a group, what is a number, what is refused and where."""

import datetime
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.audit.errors import AuditRefused
from training.audit.from_file import audit_file
from training.audit.publish import publish

ON = datetime.date(2026, 9, 1)
ROWS = [(0, 0), (1, 1), (0, 1), (1, 0)]


def lines(groups, header="g,y,l", rows=ROWS, between=","):
    """A CSV text: every group with each kind of row."""
    made = [between.join((group, str(y), str(listed))) for group in groups for y, listed in rows]
    return "\n".join((header.replace(",", between), *made)) + "\n"


def audited(tmp_path: Path, text, *groups, outcome="y", listed="l", name="scores.csv", **options):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return audit_file(
        path, outcome, list(groups) or ["g"], listed=listed, audited_on=ON, draws=100, **options
    )


def parquet(tmp_path: Path, *groups, **columns):
    path = tmp_path / "scores.parquet"
    pq.write_table(pa.table(columns), path)
    return audit_file(path, "y", list(groups) or ["g"], listed="l", audited_on=ON, draws=100)


def sizes(facts, name="g"):
    return {row["group"]: row["n"] for row in facts["groups"] if row["attribute"] == name}


def refusal(tmp_path, text, *groups, **options) -> str:
    with pytest.raises(AuditRefused) as refused:
        audited(tmp_path, text, *groups, **options)
    return str(refused.value)


@pytest.mark.parametrize(
    "groups",
    [
        ("01", "1"), ("7E1", "70"), ("1", "1.0"), ("None", "EHCP"), ("NA", "N/A", "null", "nan", "NULL", "NaN", "#N/A"),
        ("True", "TRUE", "true"), ("Inf", "-"), ("2024-01-02", "02/01/2024"), ("A", "a"), ("A", "A "), ("1_0", "10"), ("é", "e"),
        ("not known", "x"), ("a/b", "a"), ("=1", "+1"),
    ],
)  # fmt: skip
def test_a_group_is_its_very_words(tmp_path, groups):
    assert sizes(audited(tmp_path, lines(groups))) == dict.fromkeys(groups, len(ROWS))


def test_one_blank_makes_no_decimal_of_the_others(tmp_path):
    assert sizes(audited(tmp_path, lines(("1", "2", "")))) == {"1": 4, "2": 4, "not known": 4}


def test_an_empty_cell_is_not_the_word_for_it(tmp_path):
    assert sizes(audited(tmp_path, lines(("not known", "", "x")))) == {"not known": 4, "x": 4, "(empty)": 4}


def test_groups_that_differ_in_capitals_or_spaces_are_kept_apart_and_told(tmp_path):
    assert any("capital letters or spaces" in note for note in audited(tmp_path, lines(("A", "a ")))["notes"])
    assert not any("capital letters" in note for note in audited(tmp_path, lines(("A", "b")))["notes"])


def test_clusters_are_told_apart_by_their_words(tmp_path):
    text = "g,y,l,s\n" + "".join(
        f"A,{y},{listed},{s}\n" for s in ("01", "1", "1.0", "NA") for y, listed in ROWS
    )
    assert audited(tmp_path, text, cluster="s")["data"]["num_clusters"] == 4
    blank = text + "A,1,1,\n"
    assert "cluster column s is empty in 1 rows (the first in line 18)" in refusal(
        tmp_path, blank, cluster="s"
    )


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_ways_to_write_a_text_file(tmp_path, between, encoding):
    text = lines(("Café", "Gypsy/Roma"), between=between).replace("\n", "\r\n")
    facts = audited(tmp_path, text.encode(encoding))
    assert sizes(facts) == {"Café": 4, "Gypsy/Roma": 4}
    assert any("Windows-1252" in note for note in facts["notes"]) is (encoding == "cp1252")


@pytest.mark.parametrize("name", ["scores.tsv", "scores.txt", "SCORES.CSV"])
def test_names_of_text_files(tmp_path, name):
    assert sizes(audited(tmp_path, lines("AB", between="\t"), name=name)) == {"A": 4, "B": 4}


@pytest.mark.parametrize("above", ["\n\n", "sep=;\n", "sep=;\r\n\r\n"])
def test_what_stands_above_a_header(tmp_path, above):
    text = above + lines("AB", between=";")
    assert sizes(audited(tmp_path, text)) == {"A": 4, "B": 4}
    said = refusal(tmp_path, text + "A;1\n")
    assert f"Line {text.count(chr(10)) + 1} does not have 3 cells" in said


def test_quoted_cells_hold_anything(tmp_path):
    text = lines(('"a, b"', '"c\nd"', '"e ""f"""', '""'))
    assert sizes(audited(tmp_path, text)) == {"a, b": 4, "c\nd": 4, 'e "f"': 4, "not known": 4}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (lines("AB").encode("utf-16-le"), "UTF-16"),
        (b"\xff\xfe" + b"a", "UTF-16"),
        (lines(("\x81",)).encode("latin-1"), "neither in UTF-8 nor in Windows-1252"),
        (b"PK\3\4rest", "Excel workbook"),
        (b"\x1f\x8b rest", "gzip"),
        (b"PAR1 rest", "Parquet"),
    ],
)
def test_what_is_no_plain_text_is_told_what_to_save_it_as(tmp_path, data, says):
    said = refusal(tmp_path, data)
    assert says in said
    assert "CSV UTF-8" in said


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["Gypsy, Roma,1,0"], "Line 10 does not have 3 cells"),
        (["A,1,said: 1,0"], "Line 10 does not have 3 cells"),
        (["A,1"], "Line 10 does not have 3 cells"),
        (["A"], "Line 10 does not have 3 cells"),
        (["A,1,0", "", "A,1,0,", "A"], "Lines 12, 13 do not have 3 cells"),
        (['"x\ny",1,0', "A,1"], "Line 12 does not have"),
        (["A,1"] * 7, "Lines 10, 11, 12, 13, 14 and 2 more do not have"),
        (['"A,1,0', "A,1,1"], "quotation mark is open"),
        (['A,1,"0', "A,1,1"], "quotation mark is open"),
    ],
)
def test_a_row_of_too_many_or_too_few_cells_is_refused_by_its_line(tmp_path, rows, says):
    said = refusal(tmp_path, lines("AB") + "\n".join(rows) + "\n")
    assert says in said
    assert "Roma" not in said


@pytest.mark.parametrize("options", [{}, {"listed": None, "estimate": "s", "places": 3}])
def test_rows_without_a_value_are_nobody(tmp_path, options):
    rows = [(y, f"{listed},0.{place}") for place, (y, listed) in enumerate(ROWS, 1)]
    text = lines("AB", header="g,y,l,s", rows=rows)
    plain = audited(tmp_path, text, cluster="g", **options)
    head, first, *rest = text.splitlines()
    facts = audited(tmp_path, "\n".join((head, first, ",,,", *rest, " ,,,", ",,,")), cluster="g", **options)
    assert facts.pop("notes") == [
        "3 rows without any value were left out (the first in line 3).",
        *plain.pop("notes"),
    ]
    assert facts == plain


def test_a_row_with_a_value_in_a_column_that_is_not_read_is_somebody(tmp_path):
    text = lines("AB", header="g,y,l,id", rows=[(y, f"{listed},7") for y, listed in ROWS])
    assert "1 values are blank (the first in line 10)" in refusal(tmp_path, text + ",,,8\n")


def test_lines_are_those_of_the_file_where_rows_were_left_out(tmp_path):
    text = lines("AB").replace("B,0,0", ",,\nB,9,0")
    assert "1 of 8 values are neither 0 nor 1 (the first in line 7)" in refusal(tmp_path, text)


def test_empty_rows_of_parquet_are_nobody_too(tmp_path):
    held = {"g": ["A", None, "B", None], "y": [1, None, 0, None], "l": [0, None, 1, None]}
    assert sizes(parquet(tmp_path, **held)) == {"A": 1, "B": 1}
    with pytest.raises(AuditRefused, match="1 values are blank .the first in row 2"):
        parquet(tmp_path, **held, id=[1, 2, 3, None])


@pytest.mark.parametrize("between", [",", ";"])
def test_a_header_below_a_title_is_named_by_its_line(tmp_path, between):
    said = refusal(tmp_path, "Scores of July\n\n" + lines("AB", between=between))
    assert "the names of its columns stand on line 3, not on line 1" in said
    assert "July" not in said


def test_the_nearest_column_is_asked_about(tmp_path):
    assert "Is it Y?" in refusal(tmp_path, lines("AB", header="g,Y,l"))


def test_two_columns_of_one_name(tmp_path):
    text = lines("AB", header="g,y,l,y", rows=[(y, f"{listed},{1 - y}") for y, listed in ROWS])
    assert "has 2 columns named y" in refusal(tmp_path, text)
    beside = lines("AB", header="g,y,l,n,n", rows=[(y, f"{listed},3,4") for y, listed in ROWS])
    assert sizes(audited(tmp_path, beside)) == {"A": 4, "B": 4}
    with pytest.raises(AuditRefused, match="has 2 columns named g"):
        path = tmp_path / "twice.parquet"
        table = pa.table([["a"], ["b"], [1], [0]], names=["g", "g", "y", "l"])
        pq.write_table(table, path)
        audit_file(path, "y", ["g"], listed="l")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no rows"), ("\n\n", "has no rows"), ("g,y,l\n", "has no rows"), ("g,y,l", "has no rows"),
        (",,\nA,1,1\n", "should name the columns"), ("a,b\nA,1\n", "has no column y, g, l"),
    ],
)  # fmt: skip
def test_a_file_without_rows_or_names(tmp_path, text, says):
    assert says in refusal(tmp_path, text)


def test_a_column_without_a_name_and_rows_that_repeat_are_fine(tmp_path):
    text = lines("AB", header="g,y,l,", rows=[(y, f"{listed},7") for y, listed in ROWS * 2])
    assert sizes(audited(tmp_path, text)) == {"A": 8, "B": 8}


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (["25%", "30 %"], "2 of 4 values are not numbers (the first in line 2): 2 are written in percent: write 0.25"),
        (['"0,25"', '"0,5"'], "2 are written with a decimal comma: write 0.25 for 0,25"),
        (['"1,234"', '"12,345.5"'], "2 are written with a comma that may part thousands or decimals: write 1234 for 1,234, or 1.234"),
        (['"0,234"', '"12,34"'], "2 are written with a decimal comma"),
        (["NA", "0.5"], "1 of 4 values are not numbers (the first in line 2): leave blank where there is none"),
        (["inf", "nan"], "2 of 4 values are not numbers"),
        (["1_0", "0x1"], "2 of 4 values are not numbers"),
        (["low", "high"], "2 of 4 values are not numbers"),
    ],
)  # fmt: skip
def test_numbers_written_otherwise_have_one_true_sentence(tmp_path, written, says):
    text = "g,y,s\n" + "".join(
        f"A,{y},{s}\n" for y, s in zip((0, 1, 0, 1), [*written, "", "0.1"], strict=True)
    )
    with pytest.raises(AuditRefused) as refused:
        audited(tmp_path, text, listed=None, estimate="s", places=1)
    assert len(refused.value.breaches) == 1
    assert says in str(refused.value)


@pytest.mark.parametrize("yes", ["1", "1.0", "true", "True", " 1", "1e0"])
def test_a_yes_as_files_write_it(tmp_path, yes):
    facts = audited(tmp_path, f"g,y,l\nA,{yes},0\nA,0,{yes}\nB,0,0\n")
    assert facts["data"]["num_positives"] == 1
    assert facts["data"]["num_listed"] == 1


@pytest.mark.parametrize("word", ["yes", "2", "-1", "nan", "NA", "0,0", "1%", "01x"])
def test_what_is_neither_0_nor_1_is_refused_by_its_line(tmp_path, word):
    said = refusal(tmp_path, f'g,y,l\nA,1,0\nA,0,1\nB,"{word}",0\n')
    assert "1 of 3 values are neither 0 nor 1 (the first in line 4)" in said


@pytest.mark.parametrize(
    "kind",
    [
        pa.bool_(), pa.int8(), pa.uint64(), pa.float32(), pa.float64(), pa.float16(), pa.decimal128(9, 2), pa.string(), pa.large_string(),
        pa.string_view(), pa.dictionary(pa.int8(), pa.string()), pa.dictionary(pa.int32(), pa.int64()),
    ],
)  # fmt: skip
def test_every_parquet_kind_of_0_and_1_with_nulls(tmp_path, kind):
    inside = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_boolean(inside):
        values = [False, True, None, True]
    elif pa.types.is_decimal(inside):
        values = [Decimal(0), Decimal(1), None, Decimal(1)]
    elif pa.types.is_floating(inside):
        values = np.array([0, 1, np.nan, 1], dtype=inside.to_pandas_dtype())
    else:
        one = str if pa.types.is_string(inside) or inside in (pa.large_string(), pa.string_view()) else int
        values = [one(0), one(1), None, one(1)]
    y = pa.array(values, inside)
    facts = parquet(
        tmp_path, y=y.dictionary_encode().cast(kind) if inside != kind else y, l=[0, 0, 1, 1], g=list("ABAB")
    )
    assert facts["data"]["num_positives"] == 2
    assert facts["data"]["num_unseen"] == 1


@pytest.mark.parametrize(
    ("values", "groups"),
    [
        (pa.array([1, None, 2, 2], pa.int16()), {"1": 1, "2": 2, "not known": 1}),
        (pa.array([1.0, float("nan"), 2.5, 1e300]), {"1": 1, "2.5": 1, "1e+300": 1, "not known": 1}),
        (pa.array([True, False, None, True]), {"True": 2, "False": 1, "not known": 1}),
        (pa.array([Decimal("1.10"), None, Decimal("2.00"), Decimal("2.00")]), {"1.10": 1, "2.00": 2, "not known": 1}),
        (pa.array([datetime.date(2024, 9, 2)] * 3 + [None]), {"2024-09-02": 3, "not known": 1}),
        (pa.array([datetime.datetime(2024, 9, 2)] * 3 + [None]), {"2024-09-02": 3, "not known": 1}),
        (pa.array(["01", "1", "None", ""], pa.string_view()), {"01": 1, "1": 1, "None": 1, "not known": 1}),
        (pa.array(["01", "1", "nan", None], pa.large_string()), {"01": 1, "1": 1, "nan": 1, "not known": 1}),
        (pa.array(["x", "y", "x", None]).dictionary_encode(), {"x": 2, "y": 1, "not known": 1}),
    ],
)  # fmt: skip
def test_every_parquet_kind_of_group(tmp_path, values, groups):
    facts = parquet(tmp_path, y=[1, 0, 1, 0], l=[0, 1, 1, 0], g=values)
    assert sizes(facts) == groups


def test_a_list_is_no_group(tmp_path):
    with pytest.raises(AuditRefused, match="a cell of g holds several values"):
        parquet(tmp_path, y=[1, 0], l=[0, 1], g=[["a"], ["b"]])


@pytest.mark.parametrize("listed", ["0", "1"])
def test_everyone_or_nobody_listed_is_refused_in_both_forms(tmp_path, listed):
    text = "g,y,l,s\n" + "".join(f"A,{y},{listed},0.{s}\n" for s, (y, _) in enumerate(ROWS))
    assert "so no rate would tell anything" in refusal(tmp_path, text)
    for places in (0, 4, 5):
        said = refusal(tmp_path, text, listed=None, estimate="s", places=places)
        assert ("at least 1" if places == 0 else "so no rate would tell anything") in said


@pytest.mark.parametrize(
    ("groups", "options", "says"),
    [
        (["y"], {}, "y is named as a group and as the outcome"),
        (["l"], {}, "l is named as a group and as the list"),
        (["g"], {"listed": "y"}, "y is named as the outcome and as the list"),
        (["g", "g"], {}, "The group g is named 2 times"),
        (["g"], {"cross": ["g,g"]}, "crosses a column with itself"),
        (["g"], {"cross": ["g,h", "h,g"]}, "The crossing of g and h is asked for 2 times"),
        (["g"], {"cross": ["g,y"]}, "y is named as a group and as the outcome"),
    ],
)
def test_columns_named_for_two_things(tmp_path, groups, options, says):
    text = lines("AB", header="g,y,l,h", rows=[(y, f"{listed},1") for y, listed in ROWS])
    assert says in refusal(tmp_path, text, *groups, **options)


@pytest.mark.parametrize("name", ["a x b", "a, b", "a/b", "a_b", "<b>", "everyone"])
def test_a_column_of_any_name_is_a_column(tmp_path, name):
    rng = np.random.default_rng(1)
    text = f'"{name}",c,y,s\n' + "".join(
        f"{rng.choice(list('AB'))},{rng.choice(list('xy'))},{int(rng.random() < 0.3)},{rng.random():.3f}\n"
        for _ in range(300)
    )
    facts = audited(
        tmp_path, text, name, listed=None, estimate="s", places=60, cross=[f"{name},c"], outcome="y"
    )
    assert [row["is_crossing"] for row in facts["groups"]] == [False, False, True, True, True, True]
    assert {row["attribute"] for row in facts["capacities"][0]["groups"]} == {name}
    assert len(publish(facts)["groups"]) == 6


def test_a_crossing_never_takes_a_columns_name(tmp_path):
    text = "a,b,a x b,y,l\n" + "".join(f"p,q,r,{y},{listed}\n" for y, listed in ROWS)
    facts = audited(tmp_path, text, "a", "b", "a x b", cross=["a,b"])
    assert len({row["attribute"] for row in facts["groups"]}) == 4


def test_names_that_join_to_the_same_words_stay_apart(tmp_path):
    text = "a,a x b,y,l\n" + "".join(
        f"{a},{b},{y},{listed}\n" for a, b in (("p x q", "r"), ("p", "q x r")) for y, listed in ROWS
    )
    facts = audited(tmp_path, text, "a", "a x b", cross=["a,a x b"])
    assert len(facts["groups"]) == 6
    assert len({(row["attribute"], row["group"]) for row in facts["groups"]}) == 6


def test_a_comma_that_could_be_read_two_ways_is_asked_about(tmp_path):
    text = '"a,b",c,a,"b,c",y,l\n' + "".join(f"p,q,r,s,{y},{listed}\n" for y, listed in ROWS)
    assert "can be read as" in refusal(tmp_path, text, "a", cross=["a,b,c"])


def test_a_column_of_ids_is_no_group(tmp_path):
    text = "id,y,l\n" + "".join(f"pupil {at},{at % 2},{at % 3 == 0:d}\n" for at in range(60))
    said = refusal(tmp_path, text, "id")
    assert "60 values in 60 rows" in said
    assert "pupil 7" not in said


def test_a_group_too_small_to_show_is_not_named_in_what_may_leave(tmp_path):
    text = lines(("large",), rows=ROWS * 10) + lines(("Ann Example",)).split("\n", 1)[1]
    facts = audited(tmp_path, text)
    assert "Ann Example" in json.dumps(facts)
    leaving = publish(facts)
    assert "Ann Example" not in json.dumps(leaving)
    assert [row["group"] for row in leaving["groups"]] == ["large"]


def test_an_open_quotation_mark_swallows_nothing_however_long_the_rest_is(tmp_path):
    """Python's csv stops at a cell of 131,072 characters; what lies behind must not be taken for one cell."""
    rows = "".join(
        f"g{place % 2},{place % 3 == 0:d},{place % 5 == 0:d},x{place:012}\n" for place in range(9000)
    )
    text = "g,y,l,note\n" + rows.replace("x000000000004", '"open', 1)
    assert "open to the end" in refusal(tmp_path, text)


def test_a_very_long_cell_is_a_cell(tmp_path):
    text = lines(("a", "b")).replace("g,y,l", "g,y,l,note").replace("\na,", f"\na,0,0,{'x' * 140_000}\na,", 1)
    text = "\n".join(line if line.count(",") == 3 else f"{line}," for line in text.splitlines()) + "\n"
    assert sizes(audited(tmp_path, text)) == {"a": 5, "b": 4}
