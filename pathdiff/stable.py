"""Expressions as floating point wants them: the same value, without overflow and without losing what is small.

exp(1000) is beyond a double, log(exp(1000) + 1) is not; 1e-20 is lost in 1 + 1e-20, and log1p(1e-20) is not. Sums of
exponentials are therefore written by their logarithm (Blanchard, Higham and Higham 2021), and what functions of arrays
do not have by what they have.

Promised is this of one node, and of its labels with `cancellation.py`: for the functions of the table, sums of
exponentials, their logarithms and quotients, and 1 - f(x) for functions that come near 1. Other sums that cancel by
their numbers, such as sqrt(x**2 + 1) - x for a large x, lose what the spec's own arithmetic loses; and what one node
hands to another is a double, which exp(1000) is not, even if the next node takes its logarithm.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from pathdiff import expression as ex
from pathdiff.algebra import negative, over, plus
from pathdiff.expression import ONE, TWO, ZERO, Tree
from pathdiff.functions import ROWS
from pathdiff.grammar import parse

LARGEST_POWER: Final = 64
"""A sum of exponentials is taken apart below a fraction line up to this power."""
_MINUS_ONE: Final = ex.neg(ONE)


@lru_cache(maxsize=10_000)  # one for each shape of node
def recast(root: Tree) -> Tree:
    """The same value of real scalars, sums of exponentials written by their logarithm. Cost O(size).

    >>> from pathdiff.expression import Expression
    >>> from pathdiff.grammar import parse
    >>> def shown(text):
    ...     read = parse(text)
    ...     print(Expression(recast(read.tree), list(read.names)))
    >>> shown("log(exp(a) + exp(b))")
    logaddexp(a, b)
    >>> shown("1/(1 + exp(-x)) + log(1 + exp(y))")
    sigmoid(x) + softplus(y)
    >>> shown("(exp(x) - exp(-x))/(exp(x) + exp(-x))")
    tanh(x)
    """
    return ex.fold(root, _rewritten)


@lru_cache(maxsize=10_000)  # one for each shape of node and of label
def stable(root: Tree) -> Tree:
    """The same, in functions that array libraries have. Cost O(size)."""
    return ex.fold(recast(root), _in_arrays)


def _in_arrays(tree: Tree, args: list[Tree]) -> Tree:
    if tree.kind == "call":
        if ROWS[tree.text].array_form:
            return ex.substitute(_form(tree.text), dict(enumerate(args)))
        if ROWS[tree.text].selects and len(args) > 2:
            return _in_pairs(tree.text, args)
    return ex.rebuilt(tree, args) if args else tree


@cache
def _form(function: str) -> Tree:
    """A row of the table as a tree in the slots of its parameters."""
    names = ROWS[function].parameters
    read = parse(ROWS[function].array_form)
    tree = ex.substitute(read.tree, {i: ex.slot(names.index(name)) for i, name in enumerate(read.names)})
    return ex.fold(tree, _in_arrays)


def _rewritten(tree: Tree, args: list[Tree]) -> Tree:
    match tree.kind:
        case "call" if tree.text == "log":
            return _log(args[0])
        case "+":
            return _sum(args)
        case "*":
            return _one_exponential(args, [])
        case "/":
            return _quotient(*args)
        case _:
            return ex.rebuilt(tree, args) if args else tree


def _in_pairs(function: str, args: Sequence[Tree]) -> Tree:
    """A call of a function of two arguments for each two of many, as a balanced tree."""
    while len(args) > 1:
        pairs = (args[i : i + 2] for i in range(0, len(args), 2))
        args = [ex.call(function, *pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return args[0]


def _is_call(tree: Tree, function: str) -> bool:
    return tree.kind == "call" and tree.text == function


def _opposite(tree: Tree) -> Tree:
    return tree.args[0] if tree.kind == "neg" else ex.neg(tree)


_RESTS: Final = {
    "exp": "-expm1(x)",
    "cos": "2*sin(x/2)**2",
    "cosh": "-2*sinh(x/2)**2",
    "erf": "erfc(x)",
    "sigmoid": "sigmoid(-x)",
    "tanh": "2*sigmoid(-2*x)",
}
"""What 1 minus a function is, where rounding would leave nothing of it, ..."""
_SUMS: Final = {"erf": "erfc(-x)", "tanh": "2*sigmoid(2*x)"}
"""... and 1 plus a function."""


def _sum(terms: list[Tree]) -> Tree:
    """A sum; where 1 and a function that comes near 1 cancel, they are one term."""
    for one in (ONE, _MINUS_ONE):
        if terms.count(one) != 1:
            continue
        for term in terms:
            call = term.args[0] if term.kind == "neg" else term
            forms = _RESTS if (term.kind == "neg") == (one is ONE) else _SUMS
            if call.kind != "call" or call.text not in forms or terms.count(term) != 1:
                continue
            found = ex.substitute(_read(forms[call.text]), {0: call.args[0]})
            found = found if one is ONE else _opposite(found)
            rest = [each for each in terms if each not in (one, term)]
            return ex.add(found, *rest) if rest else found
    return ex.add(*terms)


@cache
def _read(form: str) -> Tree:
    return parse(form).tree


def _log(of: Tree) -> Tree:
    """The logarithm of an expression."""
    if of.kind != "number" and (alone := _log_of_term(of)) is not None:
        return alone
    exponents = _exponents(of)
    if exponents is not None:
        return _log_sum_exp(exponents)
    if of.kind == "/" and of.args[1].kind == "number" and (exponents := _exponents(of.args[0])) is not None:
        return ex.add(_log_sum_exp(exponents), ex.neg(ex.call("log", of.args[1])))
    if _is_call(of, "sigmoid"):
        return ex.neg(ex.call("softplus", _opposite(of.args[0])))
    if of.kind == "+" and ONE in of.args:
        place = of.args.index(ONE)
        others = of.args[:place] + of.args[place + 1 :]
        return ex.call("log1p", others[0] if len(others) == 1 else ex.add(*others))
    return ex.call("log", of)


def _exponents(tree: Tree) -> list[Tree] | None:
    """For a sum of exponentials and positive numbers the logarithm of each term; None for all else."""
    if tree.kind != "+":
        return None
    found = [_log_of_term(term) for term in tree.args]
    if None in found or all(term.kind == "number" for term in tree.args):
        return None
    return [each for each in found if each is not None]


def _log_of_term(term: Tree) -> Tree | None:
    if term.kind == "number" and term.value:
        return ZERO if term.value == 1 else ex.call("log", term)
    if _is_call(term, "exp"):
        return term.args[0]
    if term.kind == "*" and len(term.args) == 2 and term.args[0].kind == "number" and term.args[0].value:
        factor, other = term.args
        return ex.add(other.args[0], ex.call("log", factor)) if _is_call(other, "exp") else None
    return None


def _log_sum_exp(exponents: Sequence[Tree]) -> Tree:
    if len(exponents) == 2 and ZERO in exponents:
        return ex.call("softplus", exponents[1] if exponents[0] == ZERO else exponents[0])
    return _in_pairs("logaddexp", exponents)


def _quotient(above: Tree, below: Tree) -> Tree:
    """A quotient; a sum of exponentials below the line goes into the exponent above it."""
    factors = [_power_of_sum(factor) for factor in _factors(below)]
    sums = [each for each in factors if isinstance(each, tuple)]
    if not sums:
        return _one_exponential(_factors(above), _factors(below))
    rest = [each for each in factors if isinstance(each, Tree)]
    found = _over_sums(above, sums)
    return ex.div(found, _product(rest)) if rest else found


def _one_exponential(above: Sequence[Tree], below: Sequence[Tree]) -> Tree:
    """A product over another; exponentials that would overflow apart become one, exp(a)/exp(b) being exp(a - b)."""
    exponents = [each.args[0] for each in above if _is_call(each, "exp")]
    lower = [negative(each.args[0]) for each in below if _is_call(each, "exp")]
    if not exponents or len(exponents) + len(lower) < 2:
        return ex.div(_product(above), _product(below)) if below else _product(above)
    whole = ex.call("exp", plus([*exponents, *lower]))
    over_line = _product([*(each for each in above if not _is_call(each, "exp")), whole])
    rest = [each for each in below if not _is_call(each, "exp")]
    return ex.div(over_line, _product(rest)) if rest else over_line


def _factors(tree: Tree) -> tuple[Tree, ...]:
    return tree.args if tree.kind == "*" else (tree,)


def _product(factors: Sequence[Tree]) -> Tree:
    return ex.mul(*factors) if len(factors) > 1 else factors[0] if factors else ONE


def _power_of_sum(factor: Tree) -> tuple[list[Tree], int] | Tree:
    """The logarithms of the terms of a sum of exponentials, and its power; the factor itself where it is none."""
    base, power = factor, 1
    if factor.kind == "^" and factor.args[1].kind == "number":
        power = next((n for n in range(1, LARGEST_POWER) if n == factor.args[1].value), 0)
        if not power:
            return factor
        base = factor.args[0]
    exponents = _exponents(base)
    return factor if exponents is None else (exponents, power)


def _over_sums(above: Tree, sums: Sequence[tuple[list[Tree], int]]) -> Tree:
    if above.kind == "neg":
        return ex.neg(_over_sums(above.args[0], sums))
    if above.kind == "+":  # each term may be as large as the sum below
        return _tanh(above, sums) or ex.add(*(_over_sums(term, sums) for term in above.args))
    exponents = [factor.args[0] for factor in _factors(above) if _is_call(factor, "exp")]
    others = [factor for factor in _factors(above) if not _is_call(factor, "exp")]
    fraction = _exponential(exponents, sums)
    return fraction if others in ([], [ONE]) else ex.mul(*others, fraction)


def _tanh(above: Tree, sums: Sequence[tuple[list[Tree], int]]) -> Tree | None:
    """(exp(a) - exp(b))/(exp(a) + exp(b)) as the hyperbolic tangent of half of a - b."""
    if len(sums) == 1 and sums[0][1] == 1 and len(sums[0][0]) == len(above.args) == 2:
        first, second = sums[0][0]
        plus_first, minus_second = above.args
        if minus_second.kind == "neg" and [_log_of_term(plus_first), _log_of_term(minus_second.args[0])] == sums[0][0]:
            return ex.call("tanh", over(plus([first, negative(second)]), TWO))
    return None


def _exponential(exponents: list[Tree], sums: Sequence[tuple[list[Tree], int]]) -> Tree:
    """The product of exponentials over sums of them; one term of a sum over all of it is a sigmoid."""
    if len(sums) == 1 and sums[0][1] == 1:
        terms = sums[0][0]
        share = ZERO if not exponents else exponents[0]
        if len(exponents) <= 1 and share in terms:
            place = terms.index(share)
            others = terms[:place] + terms[place + 1 :]
            rest = _log_sum_exp(others) if len(others) > 1 else others[0]
            return ex.call("sigmoid", plus([share, negative(rest)]))
    below = []
    for terms, power in sums:
        whole = _log_sum_exp(terms)
        below.append(whole if power == 1 else ex.mul(TWO if power == 2 else ex.number(power), whole))
    return ex.call("exp", plus([*exponents, *map(negative, below)]))
