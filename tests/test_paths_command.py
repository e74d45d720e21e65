"""`pathdiff paths` as people and scripts use it: the whole text, the whole JSON, the whole error."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rich.console import Console

from pathdiff.cli import main
from pathdiff.files import write_text
from pathdiff.listing import Asked, listings
from pathdiff.reader import read_spec
from pathdiff.render.records import paths_json
from pathdiff.render.terminal import paths_text, progress

GRAPHS = Path(__file__).parent.parent / "graphs"
TWO_PATHS = ("-e", "z = x*y; p = sin(z) + x", "--wrt", "x")
AT = ("--at", "x=1,y=2")
LAYERS = "; ".join(
    f"a{layer}_{index} = a{layer}_{index}({', '.join(f'a{layer - 1}_{i}' for i in range(8)) if layer else 'x'})"
    for layer in range(30)
    for index in range(8)
)


class Answer(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    def call(*args: str, columns: int = 80) -> Answer:
        monkeypatch.setenv("COLUMNS", str(columns))
        with pytest.raises(SystemExit) as left:
            main(["paths", *args], prog_name="pathdiff")
        captured = capsys.readouterr()
        return Answer(int(left.value.code or 0), captured.out, captured.err)

    return call


Run = Callable[..., Answer]


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (
            [],
            """\
4 paths from p to x₁
  1  p → h₁ → z₁ → x₁
  2  p → h₂ → z₁ → x₁
  3  p → h₁ → z₂ → x₁
  4  p → h₂ → z₂ → x₁
""",
        ),
        (
            ["--limit", "1"],
            """\
4 paths from p to x₁
  1  p → h₁ → z₁ → x₁
… and 3 more paths: --limit lists more of them, --nth any one
""",
        ),
        (["--limit", "0"], "4 paths from p to x₁\n… and 4 more paths: --limit lists more of them, --nth any one\n"),
        (["--nth", "3"], "4 paths from p to x₁\n  3  p → h₁ → z₂ → x₁\n"),
        (["--rank", "p, h2,z1 ,x1"], "4 paths from p to x₁\n  2  p → h₂ → z₁ → x₁\n"),
        (["--rank", "p->h2 → z1->x1"], "4 paths from p to x₁\n  2  p → h₂ → z₁ → x₁\n"),
        (
            ["--through", "h1"],
            "2 paths from p to x₁ through h₁\n  1  p → h₁ → z₁ → x₁\n  2  p → h₁ → z₂ → x₁\n",
        ),
        (
            ["--through", "h1", "--avoid", "z1"],
            "1 path from p to x₁ through h₁, avoiding z₁\n  1  p → h₁ → z₂ → x₁\n",
        ),
        (["--through", "h1", "--through", "h2"], "0 paths from p to x₁ through h₁ and h₂\n"),
        (["--avoid", "h1", "--nth", "2"], "2 paths from p to x₁ avoiding h₁\n  2  p → h₂ → z₂ → x₁\n"),
        (
            ["--sample", "2", "--seed", "3"],
            """\
4 paths from p to x₁, 2 drawn at random (seed 3)
  2  p → h₂ → z₁ → x₁
  2  p → h₂ → z₁ → x₁
""",
        ),
        (
            ["--by-node"],
            """\
4 paths from p to x₁
  paths
      2  h₁
      2  h₂
      2  z₁
      2  z₂
without values: `p` is abstract, so the paths have no values
""",
        ),
        (
            ["--by-node", "--limit", "1"],
            """\
4 paths from p to x₁
  paths
      2  h₁
… and 3 more nodes; --limit shows them
without values: `p` is abstract, so the paths have no values
""",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_shown(run: Run, args: list[str], text: str) -> None:
    wrt = [] if "--rank" in args else ["--wrt", "x1"]
    assert run(str(GRAPHS / "mlp2.yaml"), *wrt, *args) == Answer(0, text, "")


def test_the_largest_at_a_point(run: Run) -> None:
    assert run(*TWO_PATHS, *AT, "--top", "5").out == (
        """\
2 paths from p to x; their products add up to 0.167706
  path    product  share
     1          1   596%  p → x
     2  −0.832294  −496%  p → z → x
"""
    )


def test_the_nodes_at_a_point(run: Run) -> None:
    assert run("-e", "z = x*y; p = sin(z) + x", *AT, "--by-node").out == (
        """\
2 paths from p to x; their products add up to 0.167706
  paths    product  share
      1  −0.832294  −496%  z

1 path from p to y; its product is −0.416147
  paths    product  share
      1  −0.416147   100%  z
"""
    )


def test_a_derivative_of_0_has_no_shares(run: Run) -> None:
    assert run("-e", "a = 2*x; b = -2*x; p = a + b; q = p", "--of", "p", "--at", "x=1", "--top", "9").out == (
        """\
2 paths from p to x; their products add up to 0
  path  product  share
     1        2      -  p → a → x
     2       −2      -  p → b → x
"""
    )


def test_kinks_are_told_beside_the_numbers(run: Run) -> None:
    kinked = ("-e", "b = relu(x); p = b*3 + x", "--at", "x=0", "--top", "1")
    assert run(*kinked, columns=60).out == (
        """\
2 paths from p to x; their products add up to 2.5
  relu(x) at its kink in b: the mean of the two one-sided
    derivatives is taken
  path  product  share
     2      1.5    60%  p → b → x
"""
    )
    told = "relu(x) at its kink in b: the mean of the two one-sided derivatives is taken"
    assert json.loads(run(*kinked, "--format", "json").out)["notes"] == [told]


def test_no_node_between(run: Run) -> None:
    assert run("-e", "p = x*x", "--by-node", "--at", "x=3").out == (
        "1 path from p to x; its product is 6\n  no node lies between the two\n"
    )


def test_a_path_that_is_wider_than_the_terminal_is_broken_after_an_arrow(run: Run) -> None:
    text = "first_name = sin(x); second_name = cos(first_name); p = second_name*2"
    assert run("-e", text, columns=40).out == ("1 path from p to x\n  1  p → second_name → first_name → x\n")
    assert run("-e", text, columns=30).out == ("1 path from p to x\n  1  p → second_name →\n       first_name → x\n")


def test_ranks_that_are_too_long_for_a_column(run: Run) -> None:
    """The last layer varies fastest, so its index is the last octal digit of 10 ** 15 - 1, and so on."""
    text = f"{LAYERS}; p = p({', '.join(f'a29_{i}' for i in range(8))})"
    assert run("-e", text, "--nth", "1,000,000,000,000,000", columns=60).out == (
        """\
about 1.24×10²⁷ paths from p to x
  1,237,940,039,285,380,274,899,124,224
  1000000000000000
    p → a₂₉,₇ → a₂₈,₇ → a₂₇,₇ → a₂₆,₇ → a₂₅,₇ → a₂₄,₄ →
      a₂₃,₁ → a₂₂,₆ → a₂₁,₄ → a₂₀,₄ → a₁₉,₂ → a₁₈,₇ →
      a₁₇,₇ → a₁₆,₂ → a₁₅,₃ → a₁₄,₄ → a₁₃,₃ → a₁₂,₀ →
      a₁₁,₀ → a₁₀,₀ → a₉,₀ → a₈,₀ → a₇,₀ → a₆,₀ → a₅,₀ →
      a₄,₀ → a₃,₀ → a₂,₀ → a₁,₀ → a₀,₀ → x
"""
    )


def test_a_long_path_in_a_list_is_shown_without_its_middle(run: Run) -> None:
    text = f"{LAYERS}; p = p({', '.join(f'a29_{i}' for i in range(8))})"
    assert run("-e", text, "--limit", "1", columns=70).out == (
        """\
about 1.24×10²⁷ paths from p to x
  1,237,940,039,285,380,274,899,124,224
  1  p → a₂₉,₀ → a₂₈,₀ → a₂₇,₀ → a₂₆,₀ → a₂₅,₀ → a₂₄,₀ → a₂₃,₀ →
       a₂₂,₀ → a₂₁,₀ → a₂₀,₀ → a₁₉,₀ → a₁₈,₀ → a₁₇,₀ → a₁₆,₀ → a₁₅,₀ →
       … 12 nodes … → a₂,₀ → a₁,₀ → a₀,₀ → x
… and about 1.24×10²⁷ more paths: --limit lists more of them, --nth
  any one
"""
    )


def test_json_of_the_first_paths(run: Run) -> None:
    answer = run(str(GRAPHS / "mlp2.yaml"), "--wrt", "x1", "--limit", "2", "--format", "json")
    assert answer == Answer(
        0,
        """\
{"of": "p", "wrt": "x1", "count": 4, "paths_complete": false,
"paths": [
  ["p", "h1", "z1", "x1"],
  ["p", "h2", "z1", "x1"]]}
""",
        "",
    )


def test_json_of_several_derivatives(run: Run) -> None:
    record = json.loads(run(str(GRAPHS / "mlp2.yaml"), "--nth", "4", "--format", "json").out)
    assert record == {
        "results": [
            {
                "of": "p",
                "wrt": wrt,
                "count": 4,
                "paths_complete": False,
                "paths": [["p", "h2", "z2", wrt]],
                "ranks": [4],
            }
            for wrt in ("x1", "x2")
        ]
    }


def test_json_of_the_largest_and_of_the_nodes(run: Run) -> None:
    assert json.loads(run(*TWO_PATHS, *AT, "--top", "2", "--format", "json").out) == {
        "of": "p",
        "wrt": "x",
        "count": 2,
        "paths_complete": True,
        "value": pytest.approx(0.16770632690571522),
        "paths": [["p", "x"], ["p", "z", "x"]],
        "ranks": [1, 2],
        "values": [1.0, pytest.approx(-0.8322936730942848)],
        "shares": [pytest.approx(5.9628042), pytest.approx(-4.9628042)],
    }
    assert json.loads(run(*TWO_PATHS, *AT, "--by-node", "--avoid", "y", "--format", "json").out) == {
        "of": "p",
        "wrt": "x",
        "avoid": ["y"],
        "count": 2,
        "paths_complete": False,
        "value": pytest.approx(0.16770632690571522),
        "paths": [],
        "nodes": [
            {"node": "z", "count": 1, "value": pytest.approx(-0.8322936730942848), "share": pytest.approx(-4.9628042)}
        ],
    }
    assert json.loads(run(*TWO_PATHS, "--by-node", "--through", "z", "--format", "json").out) == {
        "of": "p",
        "wrt": "x",
        "through": ["z"],
        "count": 1,
        "paths_complete": False,
        "why_no_values": "the paths have values at a point only",
        "paths": [],
        "nodes": [{"node": "z", "count": 1}],
    }


def test_json_of_counts_and_ranks_beyond_2_to_53(run: Run) -> None:
    text = f"{LAYERS}; p = p({', '.join(f'a29_{i}' for i in range(8))})"
    record = json.loads(run("-e", text, "--nth", str(8**30), "--format", "json").out)
    assert (record["count"], record["ranks"]) == (str(8**30), [str(8**30)])
    assert record["paths"] == [["p", *(f"a{layer}_7" for layer in reversed(range(30))), "x"]]


def test_json_of_a_value_that_no_float_holds(run: Run) -> None:
    record = json.loads(run("-e", "p = x**3", "--at", "x=10^200", "--top", "1", "--format", "json").out)
    assert (record["value"], record["values"], record["shares"]) == ("3.0e+400", ["3.0e+400"], [1.0])


def test_what_is_streamed_is_the_same_beyond_what_is_written_at_once(run: Run) -> None:
    text = f"{LAYERS}; p = p({', '.join(f'a29_{i}' for i in range(8))})"
    record = json.loads(run("-e", text, "--limit", "2,000", "--format", "json").out)
    assert len({tuple(path) for path in record["paths"]}) == 2000
    sample = json.loads(run("-e", text, "--sample", "1500", "--format", "json").out)
    assert len(sample["paths"]) == len(sample["ranks"]) == 1500
    lines = run("-e", text, "--limit", "2000", columns=400).out.splitlines()
    assert [line.split()[0] for line in lines[2:-1]] == [str(rank) for rank in range(1, 2001)]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (
            [*TWO_PATHS, "--nth", "3"],
            "error[no-such-path]: there are 2 paths from p to x, so none has the rank 3\n  --nth\n",
        ),
        (
            [*TWO_PATHS, "--nth", "2", "--avoid", "z"],
            ("error[no-such-path]: there is 1 path from p to x, so none has the rank 2\n  --nth\n"
            "  note: only the paths that --through and --avoid leave are counted\n"),
        ),
        (
            ["-e", "z = x*y; p = sin(z) + x", "--rank", "p,y"],
            "error[no-such-path]: no path from p to y has an edge p -> y\n  --rank\n",
        ),
        (
            ["-e", "z1 = x*y; p = sin(z1) + x", "--rank", "p,z2,x"],
            "error[unknown-name]: `z2` is not a node of the spec\n  --rank\n  hint: did you mean `z1`?\n",
        ),
        (
            [*TWO_PATHS, "--through", "w"],
            "error[unknown-name]: `w` is not a node of the spec\n  --through\n",
        ),
        (
            [*TWO_PATHS, "--top", "1"],
            "error[no-point]: the paths have values at a point only\n  --at\n  hint: --at x1=1,x2=1/2\n",
        ),
        (
            [*TWO_PATHS, "--nth", "1", "--sample", "2", "--by-node"],
            ("error[usage]: --nth and --sample and --by-node exclude each other: give one of them\n  command line\n"
            "  hint: try `pathdiff paths --help`\n"),
        ),
        (
            [*TWO_PATHS, "--seed", "1"],
            "error[usage]: --seed goes with --sample\n  command line\n  hint: try `pathdiff paths --help`\n",
        ),
        (
            [*TWO_PATHS, "--nth", "0"],
            ("error[usage]: invalid value for '--nth': `0` is not a whole number from 1 on\n  command line\n"
            "  hint: try `pathdiff paths --help`\n"),
        ),
        (
            [*TWO_PATHS, "--limit", "1e3"],
            ("error[usage]: invalid value for '--limit': `1e3` is not a whole number from 0 on\n  command line\n"
            "  hint: try `pathdiff paths --help`\n"),
        ),
        (
            [*TWO_PATHS, "--at", "w=1"],
            ("error[unknown-name]: `w` is not an independent name of the spec\n"
            "  command line:2:6\n   2 | --at w\n     |      ^\n"),
        ),
    ],
    ids=lambda value: " ".join(value[2:]) if isinstance(value, list) else "",
)  # fmt: skip
def test_errors(run: Run, args: list[str], error: str) -> None:
    assert run(*args) == Answer(2, "", error)


def test_a_rank_of_more_digits_than_int_reads(run: Run) -> None:
    answer = run(*TWO_PATHS, "--nth", "1" * 5000)
    assert answer.err.startswith("error[no-such-path]: there are 2 paths from p to x, so none has the rank 111")


@pytest.mark.parametrize("ending", ["txt", "json"])
def test_a_file_is_written_whole_or_not_at_all(run: Run, tmp_path: Path, ending: str) -> None:
    output = tmp_path / f"paths.{ending}"
    assert run(*TWO_PATHS, "-o", str(output)) == Answer(0, "", "")
    form = {"txt": "text", "json": "json"}[ending]
    assert output.read_text(encoding="utf-8") == run(*TWO_PATHS, "--format", form).out

    def interrupted() -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    before = output.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        write_text(output, interrupted())
    assert output.read_bytes() == before
    assert list(tmp_path.iterdir()) == [output]


def test_whoever_has_read_enough_ends_it_quietly() -> None:
    text = f"{LAYERS}; p = p({', '.join(f'a29_{i}' for i in range(8))})"
    command = [sys.executable, "-m", "pathdiff", "paths", "-e", text, "--limit", "10000000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""


def test_all_is_made_while_it_is_read() -> None:
    """More paths than any memory holds: the first lines come at once."""
    spec = read_spec(f"{LAYERS}; p = p({', '.join(f'a29_{i}' for i in range(8))})", inline=True)
    found = listings(spec, (), (), {}, Asked(limit=8**30))
    assert next(iter(paths_text(found))).startswith("about 1.24×10²⁷ paths")
    assert "".join(piece for piece, _ in zip(paths_json(found), range(4), strict=False)).startswith('{"of": "p"')


def test_a_bar_is_shown_of_what_takes_longer_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=screen, force_terminal=True, width=60))
    assert list(progress.watched(iter(range(2000)), 2000)) == list(range(2000))
    assert screen.getvalue() == ""
    monkeypatch.setattr(progress, "SOON", -1.0)
    assert list(progress.watched(iter(range(2000)), 2000)) == list(range(2000))
    assert "/2000" in screen.getvalue()


def test_ascii(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[Any]) -> None:
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["paths", *TWO_PATHS, *AT, "--top", "2"], prog_name="pathdiff")
    assert screen.buffer.getvalue().decode() == (
        """\
2 paths from p to x; their products add up to 0.167706
  path    product  share
     1          1   596%  p -> x
     2  -0.832294  -496%  p -> z -> x
"""
    )
