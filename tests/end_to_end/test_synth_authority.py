"""A made-up authority as a whole: accepted by import, the same bytes, calibrated, with its truths."""

import hashlib
import json
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from features.records.importing import import_extract
from features.synthetic import assumptions as assume
from features.synthetic import calibration, calibration_table, truth_folder, write_authority
from features.synthetic.rates import PHASES
from pathways.commands import app

SMALL = {"pupils": 2000, "years": 3}
BIG_ENOUGH = {"pupils": 12_000, "years": 3, "truth_dates": []}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    out = tmp_path_factory.mktemp("synth") / "small"
    write_authority(out, seed=4, **SMALL)
    return out


@pytest.fixture(scope="module")
def big_enough(tmp_path_factory):
    out = tmp_path_factory.mktemp("synth") / "big"
    write_authority(out, seed=1, **BIG_ENOUGH)
    return out


def digest(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def ask(sql, **folders):
    return duckdb.sql(sql.format(**folders)).fetchall()


def test_the_same_seed_gives_the_same_bytes(small, tmp_path):
    again, other = tmp_path / "again", tmp_path / "other"
    write_authority(again, seed=4, **SMALL)
    write_authority(other, seed=5, **SMALL)
    assert digest(again) == digest(small)
    assert digest(truth_folder(again)) == digest(truth_folder(small))
    assert digest(other) != digest(small)


def test_nobody_of_years_7_and_up_is_at_a_primary_school(small):
    """Who moved, came back or was placed during Year 6 goes up with the others."""
    last = "least(coalesce(leaving_date, DATE '2025-08-31'), DATE '2025-08-31')"
    year = "(year({0}) - (month({0}) < 9)::INT)"
    beyond = ask(
        f"SELECT count(*), count(*) FILTER (coalesce(try_cast(nc_year AS INT), 0) + {year.format(last)} - {year.format('entry_date')} > 6) "
        "FROM read_csv('{small}/roll.csv', types = {{'nc_year': 'VARCHAR'}}) JOIN read_csv('{small}/schools.csv') USING (urn) WHERE phase = 'primary'",
        small=small,
    )
    assert beyond[0][0] > 1000
    assert beyond[0][1] == 0


def test_import_rejects_and_repairs_nothing(small, tmp_path):
    import_extract(small, tmp_path / "store", tmp_path / "identities")
    report = json.loads((tmp_path / "store" / "report.json").read_text())
    assert set(report["tables"]) == {
        "schools",
        "roll",
        "census",
        "attendance",
        "suspensions",
        "involvements",
        "support",
        "withheld",
        "names",
    }
    for name, table in report["tables"].items():
        assert table["read"] == table["kept"] > 0, name
        assert not table["rejected"] and not table["repaired"], name
        assert "off_roll" not in table["notes"], name
    assert not report["ignored_columns"] and not report["file_repairs"]


def test_the_truth_is_beside_the_extract_and_never_in_it(small):
    assert not any("truth" in path.name for path in small.rglob("*"))
    files = sorted(path.name for path in truth_folder(small).iterdir())
    assert files == ["truth_2024-05-24.parquet", "truth_2024-07-19.parquet"]
    truth = pd.read_parquet(truth_folder(small) / files[0])
    assert list(truth) == ["upn", "as_of", "serious_exclusion", "permanent_exclusion", "any_suspension"]
    assert truth["upn"].is_unique
    chances = truth.iloc[:, 2:]
    assert ((chances >= 0) & (chances <= 1)).all(axis=None)
    assert (truth["serious_exclusion"] >= truth["permanent_exclusion"] - 1e-9).all()


def test_marks_lie_on_school_days_on_roll_and_codes_are_of_their_time(small):
    out = str(small)
    assert ask(
        """select count(*) from '{out}/attendance/*.parquet' as mark where not exists (
            select 1 from read_csv('{out}/roll.csv') as roll where roll.upn = mark.upn and roll.urn = mark.urn
            and roll.entry_date <= mark.date and (roll.leaving_date is null or mark.date <= roll.leaving_date))""",
        out=out,
    ) == [(0,)]
    before, after = (
        {
            code
            for (code,) in ask(
                "select distinct am from '{out}' union select distinct pm from '{out}'",
                out=f"{out}/attendance/{year}.parquet",
            )
        }
        for year in ("2023-24", "2024-25")
    )
    assert not before & {"C1", "C2", "J1", "K", "Q", "Y2", "Y3"}
    assert not after & {"J", "Y", "H"}
    assert {"/", "\\", "L", "I", "O", "G", "M", "#", "E", "V", "N"} <= before | after


def test_suspensions_are_marked_e_where_told(small):
    told, marked = ask(
        """select count(*), sum((mark.am = 'E' or mark.pm = 'E')::int) from read_csv('{out}/suspensions.csv') as event
        join '{out}/attendance/*.parquet' as mark on mark.upn = event.upn and mark.urn = event.urn and mark.date = event.start_date
        where event.category = 'SUSP'""",
        out=str(small),
    )[0]
    assert told > 20
    assert marked == told


def test_calibration_holds(big_enough):
    table = calibration(big_enough)
    judged = table[table["is_within"].notna()]
    assert len(judged) > 120
    assert judged.loc[judged["is_within"] == False, "figure"].tolist() == []  # noqa: E712
    assert table["source"].astype(str).str.len().min() > 5
    assert f"0 of {len(judged)} figures judged" in calibration_table(big_enough)


@pytest.mark.parametrize(
    ("name", "wrong", "figure"),
    [
        (
            "MADE_UP_FOR",
            {"suspension": dict.fromkeys(PHASES, 2.0), "permanent": dict.fromkeys(PHASES, 1.4)},
            "secondary: suspension per 100",
        ),
        ("ABSENCE_BUDGET", 0.4, "absence, secondary, Total: persistent, % of pupils"),
    ],
)
def test_a_planted_wrong_parameter_is_found(monkeypatch, tmp_path, name, wrong, figure):
    monkeypatch.setattr(assume, name, wrong)
    write_authority(tmp_path / "wrong", seed=1, **BIG_ENOUGH)
    table = calibration(tmp_path / "wrong").set_index("figure")
    assert table.loc[figure, "is_within"] == False  # noqa: E712


def rates_by_group(out):
    return dict(
        ask(
            """with child as (select upn, any_value(ethnicity) as ethnicity from read_csv('{out}/census/*.csv') group by all),
            events as (select upn, count(*) filter (category = 'SUSP') as number, sum(sessions) filter (category = 'SUSP') as sessions,
                count(*) filter (category = 'PERM') as permanent from read_csv('{out}/suspensions.csv') group by all)
            select ethnicity, struct_pack(rate := sum(number) / count(*), length := sum(sessions) / sum(number), permanent := sum(permanent)) from child left join events using (upn)
            group by all having count(*) > 200""",
            out=str(out),
        )
    )


def test_a_biased_response_is_more_frequent_longer_and_more_final(big_enough, tmp_path):
    write_authority(tmp_path / "biased", seed=1, sanction_bias={"WBRI": 2.0}, **BIG_ENOUGH)
    before, after = rates_by_group(big_enough), rates_by_group(tmp_path / "biased")
    assert after["WBRI"]["rate"] > 1.5 * before["WBRI"]["rate"]
    assert after["WBRI"]["length"] > 1.6 * before["WBRI"]["length"]
    assert after["WBRI"]["permanent"] > 2.5 * before["WBRI"]["permanent"] > 0
    others = [group for group in before if group != "WBRI"]
    assert np.mean([after[group]["length"] for group in others]) == pytest.approx(
        np.mean([before[group]["length"] for group in others]), rel=0.2
    )


def test_place_only_gives_every_pupil_of_a_school_and_phase_the_same_chance(tmp_path):
    out = tmp_path / "place"
    write_authority(out, seed=2, pupils=4000, years=3, place_only=True, truth_dates=[date(2024, 2, 9)])
    truth = pd.read_parquet(truth_folder(out) / "truth_2024-02-09.parquet")
    census = duckdb.sql(
        f"select upn, urn, nc_year from read_csv('{out}/census/2023-24.csv') where census_date = date '2024-01-18' and nc_year in ('R', '1', '2', '3', '4', '5', '7', '8', '9')"
    ).df()
    spread = truth.merge(census, on="upn").groupby("urn")["any_suspension"].agg(["min", "max", "size"])
    # A pupil who moved since September still has the rates of the old school until the next.
    usual = (
        truth.merge(census, on="upn")
        .groupby("urn")["any_suspension"]
        .apply(lambda part: (part.round(9) == part.round(9).mode()[0]).mean())
    )
    assert (usual[spread["size"] >= 100] > 0.9).all()
    assert spread["max"].max() > 1.5 * spread["min"].min()


def test_school_severity_is_how_far_schools_differ(tmp_path):
    """Where risk is a matter of place only, a pupil's chance is the school's: no luck is in it."""
    spread = {}
    for log_sd in ("0", "1.2"):
        out = tmp_path / log_sd
        switches = ["--place-only", "--school-severity", log_sd, "--truth", "2025-02-14"]
        told = CliRunner().invoke(app, ["synth", str(out), "--pupils", "6000", "--years", "1", *switches])
        assert told.exit_code == 0, told.output
        truth = pd.read_parquet(truth_folder(out) / "truth_2025-02-14.parquet")
        census = duckdb.sql(
            f"select upn, urn from read_csv('{out}/census/2024-25.csv') as census join read_csv('{out}/schools.csv') as school using (urn) "
            "where phase = 'primary' and census_date = date '2025-01-16' and nc_year in ('1', '2', '3', '4', '5')"
        ).df()
        chances = truth.merge(census, on="upn").groupby("urn")["any_suspension"].median()
        assert len(chances) > 5
        spread[log_sd] = np.log(-np.log1p(-chances)).std()
    assert spread["0"] < 0.15  # but for a school that does not tell of every suspension
    assert 0.8 < spread["1.2"] < 1.7


def test_noise_only_gives_everyone_the_same_chance(tmp_path):
    out = tmp_path / "noise"
    write_authority(out, seed=2, pupils=2000, years=3, noise_only=True, truth_dates=[date(2024, 2, 9)])
    truth = pd.read_parquet(truth_folder(out) / "truth_2024-02-09.parquet")
    chances = truth["any_suspension"].round(9).value_counts(normalize=True)
    assert chances.iloc[0] > 0.8  # Year 11 has less time left, and a few schools tell of less
    assert len(chances) < 8


def test_late_feeds_stop_and_others_do_not(tmp_path):
    out = tmp_path / "late"
    write_authority(out, seed=3, pupils=2000, years=2, late_feed=2, truth_dates=[])
    last = ask("select urn, max(date) from '{out}/attendance/2024-25.parquet' group by all", out=str(out))
    stopped = [day for _, day in last if day < date(2025, 7, 4)]
    assert len(stopped) == 2


def test_a_leak_betrays_outcomes_long_before(tmp_path):
    out, honest = tmp_path / "leak", tmp_path / "honest"
    for folder, leak in ((out, True), (honest, False)):
        write_authority(folder, seed=3, pupils=4000, years=3, leak=leak, truth_dates=[])
    count = "select count(distinct upn) from read_csv('{out}/involvements.csv') where kind = 'ap_placement'"
    assert ask(count, out=str(out))[0][0] > 2 * ask(count, out=str(honest))[0][0]
    excluded, told = ask(
        """select count(*), sum((exists (select 1 from read_csv('{out}/involvements.csv') as tale where tale.upn = event.upn
            and tale.kind = 'ap_placement' and tale.recorded_on < event.start_date - 300 and tale.recorded_on > event.start_date - 700))::int)
        from read_csv('{out}/suspensions.csv') as event where category = 'PERM' and coalesce(outcome, '') <> 'cancelled'""",
        out=str(out),
    )[0]
    assert excluded > 5
    assert told / excluded > 0.8
