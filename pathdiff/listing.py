"""What is asked of the paths between two nodes, and what is shown of them: some of them, each made when it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from pathdiff.derivation import Path, Weighed
from pathdiff.diagnostics import Diagnostic, InputError, nearest
from pathdiff.explain import point_of, questions
from pathdiff.expression import Tree
from pathdiff.graph import Between, Graph, between, computation_graph, derivative_graph, within_limit
from pathdiff.narrowing import avoiding, through
from pathdiff.paths import Heads
from pathdiff.spec import Spec
from pathdiff.weighing import Traffic, WeighedPaths

LISTED: Final = 10_000
"""How many paths or nodes are shown when nobody says how many."""

Mode = Literal["first", "nth", "rank", "sample", "top", "nodes"]
Watch = Callable[[Iterator[Weighed], int], Iterator[Weighed]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which paths are asked for."""

    mode: Mode = "first"
    number: int = 0
    """The rank of the nth; how many of a sample, or of the largest ones."""
    path: Path = ()
    """The path whose rank is asked for."""
    seed: int = 0
    limit: int | None = None
    """How many are shown at most; `LISTED` of the first ones, or of the nodes, when not told."""
    through: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()

    @property
    def needs_point(self) -> bool:
        """Whether the values of the paths are shown."""
        return self.mode in ("top", "nodes")


@dataclass(frozen=True, slots=True)
class Listing:
    """What is shown of the paths from one node to another."""

    graph: Graph
    """The computation graph, whose names are typeset."""
    paths: WeighedPaths
    """All of those asked about: what `through` and `avoid` leave."""
    asked: Asked
    size: int
    """How many paths or nodes are shown."""
    watch: Watch = lambda rows, _: rows
    """What sees the paths go by, of so many: a progress bar."""

    @property
    def complete(self) -> bool:
        """Whether every path is listed."""
        once = self.asked.mode not in ("sample", "nodes")
        return once and self.size == self.paths.count

    def rows(self) -> Iterator[Weighed]:
        """The paths shown, each with its rank, made while they are read; the same ones every time."""
        return self.watch(self._rows(), self.size)

    def _rows(self) -> Iterator[Weighed]:
        paths, asked = self.paths, self.asked
        match asked.mode:
            case "first":
                return map(Weighed, range(1, self.size + 1), paths)
            case "nth":
                return iter([Weighed(asked.number, paths.nth(asked.number))][: self.size])
            case "rank":
                return iter([Weighed(paths.rank(asked.path), asked.path)][: self.size])
            case "sample" if self.size:
                return (Weighed(paths.rank(path), path) for path in paths.sample(self.size, asked.seed))
            case "top":
                return paths.top(self.size)
            case _:
                return iter(())

    def nodes(self) -> Iterator[Traffic]:
        """The nodes shown, in order from `of` on."""
        return islice(self.paths.by_node(), self.size) if self.asked.mode == "nodes" else iter(())


def listings(
    spec: Spec, of: Sequence[str], wrt: Sequence[str], at: Mapping[str, Tree], asked: Asked
) -> tuple[Listing, ...]:
    """What is asked for, of each node with respect to each, in the order of `questions`. Raises InputError.

    Without `of` and `wrt` a path whose rank is asked for says itself where it runs from and to.
    """
    computation = computation_graph(spec)
    check_names(computation, {"--through": asked.through, "--avoid": asked.avoid, "--rank": asked.path})
    pairs = questions(spec, computation, of or asked.path[:1], wrt or asked.path[-1:])
    point = point_of(spec, computation, at, pairs) if at or asked.needs_point else None
    derivative = derivative_graph(computation)
    found = []
    whole = within_limit(between(derivative, p, names) for p, names in pairs.items())
    for part, names in zip(whole, pairs.values(), strict=True):
        part = narrowed(part, asked.through, asked.avoid)
        heads = Heads(part)
        found += [_listing(computation, WeighedPaths(part, x, point, heads), asked) for x in names]
    return tuple(found)


def check_names(graph: Graph, told: Mapping[str, Iterable[str]]) -> None:
    """Raises InputError for names, told by an option or argument, that the spec has not."""
    unknown = [(option, name) for option, names in told.items() for name in names if name not in graph]
    if unknown:
        raise InputError(
            Diagnostic("unknown-name", f"`{name}` is not a node of the spec", option, hint=nearest(name, graph))
            for option, name in unknown
        )


def narrowed(part: Between, through_all: Iterable[str], avoid: Iterable[str]) -> Between:
    """Narrowed to the paths that go through all of some nodes and through none of others."""
    for name in through_all:
        part = through(part, name)
    for name in avoid:
        part = avoiding(part, name)
    return part


def _listing(graph: Graph, paths: WeighedPaths, asked: Asked) -> Listing:
    """How much is shown; what can't be is an error before anything is."""
    try:
        match asked.mode:
            case "first":
                size, most = paths.count, LISTED
            case "nth":
                paths.nth(asked.number)
                size = most = 1
            case "rank":
                paths.rank(asked.path)
                size = most = 1
            case "sample":
                size = most = asked.number if paths.count else 0
            case "top":
                _ = paths.values
                size, most = paths.count, asked.number
            case "nodes":
                size, most = len(paths.nodes_between), LISTED
    except (IndexError, ValueError) as error:
        note = "only the paths that --through and --avoid leave are counted" if asked.through + asked.avoid else ""
        raise InputError([Diagnostic("no-such-path", str(error), f"--{asked.mode}", note=note)]) from None
    return Listing(graph, paths, asked, min(size, most if asked.limit is None else asked.limit))
