"""What a spec says, read and found right: nodes with their roles, user's functions, what to derive, a point."""

from __future__ import annotations

from dataclasses import dataclass, field

from pathdiff.expression import Expression, Tree
from pathdiff.source import Source, Text


@dataclass(frozen=True, slots=True)
class Node:
    """A named value that is computed: intermediate, or dependent when no other node uses it."""

    name: str
    arguments: tuple[str, ...]
    """The names that its text uses, once each, in order of first use."""
    tree: Tree | None
    """Its value in slots, slot i for argument i, user's functions put in; None for an abstract node."""
    written: Expression | None
    """Its text as typed, with calls of user's functions; None for an abstract node."""
    text: Text = field(compare=False, repr=False)
    hidden: frozenset[str] = frozenset()
    """The names of known functions that mean something else in this spec, and `pi` where one of its spellings does."""

    @property
    def abstract(self) -> bool:
        """Whether the node is known only by its arguments."""
        return self.tree is None


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function that the spec defines."""

    name: str
    parameters: tuple[str, ...]
    body: Tree
    """Its value in slots, slot i for parameter i, other functions of the spec put in."""
    written: Expression
    """Its expression as typed."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A composite function as described: real scalars, everything in the order of the text."""

    title: str
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    nodes: dict[str, Node]
    functions: dict[str, UserFunction]
    derive: dict[str, tuple[str, ...]]
    """What to derive when not told: a node, and with respect to what, nothing for the default."""
    at: dict[str, Tree]
    """A value for each name of the numeric point, a tree without slots."""
    source: Source = field(compare=False, repr=False)

    @property
    def independents(self) -> tuple[str, ...]:
        """Inputs, then parameters."""
        return self.inputs + self.parameters
