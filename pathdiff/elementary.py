"""A spec with every node split into elementary operations, one node each, as in an evaluation trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from pathdiff import expression as ex
from pathdiff.expression import Expression, Tree, postorder
from pathdiff.partials import visible
from pathdiff.spec import Node, Spec


def elementary(spec: Spec) -> Spec:
    """The same function in which each node is one operation on names and constants; real scalars.

    An operation is a sum, a difference, a product or a quotient of two, a power, a minus sign or a call; of three
    terms or factors and more it takes them from the left, and of min and max two arguments at a time. A node keeps
    its name, abstract nodes stay as they are, and what is new has the name of its node and a number: s_1, s_2, ... An
    operation that occurs twice in a node is done once. Constants are no nodes: 2*pi*x is one product. Griewank and
    Walther (2008), chapter 2.

    >>> from pathdiff.reader import read_spec
    >>> traced = elementary(read_spec("s = a*x + b*y - 1", inline=True))
    >>> {name: str(node.written) for name, node in traced.nodes.items()}
    {'s_1': 'a*x', 's_2': 'b*y', 's_3': 's_1 + s_2', 's': 's_3 - 1'}
    """
    taken = {*spec.independents, *spec.nodes, *spec.functions}
    nodes: dict[str, Node] = {}
    for node in spec.nodes.values():
        for part in _split(node, _fresh(node.name, taken)):
            nodes[part.name] = part
    return replace(spec, nodes=nodes, functions={})


def _fresh(name: str, taken: set[str]) -> Callable[[], str]:
    count = 0

    def fresh() -> str:
        nonlocal count
        while True:
            count += 1
            found = f"{name}_{count}"
            if found not in taken:
                taken.add(found)
                return found

    return fresh


def _split(node: Node, fresh: Callable[[], str]) -> Iterable[Node]:
    """The operations of a node, each after those that it needs; its own is the last."""
    if node.tree is None:
        return [node]
    made: list[Node] = []
    names: dict[str, int] = {name: index for index, name in enumerate(node.arguments)}
    root = _binary(node.tree)
    own = _operations(root)
    done: dict[Tree, Tree] = {}
    """What stands in the place of each part, slot i for the i-th of `names`."""
    for part in postorder(root):
        done[part] = whole = ex.rebuilt(part, [done[arg] for arg in part.args]) if part.args else part
        if part in own and part is not root:
            name = fresh()
            made.append(_node(node, name, whole, list(names)))
            done[part] = ex.slot(names.setdefault(name, len(names)))
    return [*made, _node(node, node.name, done[root], list(names))]


def _operations(root: Tree) -> set[Tree]:
    """The parts that are nodes: what is not constant, and no minus sign that makes a sum a difference."""
    varies: set[Tree] = set()
    for part in postorder(root):
        if part.kind == "slot" or any(arg in varies for arg in part.args):
            varies.add(part)
    found = {root}
    waiting = [root]
    while waiting:
        part = waiting.pop()
        for index, arg in enumerate(part.args):
            inner = arg.args[0] if part.kind == "+" and index and arg.kind == "neg" else arg
            if inner in varies and inner.args and inner not in found:
                found.add(inner)
                waiting.append(inner)
    return found


def _node(of: Node, name: str, tree: Tree, names: Sequence[str]) -> Node:
    """A node with an expression in slots for some names."""
    used = ex.slots_of(tree)
    arguments = tuple(names[index] for index in used)
    local = ex.substitute(tree, {index: ex.slot(place) for place, index in enumerate(used)})
    return Node(name, arguments, local, Expression(visible(local, of.hidden), arguments), of.text, of.hidden)


def _binary(root: Tree) -> Tree:
    """The same value with two arguments to an operation at most, taken from the left; what is constant stays whole."""

    def combine(tree: Tree, args: list[Tree]) -> Tree:
        if len(args) <= 2 or not _joins(tree):
            return ex.rebuilt(tree, args) if args else tree
        together, *rest = args
        for arg in rest:
            together = ex.rebuilt(tree, (together, arg))
        return together

    return ex.fold(root, combine)


def _joins(tree: Tree) -> bool:
    return tree.kind in ("+", "*") or (tree.kind == "call" and tree.text in ("min", "max"))
