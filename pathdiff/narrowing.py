"""What lies between two nodes, narrowed to the paths through a node or past it: again a part of the graph."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from pathdiff.graph import Between


def through(part: Between, node: str) -> Between:
    """Narrowed to the paths that go through a node, which may be one of their ends. Cost O(V + E).

    An edge stays if both its ends reach the node or both are reached from it, the node itself counted with either:
    a path of such edges changes sides at the node only. The nodes left keep their order and depth, so the paths left
    come in the order in which they came.
    """
    if node not in part.users:
        return _kept(part, (), lambda v, u: False)
    above, below = _reached([node], part.users), _reached([node], part.arguments)
    ends = (name for name in part.wrt if name in below)
    return _kept(part, ends, lambda v, u: (v in above and u in above) or (v in below and u in below))


def avoiding(part: Between, node: str) -> Between:
    """Narrowed to the paths that do not go through a node. Cost O(V + E); nodes keep their order and depth."""
    ends = (name for name in part.wrt if name != node and part.of != node)
    return _kept(part, ends, lambda v, u: node not in (v, u))


def _kept(part: Between, ends: Iterable[str], keep: Callable[[str, str], bool]) -> Between:
    """What lies between the same node and these ends by the edges that are kept."""
    arguments = {v: tuple(u for u in used if keep(v, u)) for v, used in part.arguments.items()}
    reached = _reached([part.of], arguments)
    left = tuple(name for name in ends if name in reached)
    inside = _reached(left, {u: [v for v in used if keep(v, u) and v in reached] for u, used in part.users.items()})
    order = tuple(name for name in part.order if name in inside)
    labels = {(v, u): label for (v, u), label in part.labels.items() if v in inside and u in inside and keep(v, u)}
    return replace(
        part,
        wrt=left,
        order=order,
        depth={name: part.depth[name] for name in order},
        users={u: tuple(v for v in part.users[u] if (v, u) in labels) for u in order},
        arguments={v: tuple(u for u in part.arguments[v] if (v, u) in labels) for v in order},
        labels=labels,
    )


def _reached(start: Iterable[str], along: Mapping[str, Iterable[str]]) -> set[str]:
    """The nodes that these lead to, themselves among them."""
    queue = deque(start)
    reached = set(queue)
    while queue:
        for name in along.get(queue.popleft(), ()):
            if name not in reached:
                reached.add(name)
                queue.append(name)
    return reached
