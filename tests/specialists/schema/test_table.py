"""The same table, however it is written, gives the same typed rows."""

from __future__ import annotations

import csv
import datetime
import io
import random
from dataclasses import replace
from decimal import Decimal

import pandas
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inferring import task_of
from pyarrow import parquet

from hrm_specialists.errors import DataError
from hrm_specialists.schema import infer_task, open_table, read_pairs
from hrm_specialists.schema.data_task import DataTask
from hrm_specialists.schema.fields import Category, Date, Number
from hrm_specialists.schema.prose import field_to_config
from hrm_specialists.teaching.splitting import inferred, split


def typed(source, label="state", **options):
    """What every row means once it is read."""
    task, pairs = task_of(source, label=label, **options)
    return [
        (
            task.Problem.model_validate(pair.problem).model_dump(mode="json"),
            task.Solution.model_validate(pair.solution).model_dump(mode="json"),
        )
        for pair in pairs
    ]


def numbers(rng, n):
    """Rows of a machine: a float, a large whole number, a name, a day, a truth, a label."""
    return [
        {
            "temp": round(rng.uniform(-40, 120), rng.randrange(4)),
            "price": rng.randrange(1000, 5_000_000),
            "load": rng.choice(["half", "full, hot", 'idle "cold"']),
            "day": datetime.date(2024, 1, 1) + datetime.timedelta(days=rng.randrange(400)),
            "on": rng.random() < 0.5,
            "state": rng.choice(["ok", "worn"]),
        }
        for _ in range(n)
    ]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    decimal=st.sampled_from([".", ","]),
    groups=st.sampled_from(["", "opposite", "'", "\u00a0"]),
    missing=st.sampled_from(["", "NA", "N/A", "?", "NULL", "None", "-", "NaN"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ends=st.sampled_from(["\n", "\r\n"]),
    spaced=st.booleans(),
    hint=st.booleans(),
    extra=st.booleans(),
    dates=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y/%m/%d"]),
    truths=st.sampled_from([("True", "False"), ("true", "false"), ("TRUE", "FALSE")]),
)
def test_a_dialect_changes_nothing(
    tmp_path_factory, seed, separator, decimal, groups, missing, encoding, quoting, ends, spaced,
    hint, extra, dates, truths,
):  # fmt: skip
    """Separator, quotes, marks, missing words, encoding, dates: one meaning."""
    rng = random.Random(seed)
    rows = numbers(rng, 80)
    for row in rows[1::7]:
        row["temp"] = None
    part = {"opposite": "," if decimal == "." else "."}.get(groups, groups)

    def written(name, value):
        if value is None:
            return missing
        if isinstance(value, bool):
            return truths[0] if value else truths[1]
        if name == "price":
            return f"{value:,}".replace(",", part)
        if isinstance(value, float):
            return repr(value).replace(".", decimal)
        return value.strftime(dates) if isinstance(value, datetime.date) else value

    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator=ends)
    names = list(rows[0])
    blank = ["", ""] if extra else []
    writer.writerow([f" {name} " if spaced else name for name in names] + blank)
    for row in rows:
        writer.writerow([written(name, row[name]) for name in names] + blank)
    file = tmp_path_factory.mktemp("dialect") / "t.csv"
    first = f"sep={separator}{ends}" if hint else ""
    file.write_bytes((first + text.getvalue()).encode(encoding))

    for found, (problem, solution) in zip(rows, typed(file), strict=True):
        assert problem["temp"] == found["temp"]
        assert problem["price"] == found["price"]
        assert problem["load"] == found["load"]
        assert problem["day"] == f"{found['day']}T00:00:00"
        assert (problem["on"] == truths[0]) is found["on"]
        assert solution == {"state": found["state"]}


def test_files_frames_and_mappings_mean_the_same(tmp_path):
    rows = numbers(random.Random(1), 60)
    frame = pandas.DataFrame(rows)
    table = pyarrow.Table.from_pandas(frame)
    parquet.write_table(table, tmp_path / "t.parquet")
    frame.to_csv(tmp_path / "t.csv")  # with its index
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True, date_format="iso")
    forms = (frame, table, rows, tmp_path / "t.parquet", frame.to_dict("list"))

    wanted = typed(rows)
    assert [typed(form) == wanted for form in forms] == [True] * len(forms)
    for written in (tmp_path / "t.csv", tmp_path / "t.jsonl"):
        for (found, label), (problem, solution) in zip(typed(written), wanted, strict=True):
            assert {**found, "on": None, "day": found["day"][:10]} == {
                **problem, "on": None, "day": problem["day"][:10],
            }  # fmt: skip
            assert label == solution


def test_types_of_parquet_become_plain_values(tmp_path):
    at = datetime.datetime(2024, 3, 1, 12, 30)
    table = pyarrow.table(
        {
            "when": pyarrow.array([at + datetime.timedelta(hours=k) for k in range(60)]),
            "price": pyarrow.array([Decimal(k) / 4 for k in range(60)], pyarrow.decimal128(8, 2)),
            "took": pyarrow.array([datetime.timedelta(seconds=k % 9) for k in range(60)]),
            "kind": pyarrow.array(["a", "b", None] * 20).dictionary_encode(),
            "raw": pyarrow.array([b"x"] * 60),
            "at": pyarrow.array([datetime.time(k % 24, k) for k in range(60)]),
            "place": pyarrow.array([{"x": k / 2, "in": {"y": "n"}} for k in range(60)]),
            "state": ["ok", "worn"] * 30,
        }
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(DataError, match="no column 'raw'; it is of the type binary, which cannot"):
        read_pairs(tmp_path / "t.parquet", label="raw")
    task, _ = task_of(tmp_path / "t.parquet", label="state")

    fields = task.fields["problem"]
    assert "raw" in task.left_out
    assert (fields["took"].high, fields["at"].high) == (8, 23 * 3600 + 47 * 60)
    assert fields["place.x"].high == 29.5
    assert task.parse({**dict.fromkeys(fields), "place": {"x": 3}, "when": "2024-03-01",
        "price": 1, "took": 5, "at": "12:00 pm"}).model_dump()["place.x"] == 3  # fmt: skip
    assert [type(fields[name]) for name in ("when", "price", "kind")] == [Date, Number, Category]
    assert fields["when"].names == ("elapsed", "day", "weekday", "hour")
    assert (fields["price"].low, fields["price"].high) == (0.0, 14.75)
    assert fields["kind"].missing


def test_what_says_nothing_is_left_out_with_a_word():
    rng = random.Random(3)
    rows = [
        {
            "row": k + 1,
            "key": f"C-{rng.randrange(10**6):06}",
            "phone": str(rng.randrange(10**11, 10**12)),
            "country": "DE",
            "empty": None,
            "age": rng.randrange(20, 60),
            "state": rng.choice("xy"),
        }
        for k in range(200)
    ]
    task, _ = task_of(rows, label="state")

    assert list(task.fields["problem"]) == ["age"]
    assert set(task.left_out) == {"row", "key", "phone", "country", "empty"}
    assert task.left_out["row"] == "numbers its rows"
    kept, _ = task_of(rows, label="state", types={"row": "number", "age": "category"})
    assert {name: type(f) for name, f in kept.fields["problem"].items()} == {
        "row": Number, "age": Category,
    }  # fmt: skip
    assert task.parse({"row": 7, "age": 30, "country": "DE"}).model_dump() == {"age": 30}


def test_numbers_that_only_rise_from_row_to_row_are_identifiers():
    """In the order of the file, however the parts are drawn; the same numbers mixed are not."""
    rng = random.Random(0)
    at, rising = 100_000, []
    for _ in range(80):
        rising.append(at := at + rng.randrange(3, 30))
    shuffled = rng.sample(rising, 80)
    rows = [
        {"id": one, "size": other, "y": rng.choice("ab")}
        for one, other in zip(rising, shuffled, strict=True)
    ]
    pairs = read_pairs(rows, label="y")
    cut = split(pairs, seed=0)
    task = inferred("t", cut, None, "", pairs.layout)
    assert list(task.fields["problem"]) == ["size"]
    assert "only rises" in task.left_out["id"]


def test_too_many_columns_are_refused_at_once_as_columns(tmp_path):
    file = tmp_path / "wide.csv"
    names = [f"c{at}" for at in range(10_000)]
    file.write_text("\n".join([",".join([*names, "y"]), ",".join(["1"] * 10_001)]))
    with pytest.raises(DataError, match="10,000 columns"):
        read_pairs(file, label="y")


def test_only_training_rows_tell_what_is_known():
    """Categories and ranges of later rows are unknown, and their answers are never right."""
    rows = [({"a": k % 9, "c": "xyz"[k % 3]}, "ab"[k % 2]) for k in range(90)]
    later = [({"a": 100, "c": "new"}, "c")]
    task = infer_task("t", rows + later, learned=90)

    problem = task.Problem.model_validate(later[0][0])
    assert len(task.unfamiliar(problem)) == 2
    assert "c" not in task.schema.answer.names
    assert task.schema.targets([task.Solution.model_validate("c")]).tolist() == [-1]


def test_bad_tables_are_refused_with_line_and_column(tmp_path):
    rows, label = "a,b\n" + "1,2\n" * 60, {"label": "b"}
    for text, options, line, said in (
        ("a,b,a\n" + "1,2,3\n" * 60, label, 1, "column 'a': 'a' stands 2 times"),
        ("a,b\n" + "1,2\n" * 39, label, None, "39 examples; at least 50"),
        ("a,b\n" + "1,x\n" * 60, label, None, "all solutions are equal"),
        ("a,,b\n" + "1,7,x\n" * 60, label, 2, "column 2 has no name, and '7' in it"),
        ("a;b\n1;2;3\n", label, 2, "3 fields under a header of 2"),
        ('a,b\n1,2\n1,"2\n', label, 3, "is no CSV"),
        (b"a,b\n1,2\n1,caf\xe9\n", label, 3, "byte 0xe9 at character 6"),
        (b"a,b\n1,\x002\n", label, 2, "binary data"),
        ("a,b\n" + "1,x\n2,?\n" * 30, label, 3, "column 'b': the answer is empty in 30"),
        ("a,b\n" + "x,1\ny,2\n" * 30, {"label": "b", "types": {"a": "number"}}, None,
         "column 'a': is no column of numbers: 'x'"),
        (rows, {"label": "b", "types": {"z": "date"}}, 1, "no column 'z'"),
        (rows, {}, 1, "which column is to be answered"),
        (rows, {"label": "c"}, 1, "no column 'c'; columns: a, b"),
        ("", label, None, "no rows"),
        ("b\n" + "1\n" * 60, label, 1, "no column is left"),
    ):  # fmt: skip
        file = tmp_path / "t.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(DataError, match=said) as caught:
            task_of(file, **options)
        assert caught.value.line == line, said


def test_five_thousand_labels_are_too_many():
    counted = range(25_000)
    table = {"a": [k % 977 for k in counted], "b": [f"label {k % 5_000}" for k in counted]}
    with pytest.raises(DataError, match="5000 different labels; at most 512"):
        task_of(table, label="b")


def test_a_table_is_read_a_chunk_at_a_time(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("a,b\n" + "1,x\n" * 20_000, "utf-8")
    sizes = [len(chunk.lines) for chunk in open_table(file).chunks]
    assert max(sizes) == 8192
    assert sum(sizes) == 20_000


def test_one_column_of_text_may_hold_any_sign(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("message\nhello, world; and |all\n\nyes\n", "utf-8")
    rows = [row for _, row in open_table(file).rows()]
    assert rows == [{"message": "hello, world; and |all"}, {"message": "yes"}]


def test_one_unit_behind_numbers_is_read_and_another_is_none():
    units = ["kg", "°C", "m/s", "km²", "µm", "h"]
    for unit in units:
        for gap in ("", " "):
            task, _ = task_of(
                [{"x": f"{at + 0.5}{gap}{unit}", "y": "ab"[at % 2]} for at in range(60)], label="y"
            )
            field = task.fields["problem"]["x"]
            assert (type(field), field.unit, field.low, field.high) == (Number, unit, 0.5, 59.5)
            assert field.read(f"7.5{gap}{unit}") == field.read("7.5") == 7.5
            other = DataTask.from_config("t", task.to_config()).fields["problem"]["x"]
            assert other.read(f"7.5 {unit}") == 7.5
            for wrong in ("7.5 lb", f"7.5 {unit} {unit}", unit):
                with pytest.raises(ValueError, match="is not a number"):
                    field.read(wrong)
    assert "unit" not in field_to_config(replace(field, unit=""))  # as older versions wrote it
    for names in (["3 kg", "3 g", "2 g"], ["12A", "3B", "7B"], ["q1", "q2"], ["1e5", "x5"]):
        task, _ = task_of(
            [{"x": names[at % len(names)], "z": at * 1.5, "y": "ab"[at % 2]} for at in range(60)],
            label="y",
        )
        assert isinstance(task.fields["problem"]["x"], Category)


def test_dates_may_name_their_month_and_differ_in_style():
    day = datetime.date(2023, 12, 20)
    days = [day + datetime.timedelta(days=3 * at) for at in range(60)]
    styles = ["%d %b %Y", "%d-%B-%Y", "%B %d, %Y", "%b %d %Y", "%Y-%m-%d", "%d.%m.%Y"]
    for mixed in (*([style] for style in styles), styles):
        rows = [
            {"when": d.strftime(mixed[at % len(mixed)]), "y": "ab"[at % 2]}
            for at, d in enumerate(days)
        ]
        task, _ = task_of(rows, label="y")
        field = task.fields["problem"]["when"]
        assert isinstance(field, Date)
        read = [field.read(row["when"])[:10] for row in rows]
        assert read == [d.isoformat() for d in days]
    with pytest.raises(ValueError, match="is not a date"):
        field.read("31 Feb 2024")


def test_what_stands_around_a_table_is_passed_over_or_named(tmp_path):
    rows = [f"{k},{k % 7},{'ok' if k % 2 else 'worn'}\n" for k in range(60)]
    header, file = "temp,load,state\n", tmp_path / "t.csv"

    for text in (
        "# made by a tool\n\n" + header + "".join(rows),
        header + "".join(rows[:30]) + "# half\n" + "".join(rows[30:]),
        header + "".join(rows[:30]) + header + "".join(rows[30:]),
    ):
        file.write_text(text, "utf-8")
        assert [p.problem["load"] for p in read_pairs(file, label="state")] == [
            str(k % 7) for k in range(60)
        ]
    for title in ("Report of March\n\n", "Report of March,,\n,,\n"):
        file.write_text(title + header + "".join(rows), "utf-8")
        with pytest.raises(
            DataError, match=r"1 field\(s\), where lines from 3 on have 3"
        ) as caught:
            read_pairs(file, label="state")
        assert caught.value.line == 1


def test_short_texts_are_texts_to_learners_of_rows_wherever_their_words_stand():
    """Ten words are no ten columns: learners of n-grams were not even asked."""
    rng = random.Random(5)
    words = ["".join(rng.sample("abcdefghij", 5)) for _ in range(300)]
    rows = [
        {"note": " ".join(rng.sample(words, rng.randrange(4, 12))), "s": "ab"[k % 2]}
        for k in range(100)
    ]
    task, _ = task_of(rows, label="s")

    (column,) = task.schema.columns([task.parse({"note": rows[0]["note"]})])
    assert (column.kind, column.values[0]) == ("text", rows[0]["note"])
    assert "words" in task.shown[0].holds
