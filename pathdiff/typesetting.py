"""Expressions, formulas and definitions as mathematics, in the language of `notation`.

Where a bracket, a dot or a minus sign goes is decided here, once, for the terminal, LaTeX and whatever comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pathdiff.derivation import Accumulated, Formula, Partial, Product, Sum, Total, Value
from pathdiff.expression import BINDS, Expression, Tree, postorder
from pathdiff.functions import KNOWN
from pathdiff.names import Symbols
from pathdiff.notation import (
    Apply,
    Brackets,
    Constant,
    Dots,
    Elided,
    Fraction,
    Known,
    Math,
    Number,
    Raised,
    Ratio,
    Root,
    Row,
    Sign,
    Space,
    Term,
    leads,
    needs_brackets,
    number_math,
    product_math,
)
from pathdiff.spec import Node, UserFunction

LONGEST_READABLE: Final = 400
"""How many symbols an expression may have and still be typeset."""
DEEPEST_READABLE: Final = 30
MOST_ARGUMENTS: Final = 8
"""An abstract node with more arguments than this shows the first two and the last."""
NO_NAMES: Final = Symbols(())

_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4


def expression_math(
    expression: Expression,
    symbols: Symbols,
    numbers: Callable[[str], Math | None] = lambda _: None,
    own: Symbols = NO_NAMES,
) -> Math:
    """An expression as it is written.

    `numbers` may give what stands for a name instead, at a point; `own` are the names of the spec's own functions.
    """
    size = _size(expression.tree)
    if size is None or size > LONGEST_READABLE:
        return Elided(size or 0)
    done: dict[Tree, Math] = {}
    for tree in postorder(expression.tree):
        args = [done[arg] for arg in tree.args]
        if tree.kind == "call":
            done[tree] = Apply(own[tree.text], tuple(args)) if tree.text in own else _call_math(tree.text, args)
        else:
            done[tree] = _tree_math(tree, args, expression, symbols, numbers)
    return done[expression.tree]


def _size(root: Tree) -> int | None:
    """How many symbols the expression has, written out; None where it nests too deep."""
    size: dict[Tree, int] = {}
    depth: dict[Tree, int] = {}
    for tree in postorder(root):
        size[tree] = 1 + sum(size[arg] for arg in tree.args)
        depth[tree] = 1 + max((depth[arg] for arg in tree.args), default=0)
        if depth[tree] > DEEPEST_READABLE:  # and beyond, sizes of shared parts grow to thousands of digits
            return None
    return size[root]


def _tree_math(
    tree: Tree, args: list[Math], expression: Expression, symbols: Symbols, numbers: Callable[[str], Math | None]
) -> Math:
    def bracketed(index: int, place: int) -> Math:
        return args[index] if _binds(tree.args[index], args[index]) >= place else Brackets(args[index])

    match tree.kind:
        case "number":
            return Number(tree.text)
        case "pi":
            return Constant()
        case "slot":
            assert isinstance(tree.value, int)
            name = expression.name(tree.value)
            return numbers(name) or symbols[name]
        case "neg":
            return Row((Sign("−", before=True), bracketed(0, _PRODUCT)))
        case "+":
            items: list[Math] = []
            for index, arg in enumerate(tree.args):
                minus = arg.kind == "neg" and index > 0
                if index:
                    items.append(Sign("−" if minus else "+"))
                shown = args[index]
                if minus:
                    assert isinstance(shown, Row)
                    items.extend(shown.items[1:])
                else:
                    items.append(shown if not index or leads(shown) != "−" else Brackets(shown))
            return Row(tuple(items))
        case "*":
            return product_math(
                [bracketed(i, _PRODUCT if tree.args[i].kind == "/" else _POWER) for i in range(len(args))]
            )
        case "/":
            return Fraction(args[0], args[1])
        case "^":
            return Raised(
                bracketed(0, _ATOM) if not isinstance(args[0], Fraction | Raised | Root) else Brackets(args[0]), args[1]
            )
        case _:
            raise ValueError(f"a {tree.kind} is not written here")


def _call_math(function: str, args: Sequence[Math]) -> Math:
    known = KNOWN[function]
    match known.shape:
        case "root":
            return Root(args[0])
        case "cube root":
            return Root(args[0], 3)
        case "bars":
            return Brackets(args[0], "bars")
        case "call":
            return Apply(known.name, tuple(args))


def definition(node: Node, symbols: Symbols, own: Symbols = NO_NAMES) -> tuple[Math, Math]:
    """A node and what its text says that it is, with the spec's own functions."""
    if node.written is not None:
        return symbols[node.name], expression_math(node.written, symbols, own=own)
    arguments: list[Math] = [symbols[name] for name in node.arguments]
    if len(arguments) > MOST_ARGUMENTS:
        arguments[2:-1] = [Dots()]
    return symbols[node.name], Apply(symbols[node.name], tuple(arguments))


def function_definition(function: UserFunction, own: Symbols) -> tuple[Math, Math]:
    """A call of a user's function with its parameters, and what it is."""
    parameters = Symbols(function.parameters)
    call = Apply(own[function.name], tuple(parameters[name] for name in function.parameters))
    return call, expression_math(function.written, parameters, own=own)


def _binds(tree: Tree, shown: Math) -> int:
    """How tightly what is shown binds: a number put in the place of a name may have a minus sign."""
    return _SUM if isinstance(shown, Row) and tree.kind == "slot" else BINDS[tree.kind]


def formula_math(formula: Formula, symbols: Symbols, shown: Callable[[Any], str] | None = None) -> Math:
    """A formula of a derivation as it is written. `shown` writes the numbers of a point."""
    match formula:
        case Partial():
            return Ratio(symbols[formula.of], symbols[formula.wrt])
        case Total():
            return Brackets(ratio(formula, symbols))
        case Accumulated():
            return symbols[formula.name]
        case Value():
            numbers = formula.numbers
            if numbers is None:
                return expression_math(formula.label, symbols)
            known: Mapping[str, Any] = numbers
            return expression_math(
                formula.label, symbols, lambda name: number_math(known[name], shown) if name in known else None
            )
        case Product():
            return _factors_math(formula.factors, symbols, shown)
        case Sum():
            return _sum_math(formula, symbols, shown)


def ratio(result: Total, symbols: Symbols) -> Ratio:
    """The derivative that a line works out, as its left side."""
    return Ratio(symbols[result.of], symbols[result.wrt], result.also_edge)


def _factors_math(factors: Sequence[Formula], symbols: Symbols, shown: Callable[[Any], str] | None) -> Math:
    """A product of labels: ratios side by side, dots between labels that are written out."""
    if not factors:
        return Number("1")
    items: list[Math] = []
    for factor in factors:
        math = formula_math(factor, symbols, shown)
        if isinstance(factor, Sum):
            math = Brackets(math)
            math = Known(math, ratio(factor.known_as, symbols)) if factor.known_as else math
        elif isinstance(factor, Value) and len(factors) > 1 and needs_brackets(math):
            math = Brackets(math)
        if items:
            items.append(Sign("·") if isinstance(factor, Value) else Space())
        items.append(math)
    return items[0] if len(items) == 1 else Row(tuple(items))


def _sum_math(formula: Sum, symbols: Symbols, shown: Callable[[Any], str] | None) -> Math:
    if not formula.terms:
        return Number("0")
    items: list[Math] = []
    for index, term in enumerate(formula.terms):
        math = formula_math(term, symbols, shown)
        if len(formula.terms) == 1 and isinstance(math, Row):  # a chain: no bracket is needed to tell a line before
            math = Row(
                tuple(i.inner if isinstance(i, Brackets) and isinstance(i.inner, Ratio) else i for i in math.items)
            )
        if index:
            items.append(Sign("+"))
            math = Brackets(math) if leads(math) == "−" else math
        number = formula.marks[index] if formula.marks else 0
        items.append(Term(number, math) if number else math)
    return items[0] if len(items) == 1 and not formula.marks else Row(tuple(items))
