"""Proofs by SymPy that a label is a derivative: differentiate, subtract, multiply out. Nothing whose time has no bound.

What does not depend on the variable is replaced by a letter first, the same everywhere. That proves more than is
needed, keeps what SymPy sees small, and makes one problem of the many labels of a layer. SymPy is imported when
the first proof is tried.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final

from pathdiff.expression import OWN, Expression, Tree, postorder, rebuilt, slot, slots_of, substitute
from pathdiff.numeric import NotReal, value
from pathdiff.verify.effort import operations
from pathdiff.verify.sampling import context

_MOST_WORK: Final = 100_000
"""So many operations are looked at in one verification."""
_MOST_PROBLEMS: Final = 400
"""So many different problems are given to SymPy in one verification."""
_LETTER: Final = 60
"""What has more operations than this and does not depend on the variable is replaced by a letter."""
_FIRST_LETTER: Final = 10**9
_LARGEST: Final = 300
"""A label, or a node's expression, that is written with more operations than this isn't given to SymPy."""
_MOST_OPERATIONS: Final = 400
_MOST_TERMS: Final = 2000
"""A difference of more operations, or with more terms when multiplied out, isn't multiplied out."""
_LARGEST_CONSTANT: Final = 200
"""A constant beyond 2 to this power isn't tried: SymPy computes with what it can compare."""
_LARGEST_EXPONENT: Final = 1000
"""Nor is a power with more than this in its exponent, unless of a name: in (2*x)**n SymPy computes 2**n."""
_POWERS_ONLY: Final = {
    "power_exp": True, "force": True,
    "power_base": False, "log": False, "mul": False, "multinomial": False, "basic": False,
}  # fmt: skip
"""Writes x**(a - 1) as x**a/x, which SymPy takes for another power."""

Claims = tuple[tuple[int, Tree], ...]
"""For some slots of an expression the labels that claim to be the partials with respect to them."""


class Prover:
    """Proofs for one verification, which end when their work is used up; equal shapes are proved once."""

    def __init__(self) -> None:
        self._work = _MOST_WORK
        self._problems: set[tuple[Tree, Tree]] = set()
        self._known: dict[tuple[Tree, Claims], int] = {}

    def proved(self, tree: Tree, claims: Claims) -> int:
        """How many of these labels are proved to be the partials of an expression."""
        key = tree, claims
        if key not in self._known:
            self._known[key] = sum(self._try(tree, index, label) for index, label in claims)
        return self._known[key]

    def _try(self, tree: Tree, index: int, label: Tree) -> bool:
        if self._work <= 0:
            return False
        if operations(tree) + operations(label) > _MOST_WORK:
            return False
        problem, work = problem_of(tree, index, label)
        self._work -= work
        if problem not in self._problems and len(self._problems) == _MOST_PROBLEMS:
            return False
        self._problems.add(problem)
        return proved(*problem)


def problem_of(tree: Tree, index: int, label: Tree) -> tuple[tuple[Tree, Tree], int]:
    """An expression in slot 0 and its claimed derivative, with other slots in order of use, and how large they were.

    The label may name the value of the expression, which is put in. A large part that doesn't depend on the
    variable becomes a slot, and so do the terms, or factors, that don't, all together.
    """
    label = substitute(label, {OWN: tree})
    letters: dict[tuple[Tree, ...], Tree] = {}
    depends: dict[Tree, bool] = {}
    size: dict[Tree, int] = {}
    done: dict[Tree, Tree] = {}

    def letter(*parts: Tree) -> Tree:
        return letters.setdefault(parts, slot(_FIRST_LETTER + len(letters)))

    order = list(dict.fromkeys(postorder(tree) + postorder(label)))
    for part in order:
        depends[part] = (part.kind == "slot" and part.value == index) or any(depends[arg] for arg in part.args)
        size[part] = min(1 + sum(size[arg] for arg in part.args), _MOST_WORK)
        rest = [arg for arg in part.args if not depends[arg]]
        if not depends[part] or not part.args:
            done[part] = part
        elif sum(size[arg] for arg in rest) <= _LETTER:
            done[part] = rebuilt(part, [done[arg] for arg in part.args])
        elif part.kind in ("+", "*"):
            done[part] = rebuilt(part, [*(done[arg] for arg in part.args if depends[arg]), letter(*rest)])
        else:
            done[part] = rebuilt(part, [done[arg] if depends[arg] else letter(arg) for arg in part.args])
    used = dict.fromkeys([index, *slots_of(done[tree]), *slots_of(done[label])])
    into = {old: slot(new) for new, old in enumerate(used)}
    return (substitute(done[tree], into), substitute(done[label], into)), operations(tree) + operations(label)


@lru_cache(maxsize=4096)
def _size(tree: Tree) -> int:
    """The operations of an expression, as written: what is shared counts each time, since SymPy sees it so."""
    sizes: dict[Tree, int] = {}
    for part in postorder(tree):
        # Max and Min compare each argument with each other one.
        own = len(part.args) ** 2 if part.kind == "call" else 1
        sizes[part] = min(own + sum(sizes[arg] for arg in part.args), _MOST_WORK)
    return sizes[tree]


@lru_cache(maxsize=4096)
def proved(tree: Tree, label: Tree) -> bool:
    """Whether SymPy shows that a label is the derivative of an expression by slot 0."""
    if _size(tree) + _size(label) > 2 * _LARGEST or not (_small_constants(tree) and _small_constants(label)):
        return False
    from pathdiff.symbolic import symbol

    try:
        return _same(_in_sympy(tree).diff(symbol(_NAMES[0])), _in_sympy(label))
    except (ValueError, TypeError, ArithmeticError, NotImplementedError, RecursionError):
        return False  # SymPy gives up


class _Names(dict[int, str]):
    """Names that depend on the slot only."""

    def __missing__(self, index: int) -> str:
        return f"a{index}"


_NAMES: Final = _Names()


@lru_cache(maxsize=256)
def _in_sympy(tree: Tree) -> Any:
    """The expression in SymPy. Raises ValueError where that finds no real value in it."""
    import sympy

    from pathdiff.symbolic import to_sympy

    found = to_sympy(Expression(tree, _NAMES))
    if found.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.I):
        raise ValueError("not a real number")
    return found


def _small_constants(tree: Tree) -> bool:
    """Whether SymPy can compare the numbers in an expression in no time."""
    constant: dict[Tree, bool] = {}
    m = context(15)
    for part in postorder(tree):
        constant[part] = part.kind != "slot" and all(constant[arg] for arg in part.args)
        if constant[part]:
            try:
                number = value(part, (), m)
            except NotReal:
                return False
            if number and abs(m.mag(number)) > _LARGEST_CONSTANT:
                return False
        if part.kind == "^" and part.args[0].kind != "slot":
            exponents = (each for each in postorder(part.args[1]) if constant[each])
            if any(abs(value(each, (), m)) > _LARGEST_EXPONENT for each in exponents):
                return False
    return True


def _same(derivative: Any, claimed: Any) -> bool:
    """Whether two expressions are equal, structurally or multiplied out over a common denominator.

    That is: wherever both sides are defined, and off the kinks, where there is no derivative.
    """
    import sympy

    difference = derivative - claimed
    if difference.has(sympy.nan, sympy.zoo) or difference.count_ops() > _MOST_OPERATIONS:
        return False
    difference = difference.replace(sympy.DiracDelta, lambda *_: sympy.Integer(0))
    numerator, _ = difference.expand(**_POWERS_ONLY).as_numer_denom()
    return bool(_terms(numerator) <= _MOST_TERMS and numerator.expand() == 0)


def _terms(expression: Any) -> int:
    """A bound for the number of terms that an expression has when it is multiplied out."""
    if expression.is_Add:
        return sum(_terms(term) for term in expression.args)
    if expression.is_Mul:
        return math.prod(_terms(factor) for factor in expression.args)
    if expression.is_Pow and expression.exp.is_Integer:
        inner = _terms(expression.base)
        exponent = abs(int(expression.exp))
        return 1 if inner == 1 else inner ** min(exponent, 12) if exponent <= 12 else _MOST_TERMS + 1
    if expression.args:  # exp(a*(b + c)) is multiplied out inside
        return max(_terms(arg) for arg in expression.args)
    return 1
