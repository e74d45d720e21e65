"""From text to verdict: the whole of pathdiff in one function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import networkx as nx

from pathdiff.derivation import MOST_DERIVATIONS, Derivation, Gradient, Sweep
from pathdiff.derive import LISTED_PATHS, derive_gradient
from pathdiff.diagnostics import Diagnostic, InputError, nearest
from pathdiff.domain import no_value, nowhere_real
from pathdiff.expression import Tree
from pathdiff.graph import Graph, computation_graph, derivative_graph
from pathdiff.numeric import NotReal
from pathdiff.points import Known, Point
from pathdiff.reader import read_spec
from pathdiff.spec import Spec
from pathdiff.verify import Check, Verdict, verify_gradient
from pathdiff.verify.verdict import verdict as verdict_of

if TYPE_CHECKING:
    from pathdiff.elimination.search import Found
    from pathdiff.elimination.steps import Elimination

MOST_WORK: Final = 600
"""Of very many dependent nodes, the first are derived until they have so many nodes and edges between them."""
LARGEST_WORK: Final = 50_000
"""Of a dozen as well, where they have as many as that."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """An elimination under the name of its order, verified."""

    name: str
    """The name of a strategy, such as "reverse"; nothing for an order that is given."""
    elimination: Elimination
    check: Check
    """What came of making it again."""
    found: Found | None = None
    """What is known of an order that was searched for."""

    @property
    def verdict(self) -> Verdict:
        """The verdict of its check."""
        return verdict_of(self.check)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is shown of a spec."""

    spec: Spec
    computation: Graph
    derivative: Graph
    gradients: tuple[Gradient, ...]
    """For each `of` the derivatives asked for, in every form unless they are too many."""
    verdicts: tuple[Verdict, ...]
    """In the order of the gradients: one for each derivation, one for a gradient without any."""
    notes: tuple[str, ...] = ()
    """What a reader must know of the point: kinks that the derivatives meet, and what is taken for one there."""
    point: Mapping[str, Tree] = field(default_factory=dict)
    """The numbers of the point as they were given."""
    values: Mapping[str, Any] | None = None
    """The value of each name that has one at the point; None where no node has."""
    orders: tuple[Ordered, ...] = ()
    """Eliminations of the Jacobian of all derivatives together, in the orders asked for."""
    left_out: int = 0
    """How many nodes that no other uses were left out, since there are too many of them."""

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """The derivatives that are there in every form, in the order asked for."""
        return tuple(each for gradient in self.gradients for each in gradient.derivations)

    @property
    def verified(self) -> Iterator[tuple[Gradient, tuple[Verdict, ...]]]:
        """Each gradient with the verdicts of its derivations, or with its own where it has none."""
        rest = iter(self.verdicts)
        for gradient in self.gradients:
            yield gradient, tuple(islice(rest, len(gradient.derivations) or 1))

    @property
    def why_no_values(self) -> tuple[str, ...]:
        """Why derivatives have no value at the point, each reason once."""
        told = [gradient.why_no_numbers for gradient in self.gradients]
        told += [derivation.why_no_numbers for derivation in self.derivations]
        return tuple(dict.fromkeys(filter(None, told)))

    @property
    def all_sweeps(self) -> Iterator[Sweep]:
        """Every sweep that is shown."""
        for gradient in self.gradients:
            yield gradient.sweep
            for derivation in gradient.derivations:
                yield from (derivation.reverse, derivation.forward)

    @property
    def verdict(self) -> str:
        """The worst of the verdicts: "refuted" if one derivation is, else "undecided" if one is, else "agree"."""
        return worst(each.verdict for each in (*self.verdicts, *(order.verdict for order in self.orders)))

    @property
    def checked(self) -> str:
        """The verdict on the whole spec: undecided as well where nodes were left out."""
        return worst([self.verdict, *(["undecided"] if self.left_out else [])])


def explain(text: str, name: str = "<spec>", *, inline: bool = False, **asked: Any) -> Explanation:
    """Reads a spec, derives, verifies; `explained` says what may be asked. Raises InputError for wrong input."""
    return explained(read_spec(text, name, inline=inline), **asked)


def explained(
    spec: Spec,
    of: Sequence[str] = (),
    wrt: Sequence[str] = (),
    at: Mapping[str, Tree] | None = None,
    *,
    tell: Callable[[str], None] = lambda _: None,
) -> Explanation:
    """The way from a spec to a verdict. `at` goes before the spec's own point. Real scalars throughout.

    `tell` is called with words for what is done next.
    """
    tell("deriving")
    computation = computation_graph(spec)
    derivative = derivative_graph(computation)
    pairs = questions(spec, computation, of, wrt)
    point = point_of(spec, computation, at or {}, pairs)
    gradients = tuple(_derived(derivative, pairs, point, most=None if of or spec.derive else MOST_WORK))
    left_out = len(pairs) - len(gradients)
    verdicts: list[Verdict] = []
    for number, (each, (p, xs)) in enumerate(zip(gradients, pairs.items(), strict=False), 1):
        tell(f"verifying the derivatives of {p} ({number} of {len(gradients)})")
        verdicts += verify_gradient(spec, each, p, xs, point.told, LISTED_PATHS)
    tell("writing")
    notes = point.notes({edge for each in gradients for edge in each.part.labels})
    if worst(verdict.verdict for verdict in verdicts) == "undecided":
        notes += nowhere_real(spec)
    if left_out:
        told = f"{len(pairs):,} nodes are used by no other: the derivatives of the first {len(gradients):,} are here"
        notes.insert(0, f"{told}, `--of NODE` has those of others")
    return Explanation(
        spec,
        computation,
        derivative,
        gradients,
        tuple(verdicts),
        tuple(notes),
        point.told,
        values=point.settled if any(name in spec.nodes for name in point.known) else None,
        left_out=left_out,
    )


def _derived(
    derivative: Graph, pairs: Mapping[str, Sequence[str]], point: Point, most: int | None
) -> Iterator[Gradient]:
    """The gradients asked for; where nobody named the nodes, the first dozen of them, and more within the work."""
    work = 0
    for count, (p, xs) in enumerate(pairs.items()):
        if most is not None and work > (most if count >= MOST_DERIVATIONS else LARGEST_WORK):
            return
        gradient = derive_gradient(derivative, p, xs, point)
        work += 1 + len(gradient.part.labels) * max(1, len(gradient.derivations))
        yield gradient


def worst(verdicts: Iterable[str]) -> str:
    """Refuted if one is, else undecided if one is, else agree."""
    return max(verdicts, key=("agree", "undecided", "refuted").index, default="agree")


def questions(spec: Spec, graph: Graph, of: Sequence[str] = (), wrt: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Which derivatives are asked for: for each node the names with respect to which, in order.

    `of` defaults to the spec's `derive`, else to the dependent nodes; `wrt` to `derive`, else to the inputs, else
    to all independent names; `all` means these. Raises InputError for a name that is not in the spec.
    """
    unknown = [
        (option, name) for option, names in (("--of", of), ("--wrt", wrt)) for name in names if name not in graph
    ]
    unknown = [(option, name) for option, name in unknown if (option, name) != ("--wrt", "all")]
    if unknown:
        raise InputError(
            Diagnostic("unknown-name", f"`{name}` is not a node of the spec", option, hint=nearest(name, graph.nodes))
            for option, name in unknown
        )
    dependents = [name for name, known in graph.nodes(data=True) if known["role"] == "dependent"]
    default = spec.inputs or spec.independents

    def names(told: Sequence[str]) -> tuple[str, ...]:
        spread = [
            other for name in told for other in (spec.independents if name == "all" and name not in graph else (name,))
        ]
        return tuple(dict.fromkeys(spread)) or default

    pairs = {p: names(wrt or spec.derive.get(p, ())) for p in of or spec.derive or dependents}
    if not any(pairs.values()):
        message = "there is nothing to derive: no expression uses a name"
        raise InputError([Diagnostic("nothing-to-derive", message, spec.source.name)])
    return pairs


def point_of(spec: Spec, graph: Graph, at: Mapping[str, Tree], of: Iterable[str]) -> Point:
    """The numeric point: the spec's own, `at` before it, with the value of each node that `of` needs and it determines.

    Raises InputError for a name that is not independent, and where an expression has no real value, naming the node.
    """
    wrong = [name for name in at if name not in spec.independents]
    if wrong:
        raise InputError(_not_independent(spec, name) for name in wrong)
    told = {**spec.at, **at}
    needed = set(of).union(*(nx.ancestors(graph, name) for name in of))
    order = tuple(name for name in nx.topological_sort(graph) if name in needed)
    point = Point({name: node for name, node in spec.nodes.items() if name in needed}, order, told)
    try:
        _ = point.known
    except NotReal as error:
        name = error.__notes__[0]
        if name in told:
            message = f"the value of `{name}` is {error.reason}"
            raise InputError([Diagnostic("outside-domain", message, spec.source.name)]) from None
        raise InputError(_without_value(spec, point) or [_no_value(spec, name, error, {})]) from None
    return point


def _without_value(spec: Spec, point: Point) -> list[Diagnostic]:
    """An error for each node that has no value at the point though all its arguments have one."""
    problems: list[Diagnostic] = []
    known = {name: Known(tree, {}, lambda: False) for name, tree in point.told.items()}
    for name in point.order:
        node = spec.nodes.get(name)
        if node and node.tree and name not in known and all(argument in known for argument in node.arguments):
            try:
                arguments = {slot: known[argument] for slot, argument in enumerate(node.arguments)}
                known[name] = Known(node.tree, arguments, lambda: False)
            except NotReal as error:
                problems.append(_no_value(spec, name, error, known))
    return problems


def _no_value(spec: Spec, name: str, error: NotReal, known: Mapping[str, Known]) -> Diagnostic:
    node, said = spec.nodes[name], f"`{name}` {error.fault} at this point:"
    return no_value(error, said, node.text, node.arguments, spec.functions, known)


def _not_independent(spec: Spec, name: str) -> Diagnostic:
    note = "a node has the value that its expression gives it" if name in spec.nodes else ""
    hint = "" if note else nearest(name, spec.independents)
    return Diagnostic("unknown-name", f"`{name}` is not an independent name", "--at", note=note, hint=hint)
