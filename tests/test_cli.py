"""The command line as scripts use it: what it writes where, and its exit codes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pathdiff.cli import main

GRAPHS = Path(__file__).parent.parent / "graphs"


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*args: str) -> Answer:
        with pytest.raises(SystemExit) as left:
            main([*args], prog_name="pathdiff")
        captured = capsys.readouterr()
        return Answer(int(left.value.code or 0), captured.out, captured.err)

    return call


def test_explain_json_of_inline_text(run: Any) -> None:
    answer = run("explain", "-e", "z = x*y; p = sin(z) + x", "--wrt", "x", "--at", "x=1,y=2", "--format", "json")
    assert answer.code == 0
    assert answer.err == ""
    record = answer.json
    [derivative] = record["derivatives"]
    agreement = derivative.pop("agreement")
    assert agreement["verdict"] == "agree"
    assert [method.partition(":")[0] for method in agreement["methods"]] == ["forms", "labels", "whole", "numbers"]
    assert derivative.pop("value") == pytest.approx(0.16770632690571522)
    assert derivative == {
        "of": "p",
        "wrt": "x",
        "path_count": 2,
        "paths": [["p", "x"], ["p", "z", "x"]],
        "paths_complete": True,
        "labels": {"p->z": "cos(z)", "p->x": "1", "z->x": "y"},
        "derivative": "1 + y*cos(z)",
        "cost": {
            "path_sum": {"multiplications": 1, "additions": 1},
            "forward": {"multiplications": 1, "additions": 1},
            "reverse": {"multiplications": 1, "additions": 1},
        },
    }


def test_abstract_labels_are_null(run: Any) -> None:
    [first, _] = run("explain", str(GRAPHS / "mlp2.yaml"), "--format", "json").json["derivatives"]
    assert first["labels"]["p->h1"] is None
    assert first["derivative"] is None
    assert first["cost"]["path_sum"] == {"multiplications": 8, "additions": 3}
    assert first["cost"]["reverse"] == {"multiplications": 6, "additions": 3}


def test_a_count_beyond_2_to_53_is_a_string_of_digits(run: Any) -> None:
    layers = "; ".join(f"a{i + 1} = a{i} + b{i}; b{i + 1} = a{i}*b{i}" for i in range(60))
    answer = run("explain", "-e", f"a0 = x; b0 = sin(x); {layers}; p = a60 + b60", "--wrt", "x", "--format", "json")
    assert answer.code == 0
    [derivative] = answer.json["derivatives"]
    assert derivative["path_count"] == str(2**61)
    assert (len(derivative["paths"]), derivative["paths_complete"]) == (1000, False)


def test_spec_from_standard_input(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"nodes:\n  p: no^2\n")))
    [derivative] = run("explain", "-", "--format", "json").json["derivatives"]
    assert (derivative["of"], derivative["wrt"], derivative["derivative"]) == ("p", "no", "2*no")


@pytest.mark.parametrize(
    ("args", "pairs"),
    [
        ([], [("p", "x"), ("p", "y"), ("q", "x"), ("q", "y")]),
        (["--of", "q"], [("q", "x"), ("q", "y")]),
        (["--of", "q", "--wrt", "z"], [("q", "z")]),
        (["--of", "z", "--wrt", "all"], [("z", "x"), ("z", "y")]),
        (["--of", "p", "--of", "q", "--wrt", "y", "--wrt", "p"], [("p", "y"), ("p", "p"), ("q", "y"), ("q", "p")]),
    ],
)
def test_what_is_derived(run: Any, args: list[str], pairs: list[tuple[str, str]]) -> None:
    record = run("explain", "-e", "z = x*y; p = z + x; q = z - y", *args, "--format", "json").json
    assert [(d["of"], d["wrt"]) for d in record["derivatives"]] == pairs


def test_a_node_by_itself_is_1_and_without_a_path_0(run: Any) -> None:
    record = run("explain", "-e", "p = x; q = y", "--of", "p", "--wrt", "p", "--wrt", "y", "--format", "json").json
    by_itself, without = record["derivatives"]
    assert (by_itself["path_count"], by_itself["paths"], by_itself["derivative"]) == (1, [["p"]], "1")
    assert (without["path_count"], without["paths"], without["derivative"]) == (0, [], "0")
    assert without["agreement"]["verdict"] == "agree"


def test_errors_go_to_standard_error_with_exit_code_2(run: Any) -> None:
    answer = run("explain", "-e", "p = sin(x, y)")
    assert answer == Answer(
        2,
        "",
        "error[wrong-arity]: `sin` takes one argument, not 2\n  -e:1:5\n   1 | p = sin(x, y)\n     |     ^^^\n",
    )


def test_errors_are_json_when_the_answer_would_be(run: Any) -> None:
    answer = run("explain", "-e", "p = sin(x, y)", "--format", "json")
    assert answer.code == 2
    assert answer.out == ""
    assert json.loads(answer.err) == {
        "errors": [
            {
                "code": "wrong-arity",
                "message": "`sin` takes one argument, not 2",
                "source": "-e",
                "line": 1,
                "column": 5,
                "end_column": 8,
                "note": "",
                "hint": "",
            }
        ]
    }


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (
            ["--at", "w=1"],
            (
                "error[unknown-name]: `w` is not an independent name of the spec\n"
                "  command line:1:6\n   1 | --at w\n     |      ^\n"
            ),
        ),
        (
            ["--at", "x"],
            (
                "error[usage]: `x` is not NAME=VALUE\n"
                "  command line:1:6\n   1 | --at x\n     |      ^\n  hint: --at x1=1,x2=1/2\n"
            ),
        ),
        (
            ["--at", "x=log(0)"],
            (
                "error[outside-domain]: this value is log(0), which is defined for x > 0 only\n"
                "  command line:1:8\n   1 | --at x=log(0)\n     |        ^^^^^^\n  note: the operation is `log(0)`\n"
            ),
        ),
        (
            ["--of", "w"],
            "error[unknown-name]: `w` is not a node of the spec\n  command line:1:6\n   1 | --of w\n     |      ^\n",
        ),
    ],
)
def test_options_that_make_no_sense(run: Any, args: list[str], error: str) -> None:
    assert run("explain", "-e", "p = x*x", *args) == Answer(2, "", error)


def test_a_point_outside_the_domain_names_node_and_value(run: Any) -> None:
    answer = run("explain", "-e", "s = x - 3; p = log(s)", "--at", "x=2")
    assert answer.code == 2
    assert answer.err == (
        "error[outside-domain]: `p` has no value at this point: log(-1), which is defined for x > 0 only\n"
        "  -e:1:16\n   1 | s = x - 3; p = log(s)\n     |                ^^^^^^\n"
        "  note: the operation is `log(s)`, where s = -1\n"
    )


def test_neither_file_nor_text(run: Any) -> None:
    answer = run("explain")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error[usage]: give either a file or -e TEXT")


@pytest.mark.parametrize("ending", ["json", "tex", "txt"])
def test_the_ending_of_the_output_tells_the_format(run: Any, tmp_path: Path, ending: str) -> None:
    output = tmp_path / f"derivation.{ending}"
    assert run("explain", str(GRAPHS / "neuron.yaml"), "-o", str(output)) == Answer(0, "", "")
    first = {"json": "{\n", "tex": "\\documentclass", "txt": "One neuron"}[ending]
    assert output.read_text(encoding="utf-8").startswith(first)
    assert [path.name for path in tmp_path.iterdir()] == [output.name]


def test_output_where_no_directory_is(run: Any, tmp_path: Path) -> None:
    answer = run("explain", "-e", "p = x*x", "-o", str(tmp_path / "none" / "p.json"))
    assert answer.code == 2
    assert json.loads(answer.err)["errors"][0]["code"] == "unwritable"


def test_check_of_every_graph_agrees(run: Any) -> None:
    specs = sorted(map(str, GRAPHS.glob("*.yaml")))
    answer = run("check", *specs, "--format", "json")
    assert answer.code == 0
    assert len(specs) >= 15
    assert [(result["spec"], result["verdict"]) for result in answer.json["results"]] == [(s, "agree") for s in specs]


def test_check_goes_on_after_a_spec_that_cannot_be_read(run: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("nodes: {p: 2x}", encoding="utf-8")
    answer = run("check", str(bad), str(GRAPHS / "chain.yaml"), "--format", "json")
    assert answer.code == 2
    assert [result["verdict"] for result in answer.json["results"]] == ["agree"]
    assert json.loads(answer.err)["errors"][0]["code"] == "missing-operator"


def test_exit_codes_of_refuted_and_undecided(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathdiff import explain
    from pathdiff.verify import Verdict

    for verdict, code in (("refuted", 1), ("undecided", 3), ("agree", 0)):
        monkeypatch.setattr(explain, "verify_gradient", lambda *_, found=verdict: (Verdict(found, ()),))
        assert run("explain", "-e", "p = x*x", "--format", "json").code == code
        assert run("check", "-e", "p = x*x", "--format", "json").code == code


def test_ctrl_c_leaves_with_130(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathdiff import explain

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(explain, "verify_gradient", interrupted)
    assert run("explain", "-e", "p = x*x").code == 130


def test_no_memory_is_no_mistake(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathdiff import explain

    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(explain, "verify_gradient", greedy)
    result = run("explain", "-e", "p = x*x")
    assert result.code == 2
    assert result.err == (
        "error[out-of-memory]: there is not enough memory for this\n"
        "  pathdiff\n"
        "  hint: ask for less of it: --of and --wrt name the nodes\n"
    )


@pytest.mark.parametrize("command", ["explain", "check", "paths", "cost", "eval", "draw", "code", "train"])
def test_errors_of_the_spec_and_of_the_point_are_told_together(run: Any, command: str) -> None:
    """Those of the spec first: `check` reads many of them."""
    result = run(command, "-e", "p = (x", "--at", "x=y")
    assert result.code == 2
    assert result.err == (
        "error[unbalanced-bracket]: this bracket is never closed\n"
        "  -e:1:5\n   1 | p = (x\n     |     ^\n  hint: add `)`\n\n"
        "error[not-a-number]: a value cannot depend on `y`\n"
        "  command line:1:8\n   1 | --at x=y\n     |        ^\n"
        "  hint: give a number, like 0.5, 1/3 or sqrt(2)\n"
    )


def test_errors_of_several_specs_are_one_document(run: Any, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("nodes: {p: 2x}", encoding="utf-8")
    answer = run("check", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), "--format", "json")
    assert answer.code == 2
    assert [each["source"][-6:] for each in json.loads(answer.err)["errors"]] == ["a.yaml", "b.yaml"]


def test_commas_within_brackets_belong_to_the_value(run: Any) -> None:
    answer = run("explain", "-e", "p = x*y", "--at", "x=atan2(1,sqrt(2)),y=1", "--wrt", "y", "--format", "json")
    assert answer.json["derivatives"][0]["value"] == pytest.approx(0.6154797086703873)


def test_a_number_that_no_double_holds_is_a_string(run: Any) -> None:
    answer = run("explain", "-e", "p = exp(x); q = exp(-x)", "--at", "x=1000", "--format", "json")
    values = [derivative["value"] for derivative in answer.json["derivatives"]]
    assert values == ["1.970071114017047e+434", "-5.0759588975494568e-435"]


NO_FORMAT = """\
error[usage]: no format of this command has the ending '.foo' (.json, .tex, .txt, .md, .html): name one with --format
  command line
  hint: try `pathdiff explain --help`
"""


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["explian"], "error[usage]: there is no command `explian`\n  command line\n  hint: did you mean `explain`?\n"),
        (
            ["explain", "--formt", "json"],
            "error[usage]: there is no option `--formt`\n  command line\n  hint: did you mean `--format`?\n",
        ),
        (
            ["explain", "-e", "p = x", "-o", "p.foo"],
            NO_FORMAT,
        ),
    ],
)
def test_wrong_use_is_answered_like_a_wrong_spec(run: Any, args: list[str], error: str) -> None:
    assert run(*args) == Answer(2, "", error)


JSN = """\
error[usage]: --format: `jsn` is not one of text, latex, latex-fragment, beamer, standalone, markdown, html, json
  command line
  hint: did you mean `json`?
"""
ZZZ = """\
error[usage]: --format: `zzz` is not one of text, json, csv, jsonl
  command line
  hint: try `pathdiff check --help`
"""
TWICE = """\
error[usage]: -e is given twice: `;` separates the definitions of one
  command line
  hint: try `pathdiff explain --help`
"""
BOGUS = """\
error[usage]: there is no option `--qqq`
  command line
  hint: try `pathdiff explain --help`
"""


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["explain", "-e", "p = x", "--format", "jsn"], JSN),
        (["check", "-e", "p = x", "--format", "zzz"], ZZZ),
        (["explain", "-e", "p = x", "-e", "q = x"], TWICE),
        (["explain", "-e", "p = x", "--qqq"], BOGUS),
    ],
)
def test_hints_are_near_or_are_the_way_to_the_help(run: Any, args: list[str], error: str) -> None:
    assert run(*args) == Answer(2, "", error)


def test_every_error_of_the_options_is_told(run: Any) -> None:
    args = ["--of", "q", "--wrt", "aplha", "--at", "beta=1,p=2", "--at", "alpha=1"]
    assert run("explain", "-e", "p = alpha*x", *args).err == (
        "error[unknown-name]: `q` is not a node of the spec\n"
        "  command line:1:6\n   1 | --of q\n     |      ^\n"
        "\n"
        "error[unknown-name]: `aplha` is not a node of the spec\n"
        "  command line:2:7\n   2 | --wrt aplha\n     |       ^^^^^\n  hint: did you mean `alpha`?\n"
        "\n"
        "error[unknown-name]: `beta` is not an independent name of the spec\n"
        "  command line:3:6\n   3 | --at beta\n     |      ^^^^\n"
        "\n"
        "error[unknown-name]: `p` is not an independent name of the spec\n"
        "  command line:4:6\n   4 | --at p\n     |      ^\n  note: a node has the value that its expression gives it\n"
    )


def test_every_error_of_a_point_is_told(run: Any) -> None:
    assert run("explain", "-e", "p = x*y", "--at", "x=2y,=3,y=1/0", "--at", "x=1").err == (
        "error[missing-operator]: an operator is missing between `2` and `y`\n"
        "  command line:1:9\n   1 | --at x=2y,=3,y=1/0\n     |         ^\n  hint: write `2*y` for a product\n"
        "\n"
        "error[usage]: `=3` is not NAME=VALUE\n"
        "  command line:1:11\n   1 | --at x=2y,=3,y=1/0\n     |           ^^\n  hint: --at x1=1,x2=1/2\n"
        "\n"
        "error[outside-domain]: this value is a division by 0\n"
        "  command line:1:16\n   1 | --at x=2y,=3,y=1/0\n     |                ^^^\n  note: the operation is `1/0`\n"
        "\n"
        "error[duplicate-name]: `x` has two values\n"
        "  command line:2:6\n   2 | --at x=1\n     |      ^\n"
    )


def test_names_on_the_command_line_are_those_of_the_spec(run: Any) -> None:
    args = ["--of", "e\u0301", "--wrt", "ｗ", "--at", "ｗ=2", "--format", "json"]
    [derivative] = run("explain", "-e", "é = w^2", *args).json["derivatives"]
    assert (derivative["of"], derivative["wrt"], derivative["value"]) == ("é", "w", 4)


def test_of_many_specs_an_error_of_the_options_says_which(run: Any, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"nodes: {{{name}: 2*x}}", encoding="utf-8")
    answer = run("check", str(tmp_path / "a"), str(tmp_path / "b"), "--of", "a")
    assert answer.code == 2
    assert answer.err.startswith(f"error[unknown-name]: `a` is not a node of {tmp_path / 'b'}\n  command line:1:6\n")
    assert answer.out.startswith("✓")


def test_json_of_very_many_errors_counts_the_rest(run: Any, tmp_path: Path) -> None:
    (tmp_path / "many.yaml").write_text("nodes:\n" + "".join(f"  n{i}: $\n" for i in range(250)), encoding="utf-8")
    record = json.loads(run("check", str(tmp_path / "many.yaml"), "--format", "json").err)
    assert (len(record["errors"]), record["more"]) == (100, 150)


def test_json_never_drives_a_terminal(run: Any, tmp_path: Path) -> None:
    title = '"a\\u009b31m \\u202e \\u2066 \\u200b é"'
    (tmp_path / "t.yaml").write_text(f"title: {title}\nnodes: {{p: x}}", encoding="utf-8")
    answer = run("explain", str(tmp_path / "t.yaml"), "--format", "json")
    assert answer.json["title"] == "a\u009b31m \u202e \u2066 \u200b é"
    assert '"title": "a\\u009b31m \\u202e \\u2066 \\u200b é"' in answer.out


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_standard_output_by_its_names(run: Any, name: str) -> None:
    answer = run("check", "-e", "p = x*x", "-o", name)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("✓ -e: 1 derivative agrees\n")


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("none/p.json", "there is no directory `none`\n  none/p.json\n  hint: create it first"),
        ("folder.txt", "this is a directory, not a file\n  folder.txt\n  hint: give a file in it"),
        ("spec.txt", "this is the spec itself\n  spec.txt\n  hint: write the result to another file"),
    ],
)
def test_a_bad_output_is_told_before_the_computation(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, message: str
) -> None:
    from pathdiff import explain

    def computed(*_: object) -> None:
        raise AssertionError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(explain, "verify_gradient", computed)
    Path("spec.txt").write_text("nodes: {p: x}", encoding="utf-8")
    Path("folder.txt").mkdir()
    for command in ("explain", "check"):
        answer = run(command, "spec.txt", "--format", "text", "-o", output)
        assert answer == Answer(2, "", f"error[unwritable]: {message}\n")
    assert Path("spec.txt").read_text(encoding="utf-8") == "nodes: {p: x}"


@pytest.mark.parametrize("ending", ["txt", "json"])
def test_check_writes_what_could_be_read_and_nothing_where_nothing_could(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text("nodes: {p: 2x}", encoding="utf-8")
    Path("good.yaml").write_text("nodes: {p: x}", encoding="utf-8")
    output = Path(f"out.{ending}")
    output.write_text("before", encoding="utf-8")
    assert run("check", "bad.yaml", "-o", str(output)).code == 2
    assert output.read_text(encoding="utf-8") == "before"
    assert run("check", "bad.yaml", "good.yaml", "-o", str(output)).code == 2
    assert "good.yaml" in output.read_text(encoding="utf-8")


def test_a_closed_standard_output_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    answer = run("explain", "-e", "p = x*x")
    assert (answer.code, answer.err) == (
        2,
        (
            "error[unwritable]: standard output cannot be written: it is closed\n"
            "  <stdout>\n"
            "  hint: -o FILE writes a file, whole or not at all\n"
        ),
    )


PROGRAM = [sys.executable, "-m", "pathdiff"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no signals")
def test_an_interrupt_while_python_imports_leaves_with_130() -> None:
    program = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it\n"
        "class Finder:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'MODULE':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from pathdiff.__main__ import main\n"
        "sys.argv[1:] = ['explain', '-e', 'p = x*x']\n"
        "main()\n"
    )
    for module in ("click", "pathdiff.cli.check", "sympy", "rich"):
        source = program.replace("MODULE", module)
        done = subprocess.run([sys.executable, "-c", source], capture_output=True, encoding="utf-8", check=False)
        assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", ""), module


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("form", ["text", "json", "latex"])
def test_a_full_disk_is_told(unbuffered: str, form: str) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*PROGRAM, "explain", "-e", "p = x*x", "--format", form],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 2
    assert "standard output cannot be written: No space left on device" in done.stderr


def test_a_broken_standard_error_changes_no_exit_code() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    for args in (["explain", "-e", "p = sni(x)"], ["explain", "--qqq"], ["check", "none.yaml", "--format", "json"]):
        assert subprocess.run([*PROGRAM, *args], stderr=writing, check=False).returncode == 2
    os.close(writing)


def test_wrong_use_is_json_when_the_answer_would_be(run: Any) -> None:
    for args in (["--bogus", "--format", "json"], ["--bogus", "--format=json"], ["--bogus", "-o", "p.json"]):
        answer = run("explain", "-e", "p = x", *args)
        assert (answer.code, answer.out) == (2, "")
        [error] = json.loads(answer.err)["errors"]
        assert (error["code"], error["message"]) == ("usage", "there is no option `--bogus`")


def test_a_mistake_of_ours_is_not_a_verdict(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathdiff import explain

    def broken(*_: object) -> None:
        raise RuntimeError("oh")

    monkeypatch.setattr(explain, "verify_gradient", broken)
    answer = run("explain", "-e", "p = x*x")
    assert answer.code == 70
    assert answer.err.startswith("error[internal]: RuntimeError: oh\n")
    monkeypatch.setenv("PATHDIFF_DEBUG", "1")
    with pytest.raises(RuntimeError, match="oh"):
        main(["explain", "-e", "p = x*x"], prog_name="pathdiff")


def test_json_on_a_stream_of_another_encoding_loses_no_name(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(data, encoding="cp1252"))
    with pytest.raises(SystemExit):
        main(["explain", "-e", "α₁ = é*𝛽", "--format", "json"], prog_name="pathdiff")
    record = json.loads(data.getvalue().decode("cp1252"))
    assert [(each["of"], each["wrt"]) for each in record["derivatives"]] == [("α₁", "é"), ("α₁", "𝛽")]
