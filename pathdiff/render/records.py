"""The machine-readable renderings: an explanation, a check and errors as JSON. The keys are a contract."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Final

import mpmath

from pathdiff.cost import Costs, Strategy
from pathdiff.derivation import Accumulated, Brief, Count, Derivation, Gradient, Partial, Product, Weighed, digits
from pathdiff.diagnostics import SHOWN, Diagnostic, unseen
from pathdiff.elimination.search import Found
from pathdiff.elimination.steps import Line
from pathdiff.explain import Explanation, Ordered
from pathdiff.expression import Expression, whole_text
from pathdiff.graph import Label
from pathdiff.listing import Listing
from pathdiff.verify import Verdict
from pathdiff.weighing import Traffic

if TYPE_CHECKING:
    from pathdiff.evaluation import Evaluation
    from pathdiff.training import Training

AT_ONCE = 512
"""How many entries of a long array are written at once."""
LARGEST_EXACT = 2**53
"""Beyond this JavaScript loses digits, so such a count is written as a string."""


def explanation_record(explanation: Explanation) -> dict[str, Any]:
    """What `explain --format json` says."""
    return {
        "title": explanation.spec.title,
        "derivatives": derivative_records(explanation),
        "gradients": [
            {"of": each.of, "wrt": list(each.wrt), "cost": _costs(each.costs)} for each in explanation.gradients
        ],
        "notes": list(explanation.notes),
        **({"eliminations": list(map(_elimination, explanation.orders))} if explanation.orders else {}),
    }


def _elimination(order: Ordered) -> dict[str, Any]:
    """An elimination: its steps, and the lines that its products and results are made of."""
    found = order.elimination
    return {
        "name": order.name,
        "order": list(found.order),
        "agreement": {"verdict": order.verdict.verdict, "methods": list(order.verdict.methods)},
        **({"search": _search(order.found)} if order.found else {}),
        "multiplications": count_record(found.spent.multiplications),
        "additions": count_record(found.spent.additions),
        "complete": found.complete,
        "steps": [
            {
                "node": step.node,
                "lines": list(map(_line, step.lines)),
                "products": [
                    {"of": made.of, "wrt": made.wrt, "factors": _factors(made.product), "absorbed": made.absorbed}
                    for made in step.products
                ],
                "multiplications": count_record(step.multiplications),
                "additions": count_record(step.additions),
            }
            for step in found.steps
        ],
        "results": list(map(_line, found.results)),
    }


def _line(line: Line) -> dict[str, Any]:
    """A line as terms of factors: "p->z" is a label, "c1" a line before; a result has no name."""
    terms = [_factors(term) for term in line.formula.terms if isinstance(term, Product)]
    name = {"name": line.result.name} if isinstance(line.result, Accumulated) else {}
    return {**name, "of": line.of, "wrt": line.wrt, "terms": terms}


def _factors(product: Product) -> list[str]:
    return [
        f"{factor.of}->{factor.wrt}" if isinstance(factor, Partial) else factor.name
        for factor in product.factors
        if isinstance(factor, Partial | Accumulated)
    ]


def check_record(
    results: Iterable[tuple[str, Explanation]], claims: Mapping[str, Sequence[dict[str, Any]]] | None = None
) -> dict[str, Any]:
    """What `check --format json` says, for specs by name; `claims` has what is said of those about each."""
    return {
        "results": [
            {
                "spec": name,
                "verdict": explanation.checked,
                "derivatives": derivative_records(explanation),
                "notes": list(explanation.notes),
                **({"claims": list(claims[name])} if claims is not None else {}),
            }
            for name, explanation in results
        ]
    }


def derivative_records(explanation: Explanation) -> list[dict[str, Any]]:
    """Each derivative of an explanation with its verdict."""
    records = []
    for gradient, verdicts in explanation.verified:
        for derivation, verdict in zip(gradient.derivations, verdicts, strict=False):
            records.append(_derivation(derivation, verdict))
        records += [_brief(gradient, brief, verdicts[0]) for brief in gradient.briefs]
    return records


def _derivation(derivation: Derivation, verdict: Verdict) -> dict[str, Any]:
    record = _derivative(derivation.of, derivation, derivation.part.labels, verdict, derivation.costs)
    if derivation.numbers is not None:
        record["value"] = number_record(derivation.numbers.result)
        record.update(_largest(derivation.numbers.largest))
    if derivation.why_no_numbers:
        record["why_no_value"] = derivation.why_no_numbers
    return record


def _largest(paths: Sequence[Weighed]) -> dict[str, Any]:
    """The paths that give the most, where they are told."""
    told = [
        {
            "rank": count_record(each.rank),
            "path": list(each.path),
            "value": number_record(each.value),
            "share": None if each.share is None else number_record(each.share),
        }
        for each in paths
    ]
    return {"largest": told} if told else {}


def _brief(gradient: Gradient, brief: Brief, verdict: Verdict) -> dict[str, Any]:
    """One derivative of many: with the labels on its listed paths, and the cost of the sweep that they share."""
    edges = dict.fromkeys(edge for path in brief.path_sum.paths for edge in pairwise(path))
    labels = {edge: gradient.part.labels[edge] for edge in edges}
    costs = {"path_sum": brief.cost, "reverse": gradient.costs["reverse"]}
    record = _derivative(gradient.of, brief, labels, verdict, costs)
    if gradient.results is not None:
        record["value"] = number_record(gradient.results[brief.wrt])
    if gradient.why_no_numbers:
        record["why_no_value"] = gradient.why_no_numbers
    return record


def _derivative(
    of: str,
    told: Derivation | Brief,
    labels: Mapping[tuple[str, str], Label],
    verdict: Verdict,
    costs: Mapping[str, Count],
) -> dict[str, Any]:
    return {
        "of": of,
        "wrt": told.wrt,
        "path_count": count_record(told.path_sum.count),
        "paths": [list(path) for path in told.path_sum.paths],
        "paths_complete": told.path_sum.complete,
        "labels": {f"{v}->{u}": _text(label.expression) for (v, u), label in labels.items()},
        "derivative": _text(told.expression),
        "agreement": {"verdict": verdict.verdict, "methods": list(verdict.methods)},
        "cost": _costs(costs),
    }


def _text(expression: Expression | None) -> str | None:
    """The whole text, or None where there is no expression, or its text would be too long to be of use."""
    return None if expression is None else whole_text(expression)


def _costs(costs: Mapping[str, Count]) -> dict[str, Any]:
    return {name: _cost(count) for name, count in costs.items()}


def _cost(count: Count) -> dict[str, int | str]:
    return {
        "multiplications": count_record(count.multiplications),
        "additions": count_record(count.additions),
    }


def evaluation_record(evaluation: Evaluation) -> dict[str, Any]:
    """What `eval --format json` says of one point: exact numbers are whole numbers, or text such as "1/2"."""
    number = _exact_or(partial(digits_record, evaluation.digits) if evaluation.digits else number_record)
    record: dict[str, Any] = {
        "title": evaluation.spec.title,
        "at": {name: number(evaluation.values[name]) for name in evaluation.point},
        "values": {name: number(value) for name, value in evaluation.values.items()},
        "gradients": {
            each.of: {name: number(value) for name, value in each.values.items()} for each in evaluation.adjoints
        },
        "notes": list(evaluation.notes),
    }
    if evaluation.differences:
        record["verdict"] = evaluation.verdict
        record["gradcheck"] = [
            {
                "of": each.of,
                "wrt": each.wrt,
                "verdict": each.verdict,
                **({"why_not": each.why_not} if each.difference is None else {"difference": float(each.difference)}),
                "relative_error": None if each.difference is None else each.error,
            }
            for each in evaluation.differences
        ]
    return record


def training_record(training: Training) -> dict[str, Any]:
    """What `train --format json` says."""
    return {
        "title": training.spec.title,
        "of": training.gradient.of,
        "points": training.points,
        "rate": training.rate,
        "interrupted": training.stopped,
        "before": dict(training.before),
        "after": dict(training.after),
        "history": [{"step": each.step, "loss": each.loss, "slope": each.slope} for each in training.history],
    }


def _exact_or(otherwise: Callable[[Any], float | str]) -> Callable[[Any], int | float | str]:
    """Writes a fraction exactly, other numbers as told."""

    def number(value: Any) -> int | float | str:
        if not isinstance(value, Fraction):
            return otherwise(value)
        return int(value) if value.denominator == 1 and abs(value) <= LARGEST_EXACT else str(value)

    return number


def digits_record(digits: int, number: Any) -> str:
    """A number as text with so many digits, which a double has not."""
    return str(mpmath.nstr(number, digits))


def count_record(count: int) -> int | str:
    """A count as JSON can carry it."""
    return count if count <= LARGEST_EXACT else digits(count)


def number_record(number: Any) -> float | str:
    """A number as JSON can carry it: a string of 17 digits where a double would be infinite, or 0 though it isn't."""
    value = float(number)
    return str(mpmath.nstr(number, 17)) if math.isinf(value) or (not value and number) else value


def paths_json(listings: Sequence[Listing]) -> Iterator[str]:
    """What `paths --format json` says, as text, a path or a node a line, made while it is read."""
    if len(listings) == 1:
        yield from _listing(listings[0])
    else:
        yield '{"results": ['
        for index, listing in enumerate(listings):
            yield ",\n" if index else "\n"
            yield from _listing(listing)
        yield "\n]}"
    yield "\n"


def _listing(listing: Listing) -> Iterator[str]:
    found, asked = listing.paths, listing.asked
    head: dict[str, Any] = {"of": found.of, "wrt": found.wrt}
    head |= {name: names for name, names in (("through", asked.through), ("avoid", asked.avoid)) if names}
    head |= {"count": count_record(found.count), "paths_complete": listing.complete}
    if asked.needs_point and found.why_no_values is None:
        head["value"] = _number(found.derivative)
    if asked.mode == "nodes" and found.why_no_values is not None:
        head["why_no_values"] = found.why_no_values.diagnostics[0].message
    if asked.needs_point and found.notes:
        head["notes"] = list(found.notes)
    yield "{" + ", ".join(f"{_json(key)}: {_json(value)}" for key, value in head.items())
    if asked.mode == "top":
        rows = tuple(listing.rows())  # the search is made once, and has as many in memory anyway
        yield from _array("paths", (row.path for row in rows), "\n  ")
        yield from _array("ranks", (count_record(row.rank) for row in rows))
        yield from _array("values", (_number(row.value) for row in rows))
        yield from _array("shares", (_number(row.share) for row in rows))
    else:
        yield from _array("paths", (row.path for row in listing.rows()), "\n  ")
        if asked.mode not in ("first", "nodes"):
            yield from _array("ranks", (count_record(row.rank) for row in listing.rows()))
    if asked.mode == "nodes":
        yield from _array("nodes", map(_traffic, listing.nodes()), "\n  ")
    yield "}"


def _traffic(node: Traffic) -> dict[str, Any]:
    record: dict[str, Any] = {"node": node.node, "count": count_record(node.count)}
    return record if node.value is None else record | {"value": _number(node.value), "share": _number(node.share)}


def _array(key: str, values: Iterator[Any], apart: str = " ") -> Iterator[str]:
    """A key and its array, many entries at a time; `apart` stands before each."""
    yield f",\n{_json(key)}: ["
    before = apart if "\n" in apart else ""
    while batch := list(islice(values, AT_ONCE)):
        yield before + f",{apart}".join(map(_json, batch))
        before = f",{apart}"
    yield "]"


def _json(value: Any) -> str:
    return printable_json(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _number(value: Any) -> float | str | None:
    """A number as JSON can carry it, null for none."""
    return None if value is None else number_record(value)


def cost_record(costs: Costs) -> dict[str, Any]:
    """What `cost --format json` says; `of` and `wrt` are lists where there are several."""
    return {
        "title": costs.spec.title,
        "of": _one_or_all(costs.of),
        "wrt": _one_or_all(costs.wrt),
        "path_count": count_record(costs.path_count),
        "strategies": {name: _strategy(strategy) for name, strategy in costs.strategies.items()},
        "search": _search(costs.found),
    }


def _search(found: Found) -> dict[str, Any]:
    """What is known of an order that was searched for."""
    return {
        "optimal": found.optimal,
        "lower_bound": count_record(found.floor),
        "annealings": found.annealings,
        "steps": found.steps,
        "interrupted": found.interrupted,
    }


def _one_or_all(names: tuple[str, ...]) -> str | list[str]:
    return names[0] if len(names) == 1 else list(names)


def _strategy(strategy: Strategy) -> dict[str, Any]:
    return {
        "multiplications": count_record(strategy.spent.multiplications),
        "additions": count_record(strategy.spent.additions),
        "multiplications_with_units_free": count_record(strategy.spent.without_units),
        "order": list(strategy.order or ()),
    }


def error_record(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """Errors as JSON, for standard error: the first ones, and how many `more` there are."""
    more = len(diagnostics) - SHOWN
    return {
        "errors": [
            {
                "code": d.code,
                "message": d.message,
                "source": d.source,
                "line": d.place.line if d.place else None,
                "column": d.place.column if d.place else None,
                "end_column": d.place.end if d.place else None,
                "note": d.note,
                "hint": d.hint,
            }
            for d in diagnostics[:SHOWN]
        ],
        **({"more": more} if more > 0 else {}),
    }


def as_json(record: dict[str, Any]) -> str:
    """The text of a record, ending in a line break. What would drive a terminal, or is not to be seen, is escaped."""
    return printable_json(json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2)) + "\n"


def printable_json(text: str) -> str:
    """JSON in which what would drive a terminal, or is not to be seen, is escaped."""
    return _FOREIGN.sub(lambda sign: json.dumps(sign[0])[1:-1] if unseen(sign[0]) else sign[0], text)


_FOREIGN: Final = re.compile(r"[^\n\x20-\x7e]")
