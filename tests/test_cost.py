"""`pathdiff cost`: the table, JSON, orders that are given, and what goes wrong."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from test_cli import Answer, run  # noqa: F401  # a fixture

import pathdiff
from pathdiff.cost import costs
from pathdiff.reader import read_spec
from pathdiff.render.terminal import cost_text

GRAPHS = Path(__file__).parent.parent / "graphs"
SHARED = "z = x*y; w = sin(z); p = w*z; q = w + z"

TABLE = """\
Jacobian           p, q with respect to x, y: 8 paths, 2 intermediate nodes to
                   eliminate

Cost               every edge counted, local partials free; ±1 free: without the
                   multiplications by 1 and −1
                               multiplications   additions   ±1 free
                   path sum                 12           4         8
                   forward                  10           4         6
                   reverse                   6           2         5
                   Markowitz                 6           2         5
                   search                    6           2         5
                   z, w                     10           4         6

Search             optimal: no order takes fewer than 6 multiplications
                   order: w, z
"""

NARROW = """\
Jacobian
p, q with respect to x, y: 8 paths, 2
intermediate nodes to eliminate

Cost
path sum: 12 multiplications, 4
  additions; 8 multiplications with
  those by ±1 free
forward: 10 multiplications, 4
  additions; 6 multiplications with
  those by ±1 free
reverse: 6 multiplications, 2
  additions; 5 multiplications with
  those by ±1 free
Markowitz: 6 multiplications, 2
  additions; 5 multiplications with
  those by ±1 free
search: 6 multiplications, 2
  additions; 5 multiplications with
  those by ±1 free

Search
optimal: no order takes fewer than 6
multiplications
order: w, z
"""


def table(text: str, width: int, *orders: str) -> str:
    return cost_text(costs(read_spec(text, inline=True), orders=[order.split(",") for order in orders]), width)


def test_the_table() -> None:
    assert table(SHARED, 80, "z,w") == TABLE


def test_the_table_in_a_narrow_terminal() -> None:
    assert table(SHARED, 38) == NARROW


def test_nothing_to_eliminate() -> None:
    assert table("p = x", 80).startswith(
        "Jacobian           p with respect to x: 1 path, no intermediate node\n\nCost "
    )
    assert "Search" not in table("p = x", 80)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    spec = read_spec((GRAPHS / "elimination" / "robot-arm.yaml").read_text(encoding="utf-8"))
    order = pathdiff.Composite(spec).cost().strategies["reverse"].order
    assert order is not None
    text = cost_text(costs(spec, orders=[order]), width)
    assert max(map(len, text.splitlines())) <= width
    assert text.count("301") == 2


def test_json(run: Any) -> None:  # noqa: F811
    answer: Answer = run("cost", "-e", SHARED, "--of", "p", "--format", "json", "--order", "z, w", "--order", "search")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json == {
        "title": "",
        "of": "p",
        "wrt": ["x", "y"],
        "path_count": 4,
        "strategies": {
            "path_sum": counts(6, 2, 6),
            "forward": counts(6, 2, 6, "z", "w"),
            "reverse": counts(3, 1, 3, "w", "z"),
            "markowitz": counts(3, 1, 3, "w", "z"),
            "search": counts(3, 1, 3, "w", "z"),
            "z,w": counts(6, 2, 6, "z", "w"),
        },
        "search": {"optimal": True, "lower_bound": 3, "annealings": 0, "steps": 0, "interrupted": False},
    }


def counts(multiplications: int, additions: int, free: int, *order: str) -> dict[str, Any]:
    return {
        "multiplications": multiplications,
        "additions": additions,
        "multiplications_with_units_free": free,
        "order": list(order),
    }


def test_many_paths_are_counted_without_listing_them(run: Any) -> None:  # noqa: F811
    layers = "; ".join(f"a{i + 1} = a{i} + b{i}; b{i + 1} = a{i}*b{i}" for i in range(60))
    record = run(
        "cost", "-e", f"a0 = x; b0 = sin(x); {layers}; p = a60 + b60", "--budget", "1e-9", "--format", "json"
    ).json
    assert record["path_count"] == str(2**61)
    assert record["strategies"]["path_sum"]["additions"] == str(2**61 - 1)
    assert record["strategies"]["reverse"]["multiplications"] == 2 + 4 * 60


def test_the_costs_are_those_of_the_derivation(run: Any) -> None:  # noqa: F811
    """Both commands count alike where there is one derivative."""
    for path in sorted(GRAPHS.glob("*.yaml")):
        explained = run("explain", str(path), "--format", "json").json["derivatives"]
        for each in explained[:2]:
            record = run("cost", str(path), "--of", each["of"], "--wrt", each["wrt"], "--format", "json").json
            for name, cost in each["cost"].items():
                found = record["strategies"][name]
                assert {key: found[key] for key in cost} == cost, (path, each["of"], each["wrt"], name)


def test_elementary(run: Any) -> None:  # noqa: F811
    record = run("cost", "-e", "s = sin(x*y)", "--elementary", "--format", "json").json
    assert record["strategies"]["search"] == counts(2, 0, 2, "s_1")
    assert run("explain", "-e", "s = sin(x*y)", "--elementary", "--wrt", "x", "--format", "json").json["derivatives"][
        0
    ]["paths"] == [["s", "s_1", "x"]]


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (
            "serch",
            (
                "`serch` is neither the name of an order nor all intermediate nodes\n  --order\n  hint: forward, "
                "reverse, markowitz, search, or nodes with commas between\n"
            ),
        ),
        ("z", "the order leaves out `w`\n  --order\n  note: every intermediate node is eliminated\n"),
        ("z,ww", "`ww` is not an intermediate node between\n  --order\n  hint: did you mean `w`?\n"),
    ],
)
def test_orders_that_are_none(run: Any, order: str, error: str) -> None:  # noqa: F811
    assert run("cost", "-e", SHARED, "--order", order) == Answer(2, "", f"error[wrong-order]: {error}")


def test_an_interrupted_search_is_answered_and_says_so(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pathdiff.elimination.search.annealed", interrupted)
    answer = run("cost", str(GRAPHS / "elimination" / "robot-arm.yaml"), "--format", "json")
    assert answer.code == 0
    assert answer.err == "the search was interrupted: this is the best order so far\n"
    record = json.loads(answer.out)
    assert record["search"]["interrupted"]
    assert record["strategies"]["search"]["multiplications"] == 288


ELIMINATION = """\
Elimination        z, w; 6 multiplications, 2 additions
                   1   z is eliminated: 4 multiplications, 0 additions so far
                       w → x: ∂w/∂z ∂z/∂x
                       w → y: ∂w/∂z ∂z/∂y
                       p → x: ∂p/∂z ∂z/∂x
                       p → y: ∂p/∂z ∂z/∂y
                   2   w is eliminated: 6 multiplications, 2 additions so far
                       c₁ = ∂w/∂z ∂z/∂x
                       c₂ = ∂w/∂z ∂z/∂y
                       p → x: + ∂p/∂w c₁
                       p → y: + ∂p/∂w c₂
                   so, what is used once put in its place:
                   ∂p/∂x = ∂p/∂z ∂z/∂x + ∂p/∂w ∂w/∂z ∂z/∂x
                   ∂p/∂y = ∂p/∂z ∂z/∂y + ∂p/∂w ∂w/∂z ∂z/∂y
                   ✓ the elimination gives the path sums: 2 steps with 6
                     products and all counts made again on the spec's own edges;
                     the results, polynomials of degree 3 at most, equal at 3
                     random points modulo 2**61 - 1, error probability below
                     1e-53
"""


def test_explain_shows_an_elimination_step_by_step(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("COLUMNS", "80")
    answer = run("explain", "-e", SHARED, "--of", "p", "--order", "z,w")
    assert answer.code == 0
    assert answer.out.endswith(f"\n\n{ELIMINATION}")


def test_an_elimination_in_latex(run: Any, need: Any, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "p.tex"
    arguments = ["--of", "p", "--order", "z,w", "--order", "reverse", "-o", str(path)]
    assert run("explain", "-e", SHARED, *arguments).code == 0
    text = path.read_text(encoding="utf-8")
    assert r"\subsection*{\raggedright Elimination (reverse)}" in text
    assert r"\paragraph{$z$ is eliminated} (4 multiplications and 0 additions so far):" in text
    assert r"p \to x &\colon\ {} + \frac{\partial p}{\partial w} c_{1}" in text
    command = [need("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", path.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"Overfull" not in done.stdout


def test_nor_in_latex_does_a_label_equal_itself() -> None:
    text = pathdiff.parse("z = sin(x); p = z*y").explain(orders="reverse").latex()
    results = text[text.index("The results") :]
    assert r"\frac{\partial p}{\partial y} &" in results
    assert r"&= \frac{\partial p}{\partial y}" not in results


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--order", "reverse", "--format", "standalone"], "--order does not go with the format standalone"),
        (["--trace", "--format", "json"], "--trace goes with the formats text, latex, latex-fragment"),
        (["--trace", "--format", "markdown"], "--trace goes with the formats text, latex, latex-fragment"),
        (["--seed", "0"], "--seed goes with --order search"),
        (["--order", "reverse", "--budget", "1"], "--budget goes with --order search"),
        (["--dask", "tcp://127.0.0.1:1"], "--dask goes with --order search"),
    ],
)
def test_an_option_that_nothing_would_come_of_is_an_error(run: Any, words: list[str], told: str) -> None:  # noqa: F811
    answer = run("explain", "-e", SHARED, *words)
    assert (answer.code, answer.out) == (2, "")
    assert told in answer.err if "json" not in words else told in json.loads(answer.err)["errors"][0]["message"]


def test_an_elimination_as_json(run: Any) -> None:  # noqa: F811
    text = "z = x*y; w = sin(z); p = w*z"
    record = run("explain", "-e", text, "--wrt", "x", "--order", "reverse", "--format", "json").json
    assert record["eliminations"] == [
        {
            "name": "reverse",
            "order": ["w", "z"],
            "agreement": {
                "verdict": "agree",
                "methods": [
                    (
                        "forms: checked, 2 steps with 2 products and all counts made again on the spec's own edges; "
                        "the results, polynomials of degree 3 at most, equal at 3 random points modulo 2**61 - 1, "
                        "error probability below 1e-53"
                    )
                ],
            },
            "multiplications": 2,
            "additions": 1,
            "complete": True,
            "steps": [
                {
                    "node": "w",
                    "lines": [],
                    "products": [{"of": "p", "wrt": "z", "factors": ["p->w", "w->z"], "absorbed": True}],
                    "multiplications": 1,
                    "additions": 1,
                },
                {
                    "node": "z",
                    "lines": [{"name": "c1", "of": "p", "wrt": "z", "terms": [["p->z"], ["p->w", "w->z"]]}],
                    "products": [{"of": "p", "wrt": "x", "factors": ["c1", "z->x"], "absorbed": False}],
                    "multiplications": 2,
                    "additions": 1,
                },
            ],
            "results": [{"of": "p", "wrt": "x", "terms": [["c1", "z->x"]]}],
        }
    ]


# What is asked for.


@pytest.mark.parametrize("command", ["cost", "explain"])
@pytest.mark.parametrize("budget", ["inf", "nan", "-1", "0", "1e999", "soon"])
def test_a_budget_that_is_no_time_is_an_error_of_use(run: Any, command: str, budget: str) -> None:  # noqa: F811
    answer = run(command, "-e", SHARED, f"--budget={budget}")
    assert (answer.code, answer.out) == (2, "")
    assert f"`{budget}` is not a finite number of seconds above 0" in answer.err


def test_a_budget_of_any_size_ends_where_the_order_is_optimal(run: Any) -> None:  # noqa: F811
    assert run("cost", "-e", SHARED, "--budget", "1e300").code == 0


@pytest.mark.parametrize("command", ["cost", "explain"])
def test_seeds_are_the_same_numbers_everywhere(run: Any, command: str) -> None:  # noqa: F811
    order = ["--order", "search"] if command == "explain" else []
    assert run(command, "-e", SHARED, *order, "--seed", "1,000").code == 0
    answer = run(command, "-e", SHARED, "--seed", "-1")
    assert (answer.code, answer.out) == (2, "")
    assert "`-1` is not a whole number from 0 on" in answer.err


@pytest.mark.parametrize("command", ["cost", "explain"])
def test_a_point_has_names_of_the_spec(run: Any, command: str) -> None:  # noqa: F811
    answer = run(command, "-e", SHARED, "--at", "zzz=1")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error[unknown-name]: `zzz` is not an independent name")


NO_ORDER = """\
error[wrong-order]: `path_sum` is neither the name of an order nor all intermediate nodes
  --order
  note: the path sum eliminates nothing
  hint: forward, reverse, markowitz, search, or nodes with commas between
"""
AMBIGUOUS = """\
error[wrong-order]: `reverse` is an order, and the one intermediate node
  --order
  hint: `reverse,` is the node
"""


@pytest.mark.parametrize("command", ["cost", "explain"])
def test_orders_are_read_alike(run: Any, command: str) -> None:  # noqa: F811
    assert run(command, "-e", SHARED, "--order", "path_sum") == Answer(2, "", NO_ORDER)
    assert run(command, "-e", "reverse = x*y; p = sin(reverse)", "--order", "reverse") == Answer(2, "", AMBIGUOUS)
    for text, order in (
        ("reverse = x*y; p = sin(reverse)", "reverse,"),
        ("reverse = x*y; w = x*reverse; p = sin(reverse)*w", "reverse"),
        ("reverse = x*y; w = x*reverse; p = sin(reverse)*w", "w, reverse"),
        ("p = x*y", ""),
        (SHARED, "z,w,"),
    ):
        assert run(command, "-e", text, "--order", order).code == 0, order


def test_a_node_called_like_a_strategy_takes_nothing_from_it() -> None:
    found = costs(read_spec("reverse = x*y; p = sin(reverse)", inline=True), orders=["reverse,"])
    assert list(found.strategies) == ["path_sum", "forward", "reverse", "markowitz", "search", "reverse,"]


def test_python_takes_one_name_and_one_order() -> None:
    model = pathdiff.parse("loss = z*z; z = a*x")
    assert model.cost(of="loss", wrt="a").of == ("loss",)
    assert list(model.cost("loss", "a", "z").strategies)[-1] == "z"
    assert [each.name for each in model.explain("loss", "a", orders="reverse").eliminations] == ["reverse"]
    assert [each.name for each in model.explain("loss", "a", orders=[["z"], "search"]).eliminations] == ["", "search"]


# What is known of an order that was searched for.


def test_a_derivative_that_is_a_label_is_not_said_to_equal_itself(run: Any) -> None:  # noqa: F811
    answer = run("explain", "-e", "s = 3*x + y; r = s*x", "--of", "s", "--of", "r", "--wrt", "x", "--order", "forward")
    assert (
        """\
                   so, what is used once put in its place:
                   ∂s/∂x
                   dr/dx = ∂r/∂x + ∂r/∂s ∂s/∂x
"""
        in answer.out
    )


def test_explain_says_what_is_known_of_a_searched_order(run: Any) -> None:  # noqa: F811
    answer = run("explain", "-e", SHARED, "--order", "search")
    assert "optimal: no order takes fewer than 6 multiplications" in answer.out
    answer = run("explain", "-e", SHARED, "--order", "search", "--format", "latex")
    assert "Optimal: no order takes fewer than 6 multiplications." in answer.out
    known = {"optimal": True, "lower_bound": 6, "annealings": 0, "steps": 0, "interrupted": False}
    first, second = run("explain", "-e", SHARED, "--order", "search", "--order", "reverse", "--format", "json").json[
        "eliminations"
    ]
    assert first["search"] == known
    assert "search" not in second


def test_explain_says_that_a_search_was_interrupted(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pathdiff.elimination.search.annealed", interrupted)
    path = str(GRAPHS / "elimination" / "robot-arm.yaml")
    text = run("explain", path, "--order", "search")
    assert text.code == 0
    assert text.err == "the search was interrupted: this is the best order so far\n"
    words = " ".join(text.out.split())
    assert "best found, by 1 annealing, 0 steps together; no order takes fewer than 221 multiplications" in words
    assert "interrupted before its end" in words
    latex = run("explain", path, "--order", "search", "--format", "latex").out
    assert "Best found, by 1 annealing; no order takes fewer than 221 multiplications. The search was" in latex
    assert run("explain", path, "--order", "search", "--format", "json").json["eliminations"][0]["search"] == {
        "optimal": False, "lower_bound": 221, "annealings": 1, "steps": 0, "interrupted": True,
    }  # fmt: skip


def test_latex_says_how_many_steps_it_leaves_out() -> None:
    chain = "; ".join(f"v{i + 1} = sin(v{i})" for i in range(62))
    for text, told in ((f"{chain}; p = cos(v61)", "1 more step is left out."), (f"{chain}; p = v62*v0", "")):
        found = pathdiff.parse(text).explain("p", orders="reverse").latex()
        assert (told in found) if told else ("2 more steps are left out." in found)
        assert "follow" not in found
