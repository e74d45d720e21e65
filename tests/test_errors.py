"""What is wrong with an input is said in full: the code, the place, the line, the mark, a note, a hint."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import any_trees, in_order_of_first_use

from pathdiff.diagnostics import Diagnostic, InputError, Place, printable
from pathdiff.evaluation import evaluated
from pathdiff.explain import explained
from pathdiff.expression import Expression
from pathdiff.grammar import operations, parse
from pathdiff.limits import limit
from pathdiff.listing import Asked, listings
from pathdiff.reader import build_spec, read_constant, read_spec
from pathdiff.source import Source, Text
from pathdiff.syntax import Span

TESTS = Path(__file__).parent
SOURCES = TESTS.parent / "pathdiff"


def answer(read: Callable[..., Any], *args: Any, **options: Any) -> str:
    """The whole text of the errors."""
    with pytest.raises(InputError) as error:
        read(*args, **options)
    return str(error.value)


def cases(name: str) -> list[Any]:
    """Pairs of a text and the answer to it, from a file in the folder `corpus`."""
    blocks = (TESTS / "corpus" / name).read_text(encoding="utf-8").split("=" * 60 + "\n")[1:]
    pairs = [block.split("-" * 60 + "\n") for block in blocks]
    return [pytest.param(text, expected.removesuffix("\n"), id=text[:20]) for text, expected in pairs]


@pytest.mark.parametrize(("text", "expected"), cases("errors-in-specs.txt"))
def test_errors_in_specs(text: str, expected: str) -> None:
    assert answer(read_spec, text, "f.yaml") == expected


@pytest.mark.parametrize(("text", "expected"), cases("errors-in-inline-text.txt"))
def test_errors_in_inline_text(text: str, expected: str) -> None:
    assert answer(read_spec, text.removesuffix("\n"), "-e", inline=True) == expected


EXPRESSIONS = (TESTS / "corpus" / "errors-in-expressions.txt").read_text(encoding="utf-8").split("\n\n")[1:]


@pytest.mark.parametrize("block", EXPRESSIONS, ids=lambda block: block.split("\n")[0][:20])
def test_errors_in_expressions(block: str) -> None:
    text, expected = block.removesuffix("\n").split("\n", 1)
    assert answer(read_spec, f"p = {text}", "-e", inline=True) == expected


# What no editor shows as it is.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "",
            [
                "error[empty-spec]: this spec is empty",
                "  f.yaml:1:1",
                "   1 | ",
                "     | ^",
                "  hint: a spec has at least `nodes:` and below it a line like `p: x**2`",
            ],
        ),
        (
            "nodes:\n\tp: x\n",
            [
                "error[yaml]: this is not YAML: found character that cannot start any token",
                "  f.yaml:2:1",
                "   2 |     p: x",
                "     | ^^^^",
                "  note: while scanning for the next token",
                "  hint: indent with spaces; a value that begins with @, ` or % needs quotes",
            ],
        ),
        (
            "nodes:\n  é𝛼: x\0y\n",
            [
                "error[bad-character]: the character U+0000 may not stand in a spec",
                "  f.yaml:2:8",
                "   2 |   é𝛼: x\\x00y",
                "     |        ^^^^",
                "  hint: a spec is a text file, in UTF-8",
            ],
        ),
        (
            "nodes:\n  p: x\ud800\n",
            [
                "error[bad-character]: the character U+D800 may not stand in a spec",
                "  f.yaml:2:7",
                "   2 |   p: x\\ud800",
                "     |       ^^^^^^",
                "  hint: a spec is a text file, in UTF-8",
            ],
        ),
        (
            "nodes:\n  世: 1\t+\t2x\t+ y\n",
            [
                "error[missing-operator]: an operator is missing between `2` and `x`",
                "  f.yaml:2:11",
                "   2 |   世: 1    +    2x    + y",
                "     |                  ^",
                "  hint: write `2*x` for a product",
            ],
        ),
        (
            "nodes:\r\n  p: x\r\n  q: 2x\r\n  r: 3y",
            [
                "error[missing-operator]: an operator is missing between `2` and `x`",
                "  f.yaml:3:7",
                "   3 |   q: 2x",
                "     |       ^",
                "  hint: write `2*x` for a product",
                "",
                "error[missing-operator]: an operator is missing between `3` and `y`",
                "  f.yaml:4:7",
                "   4 |   r: 3y",
                "     |       ^",
                "  hint: write `3*y` for a product",
            ],
        ),
        (
            "\ufeffnodes: {p: $}",
            [
                "error[unknown-sign]: `$` is not part of an expression",
                "  f.yaml:1:12",
                "   1 | nodes: {p: $}",
                "     |            ^",
                "  hint: this is not LaTeX: write the expression without $",
            ],
        ),
        (
            "nodes:\n  p: x + \x85    2y\n",
            [
                "error[missing-operator]: an operator is missing between `2` and `y`",
                "  f.yaml:2:16",
                "   2 |   p: x + \\x85    2y",
                "     |                   ^",
                "  hint: write `2*y` for a product",
            ],
        ),
        (
            'nodes:\n  "\\x1b[31m": "\\u202ex"\n',
            [
                "error[bad-name]: `\\x1b[31m` cannot be a name",
                "  f.yaml:2:4",
                '   2 |   "\\x1b[31m": "\\u202ex"',
                "     |    ^^^^^^^^",
                "  hint: a name is letters, digits and _, and begins with a letter",
            ],
        ),
    ],
    ids=["empty", "tab", "NUL", "surrogate", "tabs", "CRLF", "BOM", "NEL", "escapes"],
)
def test_errors_among_what_is_not_seen(text: str, expected: list[str]) -> None:
    assert answer(read_spec, text, "f.yaml").split("\n") == expected


def test_errors_in_parts_and_values_name_what_was_given() -> None:
    assert answer(build_spec, "", ["x"], None, {"f(t)": "2t"}, {"p": "f(y)"}, {}, {}) == (
        "error[missing-operator]: an operator is missing between `2` and `t`\n"
        "  f(t):1:2\n"
        "   1 | 2t\n"
        "     |  ^\n"
        "  hint: write `2*t` for a product\n"
        "\n"
        "error[unknown-name]: `y` is not defined\n"
        "  p:1:3\n"
        "   1 | f(y)\n"
        "     |   ^\n"
        "  note: the spec declares its inputs, so every other name must be a node"
    )
    assert answer(read_constant, "2*x", "--at x") == (
        "error[not-a-number]: a value cannot depend on `x`\n"
        "  --at x:1:3\n"
        "   1 | 2*x\n"
        "     |   ^\n"
        "  hint: give a number, like 0.5, 1/3 or sqrt(2)"
    )


def test_a_spec_in_which_nothing_depends_on_anything() -> None:
    assert answer(explained, read_spec("p = 2*pi", "-e", inline=True)) == (
        "error[nothing-to-derive]: there is nothing to derive: no expression uses a name\n  -e"
    )


def test_an_operation_without_a_value_is_shown_as_far_as_it_is_short() -> None:
    """Its arguments, written out, have 2^40 operations."""
    doubling = "; ".join(f"f{index + 1}(t) = f{index}(t)/2 + f{index}(t)/2" for index in range(40))
    spec = read_spec(
        f"f0(t) = -t; {doubling}; a = x/2; z = 1 + log(f40(a))",
        "-e",
        inline=True,
    )
    first, *_, note = answer(explained, spec, at={"x": read_constant("1", "x")}).split("\n")
    assert first == "error[outside-domain]: `z` has no value at this point: log(-0.5), which is defined for x > 0 only"
    assert note.startswith("  note: the operation is `log(")
    assert note.endswith("…`, where a = 0.5")
    assert len(note) < 250


def test_an_expression_has_a_greatest_length() -> None:
    text = "x" + "+x" * limit("expression")
    assert answer(read_spec, f"p = {text}", "-e", inline=True) == (
        "error[too-long]: an expression has at most 120,000 characters\n"
        "  -e:1:5\n"
        f"   1 | p = {'x+' * 48}…\n"
        f"     |     {'^' * 96}\n"
        "  hint: give its parts nodes of their own, or raise the limit: "
        "PATHDIFF_LIMITS=expression=1200000 in the environment allows ten times as much"
    )


def test_functions_that_grow_without_bound_are_stopped() -> None:
    """Each f calls the one before twice, one inside the other: f60 would have 2^60 operations."""
    doubling = "".join(f"  f{index + 1}(t): f{index}(f{index}(t))\n" for index in range(60))
    assert answer(read_spec, f"functions:\n  f0(t): t*t\n{doubling}nodes:\n  z: f60(x)\n", "f.yaml") == (
        "error[too-many-operations]: the functions put more than 100,000 operations into this spec\n"
        "  f.yaml:18:11\n"
        "  18 |   f16(t): f15(f15(t))\n"
        "     |           ^^^\n"
        "  hint: give parts of the expressions nodes of their own, or raise the limit: "
        "PATHDIFF_LIMITS=operations=1000000 in the environment allows ten times as much"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 100_000, "too-deep"),
        ("nodes: " + "{a: " * 100_000, "too-deep"),
        ("- " * 100_000, "too-deep"),
        ("? " * 100_000, "too-deep"),
        ("".join(" " * i + "a:\n" for i in range(500)), "too-deep"),
        ("a: &a [x, x]\n" + "".join(f"{n}: &{n} [{', '.join(['*a'] * 9)}]\n" for n in "bcdefghi"), "alias"),
        ("nodes: {p: " + "1" * 100_000 + "}", "number-too-long"),
        ("nodes: {p: 1e999999999}", "number-too-long"),
        ("nodes: {p: x" + "²" * 4001 + "}", "number-too-long"),
        ("nodes:\n  p: " + "(" * 100_000 + "x", "unbalanced-bracket"),
        ("nodes:\n  p: x" + ")" * 100_000, "unbalanced-bracket"),
        ("nodes:\n  p: " + "a" * 100_000 + " + b c", "name-too-long"),
        ("nodes:\n  p: a" + " " * 100_000 + "b", "missing-operator"),
        ("nodes:\n  p: " + "x+" * 500_000 + "x", "too-long"),
        ("inputs: [x]\nnodes:\n  p: " + "a" * 50_000 + " + " + "b" * 50_000, "name-too-long"),
        ("inputs: [x]\nnodes:\n" + "".join(f"  node{i}: nude{i}\n" for i in range(2000)), "unknown-name"),
        ("nodes:\n" + "".join(f"  n{i}: n{(i + 1) % 20_000}\n" for i in range(20_000)), "cycle"),
        ("functions:\n" + "".join(f"  f{i}(t): f{(i + 1) % 3000}(t)\n" for i in range(3000)), "function-cycle"),
        ("nodes:\n" + "  a: x\n" * 5000, "duplicate-key"),
        ("nodes: {p: x}\nderive: [" + "b," * 5000 + "]", "unknown-name"),
        ("nodes: {p: x}\nat: {" + ",".join(f"a{i}: 1" for i in range(5000)) + "}", "unknown-name"),
    ],
    ids=lambda text: text[:12],
)
def test_bombs_end_at_once_with_a_short_answer(text: str, code: str) -> None:
    first = answer(read_spec, text).split("\n\n")[0]
    assert f"error[{code}]" in answer(read_spec, text)
    assert len(first) < 2000


def test_names_have_a_greatest_length() -> None:
    name = "n" * 1001
    assert answer(read_spec, f"p = 2*{name}", "-e", inline=True) == (
        "error[name-too-long]: a name has at most 1,000 characters\n"
        "  -e:1:7\n"
        f"   1 | p = 2*{'n' * 94}…\n"
        f"     |       {'^' * 94}"
    )
    assert answer(read_spec, f"{name} = x", "-e", inline=True).split("\n")[0] == (
        "error[name-too-long]: a name has at most 1,000 characters"
    )


def test_a_spec_has_a_greatest_number_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATHDIFF_LIMITS", "values=6")
    assert answer(read_spec, "nodes:\n  p: 2x\n  q: y\n", "f.yaml") == (
        "error[too-many-values]: a spec has at most 6 keys and values\n"
        "  f.yaml:3:6\n"
        "   3 |   q: y\n"
        "     |      ^\n"
        "  hint: PATHDIFF_LIMITS=values=60 in the environment allows ten times as much"
    )


def test_limits_are_raised_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "p = x + " + "1" * 4001
    assert answer(read_spec, text, "-e", inline=True).endswith(
        "\n  hint: PATHDIFF_LIMITS=digits=40000 in the environment allows ten times as much"
    )
    monkeypatch.setenv("PATHDIFF_LIMITS", " expression = 9000, digits=5000 ")
    assert read_spec(text, "-e", inline=True).nodes
    assert (limit("expression"), limit("digits"), limit("operations")) == (9000, 5000, 100_000)
    monkeypatch.setenv("PATHDIFF_LIMITS", "digit=5000")
    assert answer(read_spec, text, "-e", inline=True) == (
        "error[bad-limit]: there is no limit `digit`\n  PATHDIFF_LIMITS\n  hint: did you mean `digits`?"
    )
    monkeypatch.setenv("PATHDIFF_LIMITS", "digits=many")
    assert answer(read_spec, text, "-e", inline=True) == (
        "error[bad-limit]: the limit `digits` must be a whole number, not `many`\n"
        "  PATHDIFF_LIMITS\n"
        "  hint: PATHDIFF_LIMITS=digits=4000"
    )


def test_expressions_that_are_too_much_together_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATHDIFF_LIMITS", "tokens=9")
    assert answer(read_spec, "a = x*y + 1; b = a**2 + a", "-e", inline=True) == (
        "error[too-long]: the expressions up to here have more than 9 names, numbers and signs\n"
        "  -e:1:18\n"
        "   1 | a = x*y + 1; b = a**2 + a\n"
        "     |                  ^^^^^^^^\n"
        "  hint: the limit may be raised: PATHDIFF_LIMITS=tokens=90 in the environment allows ten times as much"
    )
    assert read_spec("a = x*y + 1", inline=True).nodes


def test_of_a_message_too_long_to_read_the_middle_is_left_out() -> None:
    error = Diagnostic("usage", f"`{'7' * 17_000}` is not NAME=VALUE", "command line", note="8" * 601, hint="9" * 600)
    assert str(error) == (
        f"error[usage]: `{'7' * 299} … {'7' * 281}` is not NAME=VALUE\n"
        "  command line\n"
        f"  note: {'8' * 300} … {'8' * 300}\n"
        f"  hint: {'9' * 600}"
    )


def test_of_very_many_errors_the_first_are_shown() -> None:
    lines = "".join(f"  n{i}: $\n" for i in range(1000))
    blocks = answer(read_spec, f"nodes:\n{lines}").split("\n\n")
    assert len(blocks) == 101
    assert blocks[99].startswith("error[unknown-sign]: `$` is not part of an expression\n  <spec>:101:8\n")
    assert blocks[100] == "... and 900 more errors"
    assert answer(read_spec, f"nodes:\n{lines[:-1]}"[: len("nodes:\n") + lines.index("  n101:")]).endswith(
        "\n\n... and 1 more error"
    )


def test_all_nodes_without_a_value_are_told_but_not_what_depends_on_them() -> None:
    spec = read_spec("a = 1 + log(x)*2; b = a + 1; c = 3/(x + y)/5; d = sqrt(b); e = y", "-e", inline=True)
    point = {"x": read_constant("-1", "x"), "y": read_constant("1", "y")}
    assert answer(explained, spec, at=point) == (
        "error[outside-domain]: `a` has no value at this point: log(-1), which is defined for x > 0 only\n"
        "  -e:1:9\n"
        "   1 | a = 1 + log(x)*2; b = a + 1; c = 3/(x + y)/5; d = sqrt(b); e = y\n"
        "     |         ^^^^^^\n"
        "  note: the operation is `log(x)`, where x = -1\n"
        "\n"
        "error[outside-domain]: `c` has no value at this point: a division by 0\n"
        "  -e:1:34\n"
        "   1 | a = 1 + log(x)*2; b = a + 1; c = 3/(x + y)/5; d = sqrt(b); e = y\n"
        "     |                                  ^^^^^^^^^\n"
        "  note: the operation is `3/(x + y)`, where x = -1, y = 1"
    )


def test_an_operation_in_a_function_is_marked_at_its_call() -> None:
    spec = read_spec("f(t) = 1 + log(t); p = 2*f(x - 1)", "-e", inline=True)
    assert answer(explained, spec, at={"x": read_constant("0", "x")}) == (
        "error[outside-domain]: `p` has no value at this point: log(-1), which is defined for x > 0 only\n"
        "  -e:1:26\n"
        "   1 | f(t) = 1 + log(t); p = 2*f(x - 1)\n"
        "     |                          ^^^^^^^^\n"
        "  note: the operation is `log(x - 1)`, where x = 0"
    )


@pytest.mark.parametrize(
    ("text", "marked"),
    [("x*y/z*2/w", ["x*y", "x*y/z", "x*y/z*2", "x*y/z*2/w"]), ("(a + b)*c*-d", ["-d", "(a + b)*c*-d"])],
)
def test_each_quotient_in_a_product_is_an_operation(text: str, marked: list[str]) -> None:
    found = [text[span.start : span.end] for part, span in operations(text) if part.kind in ("*", "/", "neg")]
    assert list(dict.fromkeys(found)) == marked


def test_a_quotient_of_two_nothings_has_no_value() -> None:
    spec = read_spec("p = x*(0*0*0)/(-0*0*0)", "-e", inline=True)
    assert answer(explained, spec, at={"x": read_constant("1", "x")}) == (
        "error[outside-domain]: `p` has no value at this point: a division by 0\n"
        "  -e:1:5\n"
        "   1 | p = x*(0*0*0)/(-0*0*0)\n"
        "     |     ^^^^^^^^^^^^^^^^^^\n"
        "  note: the operation is `x*(0*0*0)/(-0*0*0)`, where x = 1"
    )


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("p = x/0", ["p has no value at any point: x/0 is a division by 0"]),
        ("p = 2 + x*log(-1)", ["p has no value at any point: log(-1) is no real number"]),
        ("p = 1/(x - y - x + y)", ["p has no value at any point: 1/(x - y - x + y) is a division by 0"]),
        ("p = x/y", []),
    ],
)
def test_what_no_point_gives_a_value_to_is_named(text: str, notes: list[str]) -> None:
    explanation = explained(read_spec(text, "-e", inline=True))
    assert list(explanation.notes) == notes
    assert explanation.verdict == ("undecided" if notes else "agree")


@given(any_trees())
def test_the_operations_of_an_expression_stand_where_their_texts_are(tree: Any) -> None:
    text = str(Expression(tree, ["x", "y", "z"]))
    found = operations(text)
    assert found[-1] == (parse(text).tree, Span(0, len(text)))
    for part, span in found:
        assert parse(text[span.start : span.end]).tree is in_order_of_first_use(part)


@pytest.mark.parametrize(
    ("text", "normal", "places"),
    [
        ("abc", "abc", None),
        ("e\u0301 + ｗ", "é + w", [3, 5, 6, 7, 8]),
        ("x₁ x² 𝛽 ﬁ ″", "x₁ x² 𝛽 ﬁ ″", None),
        ("\u0301e\u0323\u0301", "\u0301ẹ\u0301", [3, 4, 5]),
    ],
)
def test_names_that_look_alike_are_alike_and_keep_their_places(text: str, normal: str, places: Any) -> None:
    found = Text(text, Source("s", f"p: {text}"), 3).normal
    assert (found.value, found.places) == (normal, places)


def test_a_long_message_is_cut_in_its_middle() -> None:
    name = "n" * 1000
    assert answer(read_spec, f"inputs: [x]\nnodes:\n  p: {name}").split("\n")[0] == (
        f"error[unknown-name]: `{'n' * 199}…{'n' * 83}` is not defined"
    )


@pytest.mark.parametrize(
    ("text", "start", "end", "place", "line"),
    [
        ("ab\ncd\n", 0, 1, Place(1, 1, 2), "ab"),
        ("ab\ncd\n", 3, 5, Place(2, 1, 3), "cd"),
        ("ab\ncd\n", 1, 5, Place(1, 2, 3), "ab"),
        ("ab\ncd\n", 2, 3, Place(1, 3, 4), "ab"),
        ("ab\r\ncd\rde", 4, 5, Place(2, 1, 2), "cd"),
        ("ab\r\ncd\rde", 8, 9, Place(3, 2, 3), "de"),
        ("ab\n\n \n", 6, 7, Place(1, 3, 4), "ab"),
        ("ab\x0bcd\u2028ef", 6, 8, Place(1, 7, 9), "ab\x0bcd\u2028ef"),
        ("", 0, 1, Place(1, 1, 2), ""),
        ("a", 5, 9, Place(1, 2, 3), "a"),
    ],
)
def test_places_are_lines_and_columns(text: str, start: int, end: int, place: Place, line: str) -> None:
    found = Source("s", text).diagnostic("code", "message", start, end)
    assert (found.place, found.line_text) == (place, line)


def test_a_part_of_a_text_keeps_its_place() -> None:
    source = Source("s", 'k: "  a \\t b "')
    text = Text("  a \t b ", source, 3, [4, 5, 6, 7, 8, 10, 11, 12])
    part = text.slice(1, 7)
    assert (part.value, part.places) == ("a \t b", [6, 7, 8, 10, 11])
    assert part.problem("c", "m", 2, 5).place == Place(1, 9, 13)
    assert text.slice(0, 2).problem("c", "m").place == Place(1, 7, 8)


def test_errors_come_in_order_of_place() -> None:
    where = [Place(2, 1, 2), None, Place(1, 5, 6), Place(1, 2, 3)]
    error = InputError(Diagnostic("code", str(index), "f", place) for index, place in enumerate(where))
    assert [diagnostic.message for diagnostic in error.diagnostics] == ["3", "2", "0", "1"]


@given(any_trees(), st.data())
def test_a_damaged_expression_is_marked_inside_itself(tree: Any, data: st.DataObject) -> None:
    """A good expression with some characters struck out or put in: read, or refused with the line and a mark in it."""
    text = list(str(Expression(tree, ["x", "y", "z"])))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 2))] = data.draw(st.text(st.sampled_from("()+*,.^ x2=[é²"), max_size=2))
    damaged = "".join(text)
    try:
        read_spec(f"nodes:\n  p: |\n    {damaged.strip() or '$'}\n", "f")
    except InputError as error:
        for diagnostic in error.diagnostics:
            place = diagnostic.place
            assert place is not None
            assert place.line == 3
            assert diagnostic.line_text == f"    {damaged.strip() or '$'}"
            assert 5 <= place.column < place.end <= len(diagnostic.line_text) + 2


@given(st.text(max_size=60), st.booleans())
def test_any_text_is_a_spec_or_has_errors_inside_it(text: str, inline: bool) -> None:
    try:
        read_spec(text, "f", inline=inline)
    except InputError as error:
        lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
        for diagnostic in error.diagnostics:
            place = diagnostic.place
            assert place is not None
            assert diagnostic.line_text == lines[place.line - 1]
            assert 1 <= place.column <= len(diagnostic.line_text) + 1
            assert printable(str(diagnostic)) == str(diagnostic)


@given(
    st.lists(st.sampled_from(["nodes:", "inputs: [x]", "at: {x: 1}", "derive: p", "title: t"]) | st.text(max_size=9))
)
def test_lines_that_look_like_a_spec(lines: list[str]) -> None:
    text = "\n".join(line if ":" in line else f"  {line}: x + {line}" for line in lines)
    found: tuple[Diagnostic, ...] = ()
    try:
        read_spec(text, "f")
    except InputError as error:
        found = error.diagnostics
    assert all(diagnostic.place for diagnostic in found)


# Every code has a test that shows its whole text.
MAKERS = {"Diagnostic": 0, "SyntaxProblem": 0, "problem": 0, "diagnostic": 0, "_at": 2}
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def test_several_nodes_of_a_large_graph_meet_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is answered whatever its size: it is the others that can be left out."""
    spec = read_spec("p = x*y; q = x + y; r = x - y", inline=True)
    monkeypatch.setenv("PATHDIFF_LIMITS", "between=4")
    assert answer(listings, spec, [], [], {}, Asked()) == (
        "error[too-many-derivatives]: there are more than 4 nodes and edges between the nodes asked for and the names\n"
        "  --of\n"
        "  hint: --of NODE asks for fewer of them; "
        "PATHDIFF_LIMITS=between=40 in the environment allows ten times as much"
    )
    at = {name: read_constant("1", name) for name in "xy"}
    assert answer(evaluated, spec, at=at).startswith("error[too-many-derivatives]")
    assert [each.paths.count for each in listings(spec, ["p"], [], {}, Asked())] == [1, 1]
    assert len(evaluated(spec, ["p"], at=at).adjoints) == 1


def test_a_label_without_a_value_is_told_at_its_node() -> None:
    spec = read_spec("z = 2 + sqrt(x); p = z + y", "-e", inline=True)
    at = {"x": read_constant("0", "x"), "y": read_constant("2", "y")}
    told = (
        "error[outside-domain]: ∂z/∂x has no value at this point: a division by 0 in 1/(2*sqrt(x)) where x = 0\n"
        "  -e:1:5\n"
        "   1 | z = 2 + sqrt(x); p = z + y\n"
        "     |     ^^^^^^^^^^^"
    )
    assert answer(evaluated, spec, at=at) == told
    [first, _] = listings(spec, [], [], at, Asked())
    assert str(first.paths.why_no_values) == told


def test_an_operation_without_a_value_is_told_with_the_values_in_it() -> None:
    spec = read_spec("z = x - 3; p = y + log(z)/y", "-e", inline=True)
    at = {"x": read_constant("2", "x"), "y": read_constant("1/4", "y")}
    assert answer(explained, spec, at=at) == (
        "error[outside-domain]: `p` has no value at this point: log(-1), which is defined for x > 0 only\n"
        "  -e:1:20\n"
        "   1 | z = x - 3; p = y + log(z)/y\n"
        "     |                    ^^^^^^\n"
        "  note: the operation is `log(z)`, where z = -1"
    )


def codes_in(source: str) -> Iterator[str]:
    """The codes of the diagnostics that a module makes: as an argument, or put into a variable `code` before."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found = node.args[MAKERS[name]] if len(node.args) > MAKERS.get(name, 99) else None
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else []
            names = [getattr(target, "id", "") for target in node.targets[0].elts]
            found = dict(zip(names, values, strict=False)).get("code")
        else:
            continue
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and CODE.fullmatch(found.value):
            yield found.value


def test_codes_are_found_in_a_source() -> None:
    source = """
def f():
    text.problem("one", "m")
    code, message = "two-and", "m"
    return Diagnostic("x3", m, n)
_at(source, event, "four", "m")
place.problem("", "")
print("five")
problem(code, "six")
"""
    assert set(codes_in(source)) == {"one", "two-and", "x3", "four"}


def made_codes() -> set[str]:
    return {code for path in SOURCES.rglob("*.py") for code in codes_in(path.read_text(encoding="utf-8"))}


def test_every_code_has_a_test_of_its_whole_text() -> None:
    made = made_codes()
    assert len(made) >= 45
    texts = [path.read_text(encoding="utf-8") for path in [*TESTS.glob("*.py"), *TESTS.glob("corpus/*.txt")]]
    shown = {code for text in texts for code in re.findall(r"error\[([a-z0-9-]+)\]", text)}
    assert made - shown == set()


def test_every_code_has_a_line_in_the_table() -> None:
    readme = (TESTS.parent / "README.md").read_text(encoding="utf-8")
    table = readme.partition("\n## Every error\n")[2].partition("\n## ")[0]
    codes = re.findall(r"^\| `([a-z0-9-]+)` \| \S.* \|$", table, re.MULTILINE)
    assert codes == sorted(made_codes(), key=lambda code: code.replace("-", " "))
