"""LaTeX: a document that pdflatex compiles as it is, a fragment to be put into one, a formula on a line.

Only amsmath is needed. The same contents in the same order as on the terminal, from the same derivation; ASCII.
"""

from __future__ import annotations

from typing import Final

from pathdiff.derivation import Derivation, labels_beside_totals
from pathdiff.explain import Explanation
from pathdiff.names import Symbols
from pathdiff.render.latex.document import sections
from pathdiff.render.latex.math import Differential, Hand, box, math
from pathdiff.render.latex.sheet import Sheet

__all__ = ["Differential", "document", "formula", "fragment", "math"]

_HEAD: Final = r"""\documentclass{article}
\usepackage{amsmath}
\begin{document}
"""
_FRAGMENT_HEAD: Final = r"""% Made by pathdiff. To be put into a document by \input; its preamble needs
% \usepackage{amsmath}
% and nothing else.
"""
# The group keeps what is set here from the document around: formulas may break between lines, which stand apart, and
# so do fractions side by side.
_BEGIN: Final = r"""\begingroup
\allowdisplaybreaks
\setlength{\jot}{6pt}
\setlength{\nulldelimiterspace}{2pt}
\sloppy
"""
_END: Final = "\\par\n\\endgroup\n"


def document(explanation: Explanation, style: Differential = "partial", *, trace: bool = False) -> str:
    """An explanation as a LaTeX document of its own; `trace` shows the loop over the paths."""
    return _HEAD + _body(explanation, style, trace) + "\\end{document}\n"


def fragment(explanation: Explanation, style: Differential = "partial", *, trace: bool = False) -> str:
    """An explanation as LaTeX for a document that loads amsmath."""
    return _FRAGMENT_HEAD + _body(explanation, style, trace)


def formula(derivation: Derivation, symbols: Symbols, style: Differential = "partial") -> str:
    r"""The derivative as the sum over its paths, on one line, for math mode.

    >>> from pathdiff.explain import explain
    >>> derivation = explain("s = a*x; z = sigmoid(s)", inline=True, wrt=["a"]).derivations[0]
    >>> print(formula(derivation, Symbols(derivation.part.order)))
    \frac{\partial z}{\partial a} = \frac{\partial z}{\partial s} \frac{\partial s}{\partial a}
    """
    hand = Hand(style, labels_beside_totals([derivation.reverse, derivation.forward]))
    sheet = Sheet(symbols, hand)
    right = sheet.sum(derivation.path_sum.formula, derivation.path_sum.complete)
    more = r" + \cdots" if right.more else ""
    return f"{sheet.left(derivation.result).source} = {box(right.formula, hand).source}{more}"


def _body(explanation: Explanation, style: Differential, trace: bool) -> str:
    hand = Hand(style, labels_beside_totals(explanation.all_sweeps))
    sheet = Sheet(Symbols(explanation.computation), hand)
    return _BEGIN + "\n".join(sections(explanation, sheet, trace=trace)) + "\n" + _END
