"""Specs as text to what they say: roles, nodes, functions, what to derive, the point, and where each piece stands."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from strategies import Drawn, names, specs

import pathdiff.document
from pathdiff.algebra import exact
from pathdiff.document import Mapping, Sequence, Value, read_yaml
from pathdiff.expression import Expression, postorder
from pathdiff.reader import build_spec, read_constant, read_spec
from pathdiff.source import Source, Text
from pathdiff.spec import Node, Spec

NEURON = """\
title: One neuron with a loss
inputs: [x1, x2, y]
parameters: [alpha, beta]
functions:
  sq(t): t**2
nodes:
  s: alpha*x1 + beta*x2
  z: sigmoid(s)
  L: sq(z - y)
derive: {L: [alpha, beta]}
at: {x1: 1, x2: -2, y: 1, alpha: 1/2, beta: 0.1}
"""


def said(node: Node) -> str:
    """A node as it stands in a spec."""
    return f"{node.name}({', '.join(node.arguments)})" if node.written is None else str(node.written)


def told(spec: Spec) -> dict[str, Any]:
    """What a spec says, where it says something."""
    parts = {
        "title": spec.title,
        "inputs": spec.inputs,
        "parameters": spec.parameters,
        "functions": {f.name: f"({', '.join(f.parameters)}): {f.written}" for f in spec.functions.values()},
        "nodes": {name: said(node) for name, node in spec.nodes.items()},
        "derive": spec.derive,
        "at": {name: str(Expression(tree, ())) for name, tree in spec.at.items()},
    }
    return {key: part for key, part in parts.items() if part}


def nodes_of(text: str) -> dict[str, str]:
    return {name: said(node) for name, node in read_spec(text).nodes.items()}


def put_in(spec: Spec, name: str) -> str:
    """A node's expression with the user's functions put in."""
    node = spec.nodes[name]
    assert node.tree is not None
    return str(Expression(node.tree, node.arguments, name))


def test_a_whole_spec() -> None:
    assert told(read_spec(NEURON)) == {
        "title": "One neuron with a loss",
        "inputs": ("x1", "x2", "y"),
        "parameters": ("alpha", "beta"),
        "functions": {"sq": "(t): t**2"},
        "nodes": {"s": "alpha*x1 + beta*x2", "z": "sigmoid(s)", "L": "sq(z - y)"},
        "derive": {"L": ("alpha", "beta")},
        "at": {"x1": "1", "x2": "-2", "y": "1", "alpha": "1/2", "beta": "0.1"},
    }


# Parts of a spec, and what they say; the nodes are given with each.
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        # Roles: without a declaration, undefined names are inputs, in order of first use in the file.
        ("nodes: {p: c*a + z, z: b/a}", {"inputs": ("c", "a", "b")}),
        ("nodes: {p: z, z: b + a}", {"inputs": ("b", "a")}),
        ("nodes: {p: 'z*b + a', z: 'z(c, b)'}", {"inputs": ("b", "a", "c")}),
        ("nodes: {p: 3}", {}),
        ("inputs:\nnodes: {p: x}", {"inputs": ("x",)}),
        ("inputs: [y, x]\nnodes: {p: x + y}", {"inputs": ("y", "x")}),
        ("inputs: x\nnodes: {p: x}", {"inputs": ("x",)}),
        ("inputs: [x, unused]\nnodes: {p: x}", {"inputs": ("x", "unused")}),
        ("inputs: []\nnodes: {p: pi}", {}),
        ("parameters: [w]\nnodes: {p: w^2}", {"parameters": ("w",)}),
        ("parameters: [w]\ninputs: [x]\nnodes: {p: w*x}", {"inputs": ("x",), "parameters": ("w",)}),
        # pi is the constant unless it is declared.
        ("nodes: {p: pi*π*x}", {"inputs": ("x",)}),
        ("inputs: [pi, x]\nnodes: {p: pi*x}", {"inputs": ("pi", "x")}),
        ("nodes: {pi: 3*x, p: pi^2}", {"inputs": ("x",)}),
        # What to derive: a node, nodes, nodes with respect to names or to all.
        ("nodes: {p: x*y, q: x}\nderive: p", {"inputs": ("x", "y"), "derive": {"p": ()}}),
        ("nodes: {p: x*y, q: x}\nderive: [q, p]", {"inputs": ("x", "y"), "derive": {"q": (), "p": ()}}),
        ("nodes: {p: x*y, q: x}\nderive: {p: y}", {"inputs": ("x", "y"), "derive": {"p": ("y",)}}),
        ("nodes: {p: x*y, q: x}\nderive: {p: all}", {"inputs": ("x", "y"), "derive": {"p": ("all",)}}),
        ("nodes: {p: q*y, q: x}\nderive: {p: [q], q: }", {"inputs": ("y", "x"), "derive": {"p": ("q",), "q": ()}}),
        ("nodes: {p: x}\nderive:", {"inputs": ("x",)}),
        # A point: numbers, exact, perhaps by functions.
        ("nodes: {p: x}\nat: {x: 0.1}", {"inputs": ("x",), "at": {"x": "0.1"}}),
        ("nodes: {p: x}\nat: {x: -1/3}", {"inputs": ("x",), "at": {"x": "-1/3"}}),
        ("nodes: {p: x}\nat: {x: sqrt(2)*pi}", {"inputs": ("x",), "at": {"x": "sqrt(2)*pi"}}),
        ("nodes: {p: x}\nat: {x: ln(2)}", {"inputs": ("x",), "at": {"x": "log(2)"}}),
        ("nodes: {p: x*y}\nat: {y: 1e-3}", {"inputs": ("x", "y"), "at": {"y": "1e-3"}}),
        (
            "functions: {f(t): t^2}\nnodes: {p: x}\nat: {x: f(3)}",
            {"inputs": ("x",), "functions": {"f": "(t): t**2"}, "at": {"x": "3**2"}},
        ),
        # A title is text, whatever it looks like.
        ("title: 1e3\nnodes: {p: x}", {"title": "1e3", "inputs": ("x",)}),
        ("title: 'no: \"yes\"'\nnodes: {p: x}", {"title": 'no: "yes"', "inputs": ("x",)}),
        ("title:\nnodes: {p: x}", {"inputs": ("x",)}),
    ],
)  # fmt: skip
def test_parts(text: str, parts: dict[str, Any]) -> None:
    found = told(read_spec(text))
    del found["nodes"]
    assert found == parts


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        # YAML's own ideas of what is a number, a truth value or nothing at all play no part.
        ("nodes:\n  no: on*1e-3\n  on: yes\n  y: null + true", {"no": "on*1e-3", "on": "yes", "y": "null + true"}),
        ("nodes:\n  p: 0x + 0", None),
        ("nodes:\n  p: 1_000", None),
        ("nodes:\n  p: 007", {"p": "007"}),
        ("nodes:\n  p: 2024-01-01", {"p": "2024 - 01 - 01"}),
        ("nodes:\n  p: .5", {"p": ".5"}),
        ("nodes:\n  class: lambda*E\n  def: I + S*N*Q", {"class": "lambda*E", "def": "I + S*N*Q"}),
        ("nodes:\n  β₁: α·x₁ − λ²", {"β₁": "α*x₁ - λ**2"}),
        ('nodes:\n  "p": "x + \\u03b1 \\\n    - y"', {"p": "x + α - y"}),
        ("nodes:\n  'p': 'x\n\n    + y'", {"p": "x + y"}),
        ("nodes:\n  p: >\n    x +\n    y\n  q: |\n    x\n    *y\n", {"p": "x + y", "q": "x*y"}),
        ("nodes:\n  p: x +\n    y # the sum\n  # nothing more\n", {"p": "x + y"}),
        ("nodes: {p: x + y, q: 'max(x, y)'}", {"p": "x + y", "q": "max(x, y)"}),
        ("---\nnodes:\n  p: x\n...\n", {"p": "x"}),
        ("%YAML 1.2\n---\nnodes:\n  p: x\n", {"p": "x"}),
        ("\ufeffnodes:\n  p: x\n", {"p": "x"}),
        ("nodes:\r\n  p: x\r\n  q: p\r\n", {"p": "x", "q": "p"}),
        ("? nodes\n: ? p\n  : x\n", {"p": "x"}),
        ("nodes:\n  exp: exp(x)\n  p: exp(exp)", {"exp": "exp(x)", "p": "exp(exp)"}),
    ],
)
def test_nodes_are_read_as_text(text: str, nodes: dict[str, str] | None) -> None:
    if nodes is None:
        with pytest.raises(pathdiff.InputError):
            nodes_of(text)
    else:
        assert nodes_of(text) == nodes


def test_a_node_whose_expression_is_a_call_of_its_own_name_is_abstract() -> None:
    spec = read_spec("nodes: {p: 'p(h1, h2)', h1: h1(z), h2: 'sin(z)', sin: (sin(h1)), w: 'w(x, x, y)'}")
    assert {name: (node.abstract, node.arguments) for name, node in spec.nodes.items()} == {
        "p": (True, ("h1", "h2")),
        "h1": (True, ("z",)),
        "h2": (False, ("z",)),
        "sin": (True, ("h1",)),
        "w": (True, ("x", "y")),
    }
    assert spec.inputs == ("z", "x", "y")


def test_a_node_may_have_the_name_of_a_function_that_it_calls_within() -> None:
    spec = read_spec("log = 1 + log(x); p = log(log)", inline=True)
    assert {name: said(node) for name, node in spec.nodes.items()} == {"log": "1 + log(x)", "p": "log(log)"}


def test_arguments_come_in_order_of_first_use() -> None:
    node = read_spec("p = c + a*b*c - a", inline=True).nodes["p"]
    assert node.arguments == ("c", "a", "b")
    assert read_spec("p = x - x + 0*y", inline=True).nodes["p"].arguments == ("x", "y")


@pytest.mark.parametrize(
    ("functions", "call", "body"),
    [
        ({"sq(t)": "t**2"}, "sq(x + 1)", "(x + 1)**2"),
        ({"f(a, b)": "a/b"}, "f(y, x)", "y/x"),
        ({"f(a, b)": "b - a*b"}, "f(x, 2)", "2 - x*2"),
        ({"f(x)": "2*x"}, "f(f(f(x)))", "2*(2*(2*x))"),
        ({"g(t)": "f(t) + 1", "f(t)": "t^3"}, "g(2*x)", "(2*x)**3 + 1"),
        ({"f(t)": "t^3", "g(t)": "f(t) + 1"}, "g(2*x)", "(2*x)**3 + 1"),
        ({"exp(t)": "1 + t"}, "exp(x)", "1 + x"),
        ({"sigmoid(t)": "σ(2*t)"}, "sigmoid(x)", "sigmoid(2*x)"),
        ({"σ(t)": "exp(-t)"}, "σ(x) + sigmoid(x)", "exp(-x) + sigmoid(x)"),
        ({"c()": "3"}, "c()*x", "3*x"),
        ({"unused(t, s)": "t"}, "unused(x, y)", "x"),
        ({"e(pi)": "pi^2"}, "e(x) + pi", "x**2 + pi"),
        ({"circle(r)": "pi*r²"}, "circle(x)", "pi*x**2"),
        ({"f(f)": "f*f"}, "f(x)", "x*x"),
        ({"f( a ,b )": "a - b"}, "f(x, y)", "x - y"),
        ({"mean(a, b)": "(a + b)/2", "var(a, b)": "(a - mean(a, b))^2"}, "var(x, y)", "(x - (x + y)/2)**2"),
    ],
)
def test_functions_of_the_user(functions: dict[str, str], call: str, body: str) -> None:
    spec = build_spec("", None, None, functions, {"p": call}, {}, {})
    assert put_in(spec, "p") == body
    assert said(spec.nodes["p"]) == call


def test_aliases_are_put_in_as_the_tables_names_and_stay_as_typed() -> None:
    spec = read_spec("p = ln(x) + σ(x)*logistic(x) - arctan(x)", inline=True)
    assert put_in(spec, "p") == "log(x) + sigmoid(x)*sigmoid(x) - atan(x)"
    assert said(spec.nodes["p"]) == "ln(x) + σ(x)*logistic(x) - arctan(x)"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("z = x*y; p = sin(z) + x", {"inputs": ("x", "y"), "nodes": {"z": "x*y", "p": "sin(z) + x"}}),
        ("p=x^2", {"inputs": ("x",), "nodes": {"p": "x**2"}}),
        (";; p = x ;\n;", {"inputs": ("x",), "nodes": {"p": "x"}}),
        ("z = x\r\np = z\n", {"inputs": ("x",), "nodes": {"z": "x", "p": "z"}}),
        ("# a; b = 1\np = x # the end; q = 3", {"inputs": ("x",), "nodes": {"p": "x"}}),
        ("p = sq(x) ; sq(t) = t^2", {"inputs": ("x",), "functions": {"sq": "(t): t**2"}, "nodes": {"p": "sq(x)"}}),
        ("p = p(h); h = h(x)", {"inputs": ("x",), "nodes": {"p": "p(h)", "h": "h(x)"}}),
        ("no = y: 2", None),
    ],
)
def test_inline_text(text: str, parts: dict[str, Any] | None) -> None:
    if parts is None:
        with pytest.raises(pathdiff.InputError):
            read_spec(text, inline=True)
    else:
        assert told(read_spec(text, inline=True)) == parts


def test_a_spec_built_from_its_parts_is_the_one_in_a_file() -> None:
    built = build_spec(
        "One neuron with a loss",
        ["x1", "x2", "y"],
        ["alpha", "beta"],
        {"sq(t)": "t**2"},
        {"s": "alpha*x1 + beta*x2", "z": "sigmoid(s)", "L": "sq(z - y)"},
        {"L": ["alpha", "beta"]},
        {"x1": "1", "x2": "-2", "y": "1", "alpha": "1/2", "beta": "0.1"},
    )
    assert built == read_spec(NEURON)
    assert told(build_spec("", None, None, {}, {"p": "x"}, {}, {})) == {"inputs": ("x",), "nodes": {"p": "x"}}
    assert told(build_spec("", [], None, {}, {"p": "2"}, {"p": []}, {})) == {"nodes": {"p": "2"}, "derive": {"p": ()}}


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.1", Fraction(1, 10)), ("-1/3", Fraction(-1, 3)), (" 1e-3 ", Fraction(1, 1000)), ("sqrt(2)", None)],
)
def test_a_constant(text: str, number: Fraction | None) -> None:
    value = exact(read_constant(text, "--at x"))
    assert (value and value.value) == number


@given(specs(), st.randoms(use_true_random=False))
def test_the_order_of_nodes_in_the_file_plays_no_part(drawn: Drawn, random: Any) -> None:
    order = random.sample(list(drawn.nodes), len(drawn.nodes))
    first, second = read_spec(drawn.yaml()), read_spec(drawn.yaml(order))
    assert (
        set(first.inputs)
        == set(second.inputs)
        == {name for node in first.nodes.values() for name in node.arguments if name not in first.nodes}
        | (set(drawn.inputs) if drawn.declared else set())
    )
    assert first.nodes == second.nodes
    assert list(second.nodes) == order


@given(specs(tame=False))
def test_a_file_inline_text_and_parts_say_the_same(drawn: Drawn) -> None:
    built = build_spec("", drawn.inputs if drawn.declared else None, None, {}, drawn.nodes, {}, {})
    assert built == read_spec(drawn.yaml())
    assert built.nodes == read_spec(drawn.inline(), inline=True).nodes


@given(specs(tame=False))
def test_what_a_node_says_is_read_back_as_the_same_node(drawn: Drawn) -> None:
    spec = read_spec(drawn.yaml())
    again = build_spec("", spec.inputs, None, {}, {name: said(node) for name, node in spec.nodes.items()}, {}, {})
    assert again.nodes == spec.nodes


def test_a_long_chain_simply_works() -> None:
    count = 20_000
    lines = "".join(f"  n{index + 1}: sin(n{index})\n" for index in reversed(range(count)))
    spec = read_spec(f"nodes:\n{lines}")
    assert (len(spec.nodes), spec.inputs) == (count, ("n0",))
    assert len({node.tree for node in spec.nodes.values()}) == 1


def test_an_abstract_node_with_many_arguments_simply_works() -> None:
    names = [f"x{index}" for index in range(10_000)]
    spec = read_spec(f"p = p({', '.join(names)})", inline=True)
    assert spec.nodes["p"].arguments == spec.inputs == tuple(names)


def test_functions_that_double_share_their_parts() -> None:
    doubling = "; ".join(f"f{index + 1}(t) = f{index}(t)*f{index}(t)" for index in range(60))
    tree = read_spec(f"f0(t) = t + 1; {doubling}; z = f60(x)", inline=True).nodes["z"].tree
    assert tree is not None
    assert len(postorder(tree)) == 63


# Where the pieces stand: every character of a scalar knows its place in the file.
LOADERS = [loader for loader in (getattr(yaml, "CBaseLoader", None), yaml.BaseLoader) if loader]


def texts(value: Value | None) -> list[Text]:
    if isinstance(value, Mapping):
        return [text for entry in value.entries for part in entry for text in texts(part)]
    if isinstance(value, Sequence):
        return [text for item in value.items for text in texts(item)]
    return [] if value is None else [value]


def places(text: Text) -> list[int]:
    return [text.start + i for i in range(len(text.value))] if text.places is None else list(text.places)


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
@pytest.mark.parametrize(
    ("scalar", "value", "stand"),
    [
        ("ab  c", "ab  c", "ab  c"),
        ("a\n   b", "a b", "a\nb"),
        ("a\n\n   b", "a\nb", "a\nb"),
        ("'it''s'", "it's", "it's"),
        ("'a\n\n\n  b'", "a\n\nb", "a\n\nb"),
        ('"a\\tb\\x41\\u00e9\\U0001d6fcc"', "a\tbAé𝛼c", "a\\b\\\\\\c"),
        ('"a \\\n   b"', "a b", "a b"),
        ('"a\n   \\ b"', "a  b", "a\n\\b"),
        ('"\\"\\\\/"', '"\\/', "\\\\/"),
        ("|\n   a\n    b\n", "a\n b\n", "a\n b\n"),
        (">-\n   a\n   b\n\n   c", "a b\nc", "a b\nc"),
        ("世 + é", "世 + é", "世 + é"),
        ("&anchor a", "a", "a"),
        ("!tag 'a'", "a", "a"),
    ],
)
def test_every_character_knows_its_place(
    scalar: str, value: str, stand: str, loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pathdiff.document, "_Loader", loader)
    source = Source("é", f"é𝛼: 世\nk: {scalar}\n")
    key, first, _, text = texts(read_yaml(source, []))
    assert (key.value, places(key), first.value, places(first)) == ("é𝛼", [0, 1], "世", [4])
    assert text.value == value
    found = "".join(source.text[place] for place in places(text))
    assert [(a if not a.isspace() else " ") for a in found] == [(a if not a.isspace() else " ") for a in stand]


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
@given(
    value=st.text(st.sampled_from("ab'\"\\ \t\n:#-+!é世𝛼\u0301\u00a0"), max_size=25),
    style=st.sampled_from([None, "'", '"', "|", ">"]),
    width=st.sampled_from([3, 10, 80]),
    flow=st.booleans(),
    ascii_only=st.booleans(),
)
def test_places_of_whatever_yaml_writes(
    value: str, style: str | None, width: int, flow: bool, ascii_only: bool, loader: type
) -> None:
    written = yaml.dump(
        {"é": "𝛼", "k": {"v": value}},
        default_style=style,
        width=width,
        default_flow_style=flow,
        allow_unicode=not ascii_only,
        sort_keys=False,
    )
    source = Source("", written)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pathdiff.document, "_Loader", loader)
        *_, text = texts(read_yaml(source, []))
    assert text.value == value
    stand = places(text)
    assert len(stand) == len(value)
    dense = [place for place, char in zip(stand, value, strict=True) if not char.isspace()]
    assert dense == sorted(set(dense))
    for place, char in zip(stand, value, strict=True):
        assert written[place] in (char, "\\") or char.isspace()


@given(names())
def test_a_name_is_a_name_everywhere(name: str) -> None:
    spec = read_spec(f"inputs: [{name}]\nnodes:\n  p′: {name}^2\nderive: {{p′: {name}}}\nat: {{{name}: 2}}\n")
    assert told(spec) == {
        "inputs": (name,),
        "nodes": {"p′": f"{name}**2"},
        "derive": {"p′": (name,)},
        "at": {name: "2"},
    }
