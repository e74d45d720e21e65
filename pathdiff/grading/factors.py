"""Hypotheses about one label: left out, upside down, taken at another place, or another one in its stead.

The claim is C = A·W + B with something W in the place of a label L, on all paths through its edge or on one of them. So
W is known at every point, and is looked for among what a label may be mistaken for: 1, 1/L, the label at another
place, other labels, a multiple of L, and what stands in the claim itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Final

from pathdiff import expression as ex
from pathdiff.derivation import Path
from pathdiff.expression import OWN, Expression, Tree, postorder, slots_of, spec_text
from pathdiff.grading.evidence import Evidence, PointEvidence, Vector
from pathdiff.grading.findings import Code, Diagnosis, Explanation, arrows, listed
from pathdiff.grading.lattice import MOST_EDGES, Lattice
from pathdiff.partials import visible
from pathdiff.spec import Spec
from pathdiff.verify.verdict import Edge

_MOST_NAMES: Final = 40
"""At the values of so many names a label is tried."""
_MOST_FACTORS: Final = 7
"""Of a product with no more factors than this every part is looked at."""
_STRONG: Final = frozenset({"missing-path", "missing-inner", "inverted-factor", "outer-at-wrong-place", "wrong-sign"})
"""What is more specific than that a factor is wrong."""


@dataclass(frozen=True, slots=True)
class _Instead:
    """What stands in the place of a label: the mistake that this is, and what it is in words."""

    code: Code
    text: str
    vector: Vector
    correct: str = ""
    """For a label at another place: the name at whose value it should be."""
    times: Fraction | None = None
    """For a multiple of the label: how many times it is there."""


def by_labels(lattice: Lattice, original: Spec | None = None) -> tuple[list[Explanation], list[Explanation]]:
    """The explanations with one mistaken label: specific ones, and those that only say that it is wrong.

    With an `original` spec the lattice is of that spec split into elementary operations; what is told is in its names.
    """
    if not lattice.count or len(lattice.labels) > MOST_EDGES:
        return [], []
    names = _Names(lattice, original)
    anywhere = _Anywhere(lattice, original is not None)
    strong: list[Explanation] = []
    weak: list[Explanation] = []
    numbers: list[Explanation] = []
    for edge, paths, instead in _wanted(lattice):
        found = _recognized(lattice, edge, instead, anywhere, paths, whole=original is None)
        if found is not None:
            told = _diagnosis(lattice, edge, paths, found, names)
            (strong if told.code in _STRONG else numbers if found.times else weak).append((told,))
    strong += [(each,) for each in _runs(lattice, names)] if not strong else []
    return _distinct(strong), _distinct(weak or numbers)


def _distinct(found: Sequence[Explanation]) -> list[Explanation]:
    """Each explanation once; that on all paths rather than that on one of them."""
    return list({(each[0].code, each[0].message): each for each in found}.values())[:4]


def _wanted(lattice: Lattice) -> Iterator[tuple[Edge, tuple[Path, ...], Vector]]:
    """For each edge, on all paths through it and on each alone, what would have to stand in its place."""
    evidence = lattice.evidence
    rest = evidence.minus(evidence.claim, lattice.sum)
    for edge, label in lattice.labels.items():
        through = lattice.through(edge)
        around = lattice.around(edge)
        missing = evidence.over(rest, around)
        if missing is not None:
            yield edge, through, evidence.add((label, missing))
        if len(through) > 1:
            for path in through if lattice.paths else ():
                missing = evidence.over(rest, lattice.product(path, (edge,)))
                if missing is not None:
                    yield edge, (path,), evidence.add((label, missing))


def _recognized(
    lattice: Lattice, edge: Edge, instead: Vector, anywhere: _Anywhere, paths: tuple[Path, ...], *, whole: bool
) -> _Instead | None:
    """What stands in the place of a label, if it is something that one may be mistaken for."""
    evidence, label = lattice.evidence, lattice.labels[edge]
    one = evidence.constant(1)
    longer = all(len(path) > 2 for path in paths)
    minus = evidence.multiply((evidence.constant(-1), label))
    if not lattice.paths:  # too many to look at each alone
        if evidence.is_zero(instead):
            return _Instead("missing-path", "", instead)
        if evidence.equal(instead, minus):
            return _Instead("wrong-sign", "", instead)
    if evidence.equal(instead, one) and longer and not evidence.equal(label, evidence.constant(-1)):
        return _Instead("missing-inner", "", instead)
    inverse = evidence.over(one, label)
    if inverse is not None and evidence.equal(instead, inverse):
        return _Instead("inverted-factor", "", instead)
    if not whole and evidence.equal(instead, minus):
        return _Instead("wrong-sign", "", instead)
    elsewhere = None if evidence.equal(instead, label) else anywhere.at_another_place(edge, instead)
    if elsewhere is not None:
        return elsewhere
    found = anywhere.found(instead)
    if found is not None and longer:
        return found
    times = evidence.ratio(instead, label)
    if times is not None and times not in (0, 1):
        return _Instead("wrong-factor", f"{_times(times)} it", instead, times=times)
    if found is None and len(lattice.labels) == 1:  # there is no other factor that could be wrong
        return _Instead("wrong-factor", "something else", instead)
    return found


def _times(factor: Fraction) -> str:
    return {Fraction(1, 2): "half of", Fraction(2): "twice", Fraction(-1): "minus"}.get(factor, f"{factor} times")


class _Anywhere:
    """What may stand in the place of a label: other labels, labels at other places, what is in the claim."""

    def __init__(self, lattice: Lattice, fine: bool) -> None:
        self.lattice, self.fine = lattice, fine
        self._known: dict[object, list[_Instead]] = {}
        evidence = lattice.evidence
        for edge, vector in self._labels():
            self._add(f"∂{edge[0]}/∂{edge[1]}", vector)
        for text, vector in _typed(evidence):
            self._add(text, vector)

    def _labels(self) -> Iterator[tuple[Edge, Vector]]:
        if self.fine:
            return
        graph = self.lattice.graph
        for edge in list(graph.edges)[:MOST_EDGES]:
            vector = self.lattice.labels.get(edge) or self.lattice.evidence.label(edge)
            if vector is not None:
                yield edge, vector

    def _add(self, text: str, vector: Vector) -> None:
        self._known.setdefault(self.lattice.evidence.key(vector), []).append(_Instead("wrong-factor", text, vector))

    def found(self, vector: Vector) -> _Instead | None:
        """What has this value."""
        evidence = self.lattice.evidence
        for each in self._known.get(evidence.key(vector), ()):
            if evidence.equal(each.vector, vector):
                return each
        return None

    def at_another_place(self, edge: Edge, wanted: Vector) -> _Instead | None:
        """The label of a function of one argument, taken at the value of another name."""
        evidence = self.lattice.evidence
        label = self.lattice.label(edge)
        node, expression = label.node, label.expression
        if (
            not isinstance(evidence, PointEvidence)
            or expression is None
            or node.tree is None
            or len(node.arguments) != 1
        ):
            return None
        if not slots_of(expression.tree):
            return None
        here = evidence.value(node.arguments[0])
        for name in list(self.lattice.graph)[:_MOST_NAMES]:
            value = evidence.value(name)
            if value is None or here is None:
                continue
            tried: list[tuple[str, Vector | None]] = []
            if name != node.arguments[0]:
                there = evidence.evaluated(node.tree, [value])
                vector = None if there is None else evidence.evaluated(expression.tree, [value], there)
                tried.append((node.arguments[0], vector))
            if OWN in slots_of(expression.tree) and name != node.name:
                tried.append((node.name, evidence.evaluated(expression.tree, [here], value)))
            for correct, vector in tried:
                if vector is not None and evidence.equal(vector, wanted):
                    return _Instead("outer-at-wrong-place", name, wanted, correct)
        return None


def _typed(evidence: Evidence) -> Iterator[tuple[str, Vector]]:
    """What stands in the claim: each part of it, and each part of its products."""
    side = evidence.side
    parts = evidence.parts()
    names = tuple(map(str, side.leaves))
    for part in postorder(side.tree):
        if part in parts:
            yield spec_text(Expression(part, names), 60), parts[part]
        if part.kind == "neg" or part.kind in ("*", "/"):
            factors = list(_factors(part))[:_MOST_FACTORS]
            for size in range(2, len(factors)):
                for chosen in combinations(factors, size):
                    if all(each in parts for each, _ in chosen):
                        yield from _product(evidence, chosen, parts, names)
            for each, upside in factors:
                if upside and each in parts:
                    yield from _product(evidence, [(each, upside)], parts, names)


def _product(
    evidence: Evidence, chosen: Sequence[tuple[Tree, bool]], parts: Mapping[Tree, Vector], names: Sequence[str]
) -> Iterator[tuple[str, Vector]]:
    above = evidence.multiply(parts[each] for each, upside in chosen if not upside)
    below = evidence.multiply(parts[each] for each, upside in chosen if upside)
    vector = evidence.over(above, below)
    if vector is not None:
        tops = [each for each, upside in chosen if not upside]
        bottoms = [each for each, upside in chosen if upside]
        tree = tops[0] if len(tops) == 1 else ex.mul(*tops) if tops else ex.ONE
        for bottom in bottoms:
            tree = ex.div(tree, bottom)
        yield spec_text(Expression(tree, names), 60), vector


def _factors(tree: Tree) -> Iterator[tuple[Tree, bool]]:
    """The factors of a product, without signs, each with whether it divides."""
    waiting = [(tree, False)]
    while waiting:
        part, upside = waiting.pop()
        match part.kind:
            case "*":
                waiting.extend((arg, upside) for arg in reversed(part.args))
            case "/":
                waiting += [(part.args[1], not upside), (part.args[0], upside)]
            case "neg":
                waiting.append((part.args[0], upside))
            case _:
                yield part, upside


def _runs(lattice: Lattice, names: _Names) -> Iterator[Diagnosis]:
    """Several labels in a row left out: on one path, or where there is only one."""
    evidence = lattice.evidence
    rest = evidence.minus(evidence.claim, lattice.sum)
    for path in lattice.paths:
        edges = tuple(pairwise(path))
        product = lattice.product(path)
        for length in range(2, len(edges)):
            for start in range(len(edges) - length + 1):
                out = edges[start : start + length]
                short = evidence.minus(lattice.product(path, out), product)
                if evidence.equal(short, rest):
                    told = " and ".join(names.label(edge) for edge in out)
                    shown = names.path(path)
                    message = f"The inner derivatives {told} are left out on {arrows(shown)}: multiply by them."
                    yield Diagnosis("missing-inner", message, (shown,))


class _Names:
    """How nodes, labels and paths are told in the names of the spec that the reader knows."""

    def __init__(self, lattice: Lattice, original: Spec | None) -> None:
        self.lattice, self.original = lattice, original

    def path(self, path: Path) -> Path:
        """A path without the nodes that the reader doesn't know."""
        original = self.original
        if original is None:
            return path
        return tuple(name for name in path if name in original.nodes or name in original.independents)

    def node(self, name: str) -> str:
        """A node by its name, or by its expression where it has no name of its own."""
        original = self.original
        if original is None or name in original.nodes or name in original.independents:
            return name
        return self._text(ex.slot(0), (name,))

    def label(self, edge: Edge) -> str:
        """∂v/∂u, or what the reader sees of it, with its value."""
        expression = self.lattice.label(edge).expression
        if self.original is None:
            return f"∂{edge[0]}/∂{edge[1]}" + ("" if expression is None else f" = {_cut(str(expression))}")
        if expression is None:
            return f"∂{edge[0]}/∂{edge[1]}"
        return f"d({self.node(edge[0])})/d({self.node(edge[1])}) = {self.value(edge)}"

    def value(self, edge: Edge) -> str:
        """The label of an edge as an expression."""
        expression = self.lattice.label(edge).expression
        if expression is None:
            return f"∂{edge[0]}/∂{edge[1]}"
        used = slots_of(expression.tree)
        into = {slot: place for place, slot in enumerate(used)}
        tree = ex.substitute(expression.tree, {slot: ex.slot(place) for slot, place in into.items()})
        return self._text(tree, tuple(expression.name(slot) for slot in used))

    def _text(self, tree: Tree, names: Sequence[str]) -> str:
        """An expression with the expressions of nodes put in that have no name of their own."""
        for _ in range(100):
            place = next((place for place, name in enumerate(names) if self._is_new(name)), None)
            if place is None:
                break
            node = self.lattice.graph.nodes[names[place]]["node"]
            more = tuple(names) + tuple(name for name in node.arguments if name not in names)
            inner = ex.substitute(node.tree, {i: ex.slot(more.index(name)) for i, name in enumerate(node.arguments)})
            tree = ex.substitute(tree, {place: inner})
            names = tuple("" if index == place else name for index, name in enumerate(more))
        return _cut(str(Expression(visible(tree, frozenset()), names)))

    def _is_new(self, name: str) -> bool:
        original = self.original
        return bool(name) and original is not None and name not in original.nodes and name not in original.independents


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _diagnosis(lattice: Lattice, edge: Edge, paths: tuple[Path, ...], found: _Instead, names: _Names) -> Diagnosis:
    """The sentence about a label that is wrong, on these paths."""
    shown = tuple(dict.fromkeys(map(names.path, paths)))
    on = f"on {listed(shown)}" if shown else ""
    label = names.label(edge)
    match found.code:
        case "missing-inner":
            message = f"The factor {label} is left out {on}: multiply by it."
            if edge[1] == lattice.wrt or names.original is not None:
                message = f"The inner derivative {label} is left out {on}: multiply by it."
        case "missing-path":
            message = f"The paths through {label} are missing, such as {listed(shown)}."
        case "inverted-factor":
            message = f"The factor {label} is upside down {on}: the claim has 1 over it."
        case "wrong-sign":
            message = f"A term {on} has the wrong sign."
        case "outer-at-wrong-place":
            inner, told = names.node(found.correct), names.value(edge)
            there = names.node(found.text)
            message = f"The outer derivative {told} is taken at the wrong place {on}: at {there} instead of {inner}."
        case _ if found.times and any(len(path) > 2 for path in paths):  # it may belong to any of the factors
            message = f"A number is wrong {on}: the product there should be multiplied by {1 / found.times}."
        case _ if all(len(path) == 2 for path in paths):
            value = names.label(edge).partition(" = ")[2]
            right = f"∂{shown[0][0]}/∂{shown[0][1]}" + (f" is {value}" if value and names.original is None else "")
            message = f"The derivative along {listed(shown)} is wrong: {right}, and the claim has {found.text} instead."
        case _:
            message = f"One factor is wrong {on}: it should be {label}, and the claim has {found.text} instead."
    return Diagnosis(found.code, message, shown)
