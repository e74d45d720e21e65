"""Whether an elimination is right: it is made again, node after node, on the edges that the spec itself has.

So are its counts. Its results, and the formulas with parts put in their place, are compared with the sums over the
spec's paths at random points modulo a prime: two different polynomials of degree d have the same value at a random
point with a probability of at most d/prime (Schwartz 1980; Zippel 1979; DeMillo and Lipton 1978).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from random import Random
from typing import Final, TypeVar

from pathdiff.derivation import Accumulated, Formula, Partial, Product, Spent, Sum, Total
from pathdiff.elimination.steps import Elimination, EliminationStep, Line
from pathdiff.spec import Spec
from pathdiff.verify.composition import Composition, Ring, adjoints, composition
from pathdiff.verify.formulas import DEGREES, PRIME, RESIDUES, Unlike, named
from pathdiff.verify.remaining import Pair, Remaining
from pathdiff.verify.verdict import Check, Counterexample, Edge, cut, plural

T = TypeVar("T")

POINTS: Final = 3
"""How many random points modulo the prime."""


def check_elimination(
    spec: Spec,
    elimination: Elimination,
    of: Iterable[str],
    wrt: Iterable[str],
    asked: str | Sequence[str] | None = None,
    units: AbstractSet[Edge] = frozenset(),
) -> Check:
    """Whether an elimination gives all derivatives of some nodes with respect to some names, as it tells it.

    `asked` is the order asked for: its nodes, or "forward", "reverse" or "markowitz"; by default any will do. `units`
    are the edges whose label is 1 or -1. Of an elimination that is only counted, the counts are checked. Cost
    O(products) for each point, and O(V + E) for each of `of`.
    """
    rows, columns = tuple(dict.fromkeys(of)), tuple(dict.fromkeys(wrt))
    functions = [found for p in rows if (found := composition(spec, p, columns)).inside]
    left = Remaining(spec, functions, columns, units)
    try:
        _check_order(spec, left, elimination, asked)
        if not elimination.complete:
            return _counted(left, elimination)
        terms: dict[Pair, list[Product]] = {(v, u): [Product((Partial(*left.edges[v, u]),))] for v, u in left.edges}
        products = sum(_check_step(left, step, terms) for step in elimination.steps)
        _check_spent(left, elimination)
        _check_results(left, elimination, rows, columns, terms)
        degree = _check_values(functions, elimination)
    except Unlike as unlike:
        text = f"the elimination is wrong: {unlike.found.text}"
        return Check("forms", "refuted", text, unlike.found.text, counterexample=unlike.found)
    bound = f"1e{math.ceil(POINTS * math.log10(max(degree, 1) / PRIME))}"
    of_degree = f"polynomials of degree {degree:,} at most"
    method = (
        f"{plural(len(elimination.steps), 'step')} with {plural(products, 'product')} and all counts made again on the "
        f"spec's own edges; the results, {of_degree}, equal at {POINTS} random points modulo 2**61 - 1, "
        f"error probability below {bound}"
    )
    text = f"the elimination gives the path sums: {method}"
    return Check("forms", "checked", text, method, points=POINTS, error=bound)


def _counted(left: Remaining, elimination: Elimination) -> Check:
    """The counts of an elimination that is only counted."""
    for name in elimination.order:
        left.eliminate(name)
    _check_spent(left, elimination)
    method = f"{plural(len(elimination.order), 'step')} counted again on the spec's own edges"
    return Check("forms", "proved", f"the counts of the elimination: {method}", method)


def _check_order(spec: Spec, left: Remaining, elimination: Elimination, asked: str | Sequence[str] | None) -> None:
    """Raises Unlike unless each intermediate node is eliminated once, in the order asked for."""
    order = elimination.order
    if sorted(order) != sorted(left.inner):
        raise _unlike("its order is not each intermediate node once", order, left.inner)
    if elimination.complete and order != tuple(step.node for step in elimination.steps):
        raise _unlike("its steps come in another order than it says", (step.node for step in elimination.steps), order)
    place = {name: number for number, name in enumerate(order)}
    inner = [(v, u) for v, used in left.arguments.items() for u in used if v in place and u in place]
    if asked == "forward" and any(place[str(v)] < place[str(u)] for v, u in inner):
        raise _unlike("it is not the forward order: a node comes before one that it uses")
    if asked == "reverse" and any(place[str(v)] > place[str(u)] for v, u in inner):
        raise _unlike("it is not the reverse order: a node comes before one that uses it")
    if asked == "markowitz":
        rank = {name: number for number, name in enumerate(spec.nodes)}
        expected = left.copy().cheapest_first(rank)
        if order != expected:
            raise _unlike("it does not take the cheapest node each time", order, expected)
    if asked is not None and not isinstance(asked, str) and order != tuple(asked):
        raise _unlike("its order is not the one asked for", order, asked)


def _check_step(left: Remaining, step: EliminationStep, terms: dict[Pair, list[Product]]) -> int:
    """Makes a step and raises Unlike where it tells something else; how many products there are."""
    v = step.node
    arguments, users = left.arguments[v], left.users[v]
    near: dict[Edge, Pair] = {(v, left.name(u)): (v, u) for u in arguments}
    near |= {(left.name(w), v): (w, v) for w in users}
    near = {edge: pair for edge, pair in near.items() if not left.is_copy(pair)}
    names = _check_lines(left, step, near, terms)

    def factors(pair: Pair) -> tuple[Formula, ...]:
        if left.is_copy(pair):
            return ()
        return (names[pair],) if pair in names else terms[pair][0].factors

    places = {(left.name(w), left.name(u)): (w, u) for w in users for u in arguments}
    made: dict[Pair, Product] = {}
    for each in step.products:
        what = f"the product for {each.of} -> {each.wrt} when {v} is eliminated"
        pair = places.get((each.of, each.wrt))
        if pair is None or pair in made:
            raise _unlike(f"{what} {'is there twice' if pair else 'has no place there'}")
        expected = Product((*factors((pair[0], v)), *factors((v, pair[1]))))
        if each.product != expected:
            raise _unlike(f"{what} has other factors", _written(each.product), _written(expected))
        if each.absorbed != (pair[1] in left.arguments[pair[0]]):
            raise _unlike(f"{what} is {'new' if each.absorbed else 'added to an edge that is there'}")
        made[pair] = each.product
    missing = next((edge for edge, pair in places.items() if pair not in made), None)
    if missing is not None:
        raise _unlike(f"the product for {missing[0]} -> {missing[1]} is missing when {v} is eliminated")
    for pair, product in made.items():
        terms.setdefault(pair, []).append(product)
    left.eliminate(v)
    told, actual = (step.multiplications, step.additions), (left.spent.multiplications, left.spent.additions)
    if told != actual:
        raise _unlike(f"the running count is wrong after {v}", map(str, told), map(str, actual))
    return len(made)


def _check_lines(
    left: Remaining, step: EliminationStep, near: dict[Edge, Pair], terms: dict[Pair, list[Product]]
) -> dict[Pair, Accumulated]:
    """The names that a step gives to what stands on edges of its node."""
    names: dict[Pair, Accumulated] = {}
    for line in step.lines:
        pair = near.get((line.of, line.wrt))
        if pair is None or pair in names or not isinstance(line.result, Accumulated):
            raise _unlike(f"a line for {line.of} -> {line.wrt} has no place where {step.node} is eliminated")
        if line.result.name in left.names:
            raise _unlike(f"the name {line.result.name} is given twice")
        _check_formula(line, terms[pair])
        left.names.add(line.result.name)
        names[pair] = line.result
    for edge, pair in near.items():
        needed = len(terms[pair]) > 1 or len(terms[pair][0].factors) > 1
        if needed != (pair in names):
            wrong = "has no name" if needed else "has a name and is one label"
            raise _unlike(f"what stands on {edge[0]} -> {edge[1]} {wrong}")
    return names


def _check_results(
    left: Remaining,
    elimination: Elimination,
    rows: Sequence[str],
    columns: Sequence[str],
    terms: dict[Pair, list[Product]],
) -> None:
    """Raises Unlike unless the results are what is left on the edges from rows to columns, row by row."""
    pairs = [(p, x) for p in rows for x in columns if left.column(x) in left.arguments.get(left.row(p), ())]
    if [(line.of, line.wrt) for line in elimination.results] != pairs:
        told = (f"{line.of} -> {line.wrt}" for line in elimination.results)
        raise _unlike("its results are not those asked for", told, (f"{p} -> {x}" for p, x in pairs))
    for line, (p, x) in zip(elimination.results, pairs, strict=True):
        formula = terms.get((left.row(p), left.column(x)), [Product(())])
        _check_formula(line, formula)
        if line.result != Total(p, x, (p, x) in left.known_edges and len(formula) > 1):
            raise _unlike(f"the result {p} -> {x} is called something else")


def _check_formula(line: Line, terms: Sequence[Product]) -> None:
    if line.formula != Sum(tuple(terms)):
        actual = " + ".join(map(_written, terms))
        told = " + ".join(_written(term) for term in line.formula.terms if isinstance(term, Product))
        raise _unlike(f"the line for {line.of} -> {line.wrt} is not what stands on that edge", [told], [actual])


def _check_spent(left: Remaining, elimination: Elimination) -> None:
    if elimination.spent != left.spent:
        told, actual = map(_spent_written, (elimination.spent, left.spent))
        raise _unlike("it costs something else than it says", [told], [actual])


def _check_values(functions: Sequence[Composition], elimination: Elimination) -> int:
    """Compares the results with the sums over paths at random points; the degree of all that is compared."""
    forms = {"in the end": elimination.lines, "with parts put in their place": elimination.factored()}
    edges = sorted({edge for function in functions for edge in function.edges})
    results = [line.result for line in elimination.results]
    if [line.result for line in forms["with parts put in their place"] if isinstance(line.result, Total)] != results:
        raise _unlike("with parts put in their place it has other results")
    for number in range(POINTS):
        random = Random(number)
        label = {edge: random.randrange(PRIME) for edge in edges}
        expected: dict[Edge | str, int] = {}
        for function in functions:
            down = adjoints(function, RESIDUES, label.__getitem__)
            expected |= {(function.of, x): down[x] for x in function.wrt}
        for how, lines in forms.items():
            for line, value in _evaluated(lines, label.get, RESIDUES):
                key = line.result.name if isinstance(line.result, Accumulated) else (line.of, line.wrt)
                # a name stands for the same in both forms
                if value != expected.setdefault(key, value):
                    what = key if isinstance(key, str) else named(Total(*key))
                    raise _unlike(f"{what} has another value {how}", [f"{value:,}"], [f"{expected[key]:,}"])
    degrees = (degree for lines in forms.values() for _, degree in _evaluated(lines, lambda _: 1, DEGREES))
    longest = (max(adjoints(function, DEGREES, lambda _: 1).values()) for function in functions)
    return max((*degrees, *longest), default=0)


def _evaluated(lines: Iterable[Line], label: Callable[[Edge], T | None], ring: Ring[T]) -> Iterator[tuple[Line, T]]:
    """Each line with its value, from those before it."""
    known: dict[str, T] = {}

    def leaf(part: Formula) -> T:
        value = None
        if isinstance(part, Partial):
            value = label((part.of, part.wrt))
        elif isinstance(part, Accumulated):
            value = known.get(part.name)
        if value is None:
            raise _unlike(f"{_written(Product((part,)))} is neither a label nor the name of a line before")
        return value

    for line in lines:
        value = _value(line.formula, leaf, ring)
        if isinstance(line.result, Accumulated):
            known[line.result.name] = value
        yield line, value


def _value(root: Formula, leaf: Callable[[Formula], T], ring: Ring[T]) -> T:
    """The value of a formula, however deep its brackets nest."""
    values: list[T] = []
    waiting: list[Formula | tuple[Callable[[list[T]], T], int]] = [root]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            combine, count = part
            first = len(values) - count
            values[first:] = [combine(values[first:])]
        elif isinstance(part, Sum):
            waiting += [(ring.add, len(part.terms)), *part.terms]
        elif isinstance(part, Product):
            waiting += [(ring.multiply, len(part.factors)), *part.factors]
        else:
            values.append(leaf(part))
    return values[0]


def _unlike(text: str, claimed: Iterable[str] = (), actual: Iterable[str] = ()) -> Unlike:
    return Unlike(Counterexample(text, cut(", ".join(claimed)), cut(", ".join(actual))))


def _written(formula: Formula) -> str:
    if isinstance(formula, Product):
        return " ".join(map(_written, formula.factors)) or "1"
    if isinstance(formula, Partial):
        return f"∂{formula.of}/∂{formula.wrt}"
    return formula.name if isinstance(formula, Accumulated) else "(...)"


def _spent_written(spent: Spent) -> str:
    free = f"{spent.without_units:,} · without those by 1 and -1"
    return f"{spent.multiplications:,} ·, {spent.additions:,} +, {free}"
