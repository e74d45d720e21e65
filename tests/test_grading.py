"""Many answers at once: files of claims, rows in order, processes that die, and what the command writes."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from test_cli import Answer, run

from pathdiff.diagnostics import InputError
from pathdiff.grading.answers import claims_in, rows_in
from pathdiff.grading.batch import AHEAD, Task, grade_rows
from pathdiff.grading.findings import Row
from pathdiff.render.graded import csv_rows, json_lines
from pathdiff.render.terminal import answers_text

__all__ = ["run"]
SPEC = "z = x*y; p = sin(z) + x"
TASK = Task(SPEC, "-e", True, ("p", "x"))
ANSWERS = """\
id,claim,remark
ann,dp/dx = y*cos(z) + 1,well done
bob,"dp/dx = 1",
"smith, c","dp/dx = ∂p/∂z ∂z/∂x +
  ∂p/∂x",
dee,dp/dx = cos(q),
eve,,
"""


@pytest.fixture
def answers(tmp_path: Path) -> str:
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    return str(path)


def obedient(pipe: Connection, _: Task) -> None:
    """A process that dies, hangs or answers, as the claim says."""
    pipe.send(None)
    while True:
        try:
            number, claim = pipe.recv()
        except EOFError:
            return
        if claim == "die":
            os._exit(9)
        if claim == "hang":
            time.sleep(600)
        pipe.send((number, Row("", "", "agree", claim)))


def stillborn(_pipe: Connection, _task: Task) -> None:
    """A process that ends before its first answer."""


def graded(claims: list[str], seconds: float = 20.0, doing: Any = obedient) -> list[tuple[str, str, tuple[str, ...]]]:
    task = Task("", "", True, None, seconds)
    rows = grade_rows(task, ((str(number), claim) for number, claim in enumerate(claims)), 2, doing)
    found = list(rows)
    assert [row.id for row in found] == [str(number) for number in range(len(claims))]
    assert [row.claim for row in found] == claims
    return [(row.verdict, row.message, row.codes) for row in found]


def test_a_process_that_dies_takes_along_one_answer_only() -> None:
    claims = [f"claim {number}" for number in range(60)]
    for place in (0, 7, 8, 31, 32, 59):
        claims[place] = "die"
    found = graded(claims)
    for claim, (verdict, message, codes) in zip(claims, found, strict=True):
        if claim == "die":
            told = "Undecided: the process that looked at it died."
            assert (verdict, message, codes) == ("undecided", told, ("gave-up",))
        else:
            assert (verdict, message, codes) == ("agree", claim, ())


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    found = graded(["a", "hang", *"bcdefghijk"], seconds=1.0)
    assert found[1] == ("undecided", "Undecided: looking at it took more than 1 seconds.", ("gave-up",))
    assert {verdict for verdict, _, _ in found[:1] + found[2:]} == {"agree"}


def test_long_answers_behind_one_that_hangs_are_answered() -> None:
    long = "x" * 15_000
    found = graded(["hang", *[long] * 12, "hang", *[long] * 12], seconds=1.0)
    assert [codes for _, _, codes in found] == [("gave-up",), *[()] * 12, ("gave-up",), *[()] * 12]


def test_processes_that_end_before_their_first_answer_are_an_error() -> None:
    with pytest.raises(InputError) as found:
        graded(["a", "b", "c"], doing=stillborn)
    assert str(found.value) == (
        "error[no-process]: no process to look at answers can be started: 3 of them ended before their first answer\n"
        "  claims\n"
        "  note: each has at most 2,000 MB of memory\n"
        "  hint: claims in a text file, one a line, are looked at without other processes"
    )


def test_where_no_process_can_be_started_the_error_says_so(
    run: Any, answers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("pathdiff.grading.batch._Worker", refused)
    answer = run("check", "-e", SPEC, "--claims", answers, "--format", "csv")
    assert answer.code == 2
    assert answer.err == (
        "error[no-process]: no process to look at answers can be started: Resource temporarily unavailable\n"
        "  claims\n"
        "  note: each has at most 2,000 MB of memory\n"
        "  hint: claims in a text file, one a line, are looked at without other processes\n"
    )


def test_no_answers_no_rows() -> None:
    assert graded([]) == []


def test_answers_are_read_as_they_are_needed() -> None:
    taken: list[int] = []

    def endless() -> Any:
        for number in range(10**9):
            taken.append(number)
            yield str(number), "claim"

    rows = grade_rows(TASK, endless(), 1, obedient)
    assert [next(rows).id for _ in range(20)] == [str(number) for number in range(20)]
    rows.close()
    assert len(taken) <= 20 + 3 * AHEAD


def test_bombs_cost_only_themselves() -> None:
    bombs = [
        "9^9^9^9^9",
        "(" * 9000 + "x" + ")" * 9000,
        "*".join(["(x + y)"] * 1500),
        "exp(" * 300 + "x" + ")" * 300,
        "x" * 100_000,
        "\\frac{" * 500,
        "sin^" * 3000 + "x",
        "1" * 5000,
        "\0\x1b[31m",
        "|" * 5000,
    ]
    claims = [text for bomb in bombs for text in (bomb, "y*cos(z) + 1")]
    rows = list(grade_rows(TASK, [(str(n), claim) for n, claim in enumerate(claims)], 2))
    assert [row.verdict for row in rows[1::2]] == ["agree"] * len(bombs)
    assert "agree" not in {row.verdict for row in rows[::2]} - {"agree"}
    assert all(row.verdict != "agree" for row in rows[::2])


def test_rows_of_a_csv_file() -> None:
    wanted = [("a", "dp/dx = 1"), ("b", "")]
    assert list(rows_in("id,claim\na,dp/dx = 1\nb\n\n", "x.csv")) == wanted
    assert list(rows_in("ID;Claim\na;dp/dx = 1\nb;\n", "x.csv")) == wanted
    assert list(rows_in("claim\tname\tid\ndp/dx = 1\tn\ta\n\tn\tb\n", "x.csv")) == wanted


def test_a_csv_file_without_the_columns() -> None:
    with pytest.raises(InputError) as found:
        rows_in("id,answer\n1,x\n", "x.csv")
    assert str(found.value) == (
        "error[no-column]: there is no column `claim`\n"
        "  x.csv:1:1\n"
        "   1 | id,answer\n"
        "     | ^^^^^^^^^\n"
        "  hint: the first line is `id,claim`"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "error[no-column]: this file is empty\n  x.csv:1:1\n   1 | \n     | ^\n"),
        (
            "id,claim,claim\na,x,y\n",
            (
                "error[duplicate-key]: there are 2 columns `claim`\n"
                "  x.csv:1:1\n"
                "   1 | id,claim,claim\n"
                "     | ^^^^^^^^^^^^^^\n"
            ),
        ),
    ],
)
def test_a_csv_file_that_is_empty_or_has_a_column_twice(text: str, told: str) -> None:
    with pytest.raises(InputError) as found:
        rows_in(text, "x.csv")
    assert str(found.value) == f"{told}  hint: the first line is `id,claim`"


def test_a_file_of_any_bytes_is_not_called_utf16(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(bytes(range(256)))
    assert run("check", "-e", SPEC, "--claims", str(path)).err.startswith("error[no-column]: there is no column `id`\n")


def test_no_cell_of_ours_begins_as_a_formula_of_a_spreadsheet(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    claims = [
        "=1+1",
        "@SUM(A1)",
        "+1",
        "-1",
        "=cmd|' /C calc'!A0",
        "dp/dx = -x",
        "dp/dx = sqrt(-1)",
        '"=1+1"',
        "dq/dx = 1",
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "claim"), *enumerate(claims)])
    answer = run("check", "-e", SPEC, "--claims", str(path), "--format", "csv")
    rows = list(csv.reader(io.StringIO(answer.out)))
    assert [row[0] for row in rows] == ["id", *map(str, range(len(claims)))]
    assert {cell[:1] for row in rows for cell in row[1:]} & set("=+-@\t\r") == set()


def test_an_open_quotation_mark_swallows_no_rows() -> None:
    with pytest.raises(InputError) as found:
        rows_in('id,claim\na,"dp/dx =\n 1"\nb,"dp/dx = 1\nc,dp/dx = 1\n', "x.csv")
    assert str(found.value) == (
        "error[open-quote]: a quotation mark in this row is never closed\n"
        "  x.csv:4:1\n"
        '   4 | b,"dp/dx = 1\n'
        "     | ^^^^^^^^^^^^\n"
        '  hint: one that belongs to a value stands twice, "", and the value in quotation marks'
    )


def test_quotation_marks_inside_a_value_are_taken_as_they_are() -> None:
    assert list(rows_in('id,claim\na,x "y" z\nb,"x"y\n"c","end"', "x.csv")) == [
        ("a", 'x "y" z'),
        ("b", "xy"),
        ("c", "end"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.txt", "# two claims\ndp/dx = 1\n\n  dp/dy = 2  \n", [("1", "dp/dx = 1"), ("2", "dp/dy = 2")]),
        ("a.yaml", '- dp/dx = 1\n- "dp/dy = 2"\n', [("1", "dp/dx = 1"), ("2", "dp/dy = 2")]),
        ("a.yml", "ann: dp/dx = 1\nbob: dp/dy = 2\n", [("ann", "dp/dx = 1"), ("bob", "dp/dy = 2")]),
        ("a.yaml", "claims: [dp/dx = 1]\n", [("1", "dp/dx = 1")]),
    ],
)
def test_a_file_of_claims(tmp_path: Path, name: str, text: str, found: list[tuple[str, str]]) -> None:
    (tmp_path / name).write_text(text)
    assert [(id, claim.value) for id, claim in claims_in(str(tmp_path / name))] == found


def test_every_error_of_a_file_of_claims_is_told(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text("- dp/dx = w\n- dp/dx = cos(z\n- dp/dx = 1\n")
    answer = run("check", "-e", SPEC, "--claims", str(path))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        "error[unknown-name]: `w` is not defined\n"
        f"  {path}:1:11\n"
        "   1 | - dp/dx = w\n"
        "     |           ^\n"
        "  note: a claim uses the nodes and the inputs of the spec\n"
        "\n"
        "error[unbalanced-bracket]: this bracket is never closed\n"
        f"  {path}:2:14\n"
        "   2 | - dp/dx = cos(z\n"
        "     |              ^\n"
        "  hint: add `)`\n"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_csv_file_in_utf16_is_said_to_be_one(run: Any, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(ANSWERS.encode(encoding))
    answer = run("check", "-e", SPEC, "--claims", str(path))
    assert answer == Answer(
        2,
        "",
        "error[not-utf8]: this is UTF-16 text, not UTF-8\n"
        f"  {path}\n"
        "  hint: save it as UTF-8: in Excel as `CSV UTF-8`\n",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- &a dp/dx = 1\n", "anchor]: a file of claims has no anchors"),
        ("- !!str dp/dx = 1\n", "tag]: a file of claims has no tags"),
        ("- dp/dx = 1\n- *a\n", "alias]: a file of claims has no aliases"),
        ("- dp/dx = 1\n---\n- dp/dx = 2\n", "second-document]: a file of claims is one document"),
        ("- dp/dx = \a1\n", "bad-character]: the character U+0007 may not stand in a file of claims"),
        ("[" * 20, "too-deep]: a file of claims nests at most 16 levels deep"),
        ("- a\nb", "yaml]: this is not YAML:"),
        ("dp/dx = 1\n", "wrong-type]: claims are a list or a mapping"),
    ],
)
def test_errors_of_yaml_claims_speak_of_claims(run: Any, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(text)
    answer = run("check", "-e", SPEC, "--claims", str(path))
    assert answer.code == 2
    assert f"error[{said}" in answer.err
    assert "a spec" not in answer.err


@pytest.mark.parametrize("name", ["none.csv", "none.txt", "none.yaml"])
def test_a_file_of_claims_that_is_not_there(run: Any, name: str) -> None:
    assert run("check", "-e", SPEC, "--claims", name).err == (
        f"error[unreadable]: there is no such file\n  {name}\n  hint: give the path of a file of claims\n"
    )


def test_claims_on_the_command_line(run: Any) -> None:
    answer = run("check", "-e", SPEC, "--claim", "dp/dx = cos(z)·y + 1", "--claim", "dp/dx = cos(z) + 1")
    assert answer == Answer(
        1,
        "✓ -e: 2 derivatives agree\n"
        "\n"
        "✓ dp/dx = cos(z)·y + 1\n"
        "  Right: the measured derivative, at 5 random points to 50 digits: largest\n"
        "  relative difference 5e-120.\n"
        "\n"
        "✗ dp/dx = cos(z) + 1\n"
        "  missing-inner: The inner derivative ∂z/∂x = y is left out on p → z → x:\n"
        "    multiply by it.\n",
        "",
    )


def test_a_claim_as_json(run: Any) -> None:
    answer = run("check", "-e", SPEC, "--claim", "dp/dx = cos(z) + 1", "--format", "json")
    [result] = answer.json["results"]
    assert (result["spec"], result["verdict"], len(result["derivatives"])) == ("-e", "agree", 2)
    message = "The inner derivative ∂z/∂x = y is left out on p → z → x: multiply by it."
    assert result["claims"] == [
        {
            "claim": "dp/dx = cos(z) + 1",
            "of": "p",
            "wrt": "x",
            "verdict": "refuted",
            "message": message,
            "codes": ["missing-inner"],
            "reading": None,
            "diagnosis": [{"code": "missing-inner", "message": message, "paths": [["p", "z", "x"]], "certain": True}],
        }
    ]


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        (["dp/dx = y*cos(z) + 1"], 0),
        (["dp/dx = y*cos(z) + 1", "dp/dx = 1"], 1),
        (["dp/dx = q"], 2),
        (["dp/dx = y*cos(z) + 1 + 1e-60"], 3),
        (["dp/dx = y*cos(z) + 1 + 1e-60", "dp/dx = 1"], 1),
    ],
)
def test_the_exit_code_tells_of_the_claims(run: Any, claims: list[str], code: int) -> None:
    assert run("check", "-e", SPEC, *(word for claim in claims for word in ("--claim", claim))).code == code


def test_a_claim_without_a_left_side_is_about_the_one_question(run: Any) -> None:
    assert run("check", "-e", SPEC, "--wrt", "x", "--claim", "y*cos(z) + 1").code == 0
    answer = run("check", "-e", SPEC, "--claim", "y*cos(z) + 1")
    assert answer.code == 2
    assert answer.err.startswith("error[no-equals]: a claim has a derivative on the left of `=`\n")


def test_answers_as_a_table(run: Any, answers: str) -> None:
    answer = run("check", "-e", SPEC, "--claims", answers)
    assert answer == Answer(
        2,
        "id        verdict    code\n"
        "ann       right\n"
        "bob       wrong      direct-only missing-path\n"
        "    This is only ∂p/∂x, along the direct path p → x. dp/dx also has p → z → x:\n"
        "    add the product along each.\n"
        "smith, c  right\n"
        "    Right: the same polynomial in the labels as the path sum: equal at 3 random\n"
        "    points modulo 2**61 - 1, error probability below 1e-52. Read with ∂ as the\n"
        "    label of an edge, d as a total derivative.\n"
        "dee       unreadable unknown-name\n"
        "    Unreadable: `q` is not defined.\n"
        "eve       unreadable empty-expression\n"
        "    Unreadable: there is no claim here (write `dp/dx = ...`, with a node for p\n"
        "    and a name for x).\n"
        "\n"
        "5 answers: 2 right, 1 wrong, 2 unreadable\n"
        "  1 direct-only, 1 missing-path, 1 unknown-name, 1 empty-expression\n",
        "",
    )


def test_answers_as_csv(run: Any, answers: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert run("check", "-e", SPEC, "--claims", answers, "-o", str(out)) == Answer(2, "", "")
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "id,verdict,code,message"
    assert [line.split(",")[0] for line in lines[1:]] == ["ann", "bob", '"smith', "dee", "eve"]
    assert lines[2] == (
        'bob,refuted,direct-only missing-path,"This is only ∂p/∂x, along the direct path p → x. '
        'dp/dx also has p → z → x: add the product along each."'
    )


def test_answers_as_json(run: Any, answers: str) -> None:
    lines = [
        json.loads(line) for line in run("check", "-e", SPEC, "--claims", answers, "--format", "jsonl").out.splitlines()
    ]
    assert [(line["id"], line["verdict"], line["codes"]) for line in lines] == [
        ("ann", "agree", []),
        ("bob", "refuted", ["direct-only", "missing-path"]),
        ("smith, c", "agree", []),
        ("dee", "unreadable", ["unknown-name"]),
        ("eve", "unreadable", ["empty-expression"]),
    ]
    record = run("check", "-e", SPEC, "--claims", answers, "--format", "json").json
    assert record["results"][0]["claims"] == lines
    assert record["results"][0]["verdict"] == "refuted"


def test_a_row_that_is_not_utf8_is_one_row(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(b"id,claim\na,dp/dx = \xff\nb,dp/dx = y*cos(z) + 1\n")
    answer = run("check", "-e", SPEC, "--claims", str(path), "--format", "csv")
    assert [line.split(",")[1] for line in answer.out.splitlines()] == ["verdict", "unreadable", "agree"]


def test_what_does_not_go_together(run: Any, answers: str) -> None:
    for args in (
        ["--claims", answers, "--claim", "dp/dx = 1"],
        ["--format", "csv"],
        ["--claims", "none.csv"],
    ):
        assert run("check", "-e", SPEC, *args).code == 2


def test_what_is_typed_drives_no_terminal() -> None:
    rows = [Row("\x1b[31m", "x", "unreadable", "Unreadable: `\x1b[2J`.", ("unknown-sign",))]
    for text in ("".join(answers_text(rows, ["\x1b[31m"], 60)), "".join(json_lines(rows))):
        assert "\x1b" not in text
    assert "".join(csv_rows(rows)).splitlines()[0] == "id,verdict,code,message"


def test_a_wide_table() -> None:
    row = Row("1", "x", "refuted", "The term of the path p → x has the wrong sign.", ("wrong-sign",))
    assert "".join(answers_text([row], ["1"], 100)) == (
        "id  verdict    code                  message\n"
        "1   wrong      wrong-sign            The term of the path p → x has the wrong sign.\n"
        "\n"
        "1 answer: 1 wrong\n"
        "  1 wrong-sign\n"
    )
