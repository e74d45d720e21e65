"""What is given, as sections: the function, the point, and the two graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, Final

import networkx as nx

from pathdiff.diagnostics import cell_width
from pathdiff.explain import Explanation
from pathdiff.expression import Expression
from pathdiff.graph import Graph, Label, arrows
from pathdiff.names import Symbols
from pathdiff.notation import Math, Ratio, Row, Sign, number_math
from pathdiff.render.terminal.layout import NO_BREAK, Entry, Fragment, Line, columns, grid, grid_width
from pathdiff.render.terminal.pen import Pen
from pathdiff.render.terminal.sheet import LINES, Section, Sheet
from pathdiff.render.text import Box, box
from pathdiff.typesetting import NO_NAMES, definition, expression_math, function_definition

SLACK: Final = 2
"""How many lines more are shown where that is all."""
MOST_LISTED: Final = 3 * (LINES + SLACK)
"""How many nodes or edges are shown at most."""
MOST_VALUES: Final = 20
"""How many values of a point are shown."""


def overview(explanation: Explanation, sheet: Sheet) -> Iterator[Section]:
    """The function, the computation graph, the derivative graph."""
    notes = [line for note in explanation.notes for line in sheet.prose(note, tone="unsure", hang=2)]
    yield Section("Function", (*_function(explanation, sheet), *_point(explanation, sheet), *notes))
    graph = explanation.computation
    if graph.size():
        yield Section("Computation graph", tuple(_computation_graph(graph, sheet)))
    labels = {edge: label for each in explanation.gradients for edge, label in each.part.labels.items()}
    if labels:
        about = sheet.prose("every arrow reversed, with the partial derivative along it", tone="quiet")
        yield Section("Derivative graph", (*about, *_derivative_graph(labels, sheet), *_two_signs(sheet)))


def _two_signs(sheet: Sheet) -> list[Line]:
    """What d says beside ∂, where both are used."""
    if not sheet.style.kept:
        return []
    v, u = min(sheet.style.kept)
    arrow, over_all = Ratio(sheet.symbols[v], sheet.symbols[u]), Ratio(sheet.symbols[v], sheet.symbols[u], total=True)
    told = f"{sheet.line(over_all)} is over all paths from {sheet.name(v)} to {sheet.name(u)}"
    return sheet.prose((f"{told}, {sheet.line(arrow)} over the one arrow", "quiet"))


def _function(explanation: Explanation, sheet: Sheet) -> list[Line]:
    """The definitions as they were typed, the user's functions first."""
    spec, graph = explanation.spec, explanation.computation
    own = Symbols(spec.functions)
    defined = [function_definition(function, own) for function in spec.functions.values()]
    lines = [line for left, right in defined for line in sheet.equation(left, [right])]
    listed = {node.name: definition(node, sheet.symbols, own) for node in islice(spec.nodes.values(), MOST_LISTED)}
    layers = nx.topological_generations(graph.subgraph(listed))
    boxes = {name: box(Row((left, Sign("="), right)), sheet.style) for name, (left, right) in listed.items()}
    if lines and (len(lines) > len(spec.functions) or any(box.baseline for box in boxes.values())):
        lines.append(())
    if max((box.width for box in boxes.values()), default=0) <= sheet.width:
        laid, count = _laid({name: (box, "") for name, box in boxes.items()}, layers, sheet.width)
        lines += laid
    else:
        count = 0
        for left, right in listed.values():
            equation = sheet.equation(left, [right], stacked=False)
            if count and len(lines) + len(equation) > LINES:
                break
            lines, count = lines + equation, count + 1
    rest = len(spec.nodes) - count
    return lines + (sheet.prose(f"… and {sheet.counted(rest, 'more node')}", tone="quiet") if rest else [])


def _laid(entries: Mapping[Any, Entry], layers: Iterable[Iterable[Any]], width: int) -> tuple[list[Line], int]:
    """Entries as a grid, a column for each layer where that fits, and how many of them are shown."""
    split = [[entries[name] for name in entries if name in names] for names in map(set, layers)]
    split = [layer for layer in split if layer]
    count = len(entries)
    packed = columns(list(entries.values()), width)
    if len(split) > 1 and grid_width(split) <= width:
        layered = grid(split)
        if len(layered) <= min(LINES, len(packed) + 2):
            return layered, count
    while len(packed) > (LINES if count < len(entries) else LINES + SLACK) and count > 1:
        count -= 1
        packed = columns(list(entries.values())[:count], width)
    return packed, count


def _point(explanation: Explanation, sheet: Sheet) -> list[Line]:
    """The point as it was typed, and the values of the nodes there."""
    values, spec = explanation.values, explanation.spec
    if values is None:
        return []
    given = [name for name in spec.independents if name in explanation.point]
    computed = [name for name in spec.nodes if name in values]

    def told(name: str) -> Math:
        return expression_math(Expression(explanation.point[name], ()), NO_NAMES)

    at = _equations(given, told, sheet)
    so = _equations(computed, lambda name: number_math(values[name]), sheet)
    return [line for word, row in (("at ", at), ("so ", so)) if row for line in sheet.prose(word, *row, hang=3)]


def _equations(names: Iterable[str], told: Callable[[str], Math], sheet: Sheet) -> list[str | Fragment]:
    """Names with what they equal; no line ends within an equation."""
    listed = list(names)
    row: list[str | Fragment] = []
    for name in listed[:MOST_VALUES]:
        equation = f"{sheet.name(name)} = {sheet.line(told(name))}".replace(" ", NO_BREAK)
        row += [", "] * bool(row) + [(equation, "")]
    return row + [f", … and {len(listed) - MOST_VALUES} more"] * (len(listed) > MOST_VALUES)


def _computation_graph(graph: Graph, sheet: Sheet) -> list[Line]:
    """The arrows, those from nodes that are used by the same ones together."""
    depth = _depth(graph)

    def deepest(sources: Iterable[str]) -> int:
        return max(depth[name] for name in sources)

    groups = sorted(arrows(graph), key=lambda group: deepest(group[0]))
    entries: dict[int, Entry] = {
        index: (Box((_arrow(*group, sheet),)), "") for index, group in enumerate(groups[:MOST_LISTED])
    }
    layers = groupby(entries, key=lambda index: deepest(groups[index][0]))
    if max(box.width for box, _ in entries.values()) <= sheet.width:
        lines, count = _laid(entries, [list(layer) for _, layer in layers], sheet.width)
    else:
        lines = [line for box, _ in entries.values() for line in sheet.prose((box.lines[0], ""), hang=2)]
        count = len(entries)
    independent = [name for name, known in graph.nodes(data=True) if known["node"] is None]
    unused = [name for name in independent if not graph.adj[name]]
    if unused:
        lines += sheet.prose((f"not used: {sheet.names(unused)}", "quiet"))
    rest = sum(len(sources) * len(targets) for sources, targets in groups[count:])
    return lines + (sheet.prose(f"… and {sheet.counted(rest, 'more arrow')}", tone="quiet") if rest else [])


def _arrow(sources: Sequence[str], targets: Sequence[str], sheet: Sheet) -> str:
    """An arrow from each of some nodes to each of others."""
    arrow = sheet.names(sources) + sheet.words(" → ") + sheet.names(targets)
    counts = [f"{len(names)}" for names in (sources, targets) if len(names) > 1]
    return arrow + sheet.words(f" ({' × '.join(counts)} arrows)") if "…" in arrow or "..." in arrow else arrow


def _depth(graph: Graph) -> dict[str, int]:
    """For each node the length of the longest way to it."""
    return {name: depth for depth, layer in enumerate(nx.topological_generations(graph)) for name in layer}


def _derivative_graph(labels: Mapping[tuple[str, str], Label], sheet: Sheet) -> list[Line]:
    """The arrows by the depth of where they start, each with its label, written out where it is known."""
    graph: Graph = nx.DiGraph()
    graph.add_edges_from(labels)
    depth = _depth(graph)
    listed = sorted(labels, key=lambda edge: depth[edge[0]])[:MOST_LISTED]
    layers = [list(layer) for _, layer in groupby(listed, key=lambda edge: depth[edge[0]])]
    split: list[list[Entry]] = [[(Box((text,)), "") for text in _arrows(layer, labels, sheet)] for layer in layers]
    if grid_width(split) <= sheet.width and max(map(len, layers)) <= LINES:
        lines, count = grid(split), len(listed)
    else:
        lines, count = _one_below_another(listed, labels, sheet)
    rest = len(labels) - count
    told = f"… and {sheet.counted(rest, 'more arrow')}; `--format json` has all"
    return lines + (sheet.prose(told, tone="quiet") if rest else [])


def _arrows(edges: Sequence[tuple[str, str]], labels: Mapping[tuple[str, str], Label], sheet: Sheet) -> list[str]:
    """The arrows, padded to one width, each with its label."""
    arrows = [f"{sheet.name(v)}{sheet.words(' → ')}{sheet.name(u)}" for v, u in edges]
    width = max(map(cell_width, arrows))
    texts = []
    for arrow, (v, u) in zip(arrows, edges, strict=True):
        expression = labels[v, u].expression
        known = "" if expression is None else " = " + sheet.line(expression_math(expression, sheet.symbols))
        texts.append(arrow + " " * (width - cell_width(arrow) + 2) + sheet.ratio(v, u) + known)
    return texts


def _one_below_another(
    edges: Sequence[tuple[str, str]], labels: Mapping[tuple[str, str], Label], sheet: Sheet
) -> tuple[list[Line], int]:
    """The arrows in one column or in more, and how many are shown; a label that is too long is broken."""
    texts = _arrows(edges, labels, sheet)
    if max(map(cell_width, texts)) <= sheet.width:
        return _laid({text: (Box((text,)), "") for text in texts}, (), sheet.width)
    lines: list[Line] = []
    short = all(cell_width(text.partition(" = ")[0]) <= sheet.width * 3 // 4 for text in texts)
    for count, (text, (v, u)) in enumerate(zip(texts, edges, strict=True)):
        pen = Pen(sheet.width, sheet.style)
        if short:
            pen.write(text.partition(" = ")[0])
        else:
            lines += sheet.prose((sheet.path((v, u)), ""), hang=2)
            pen.column = 2
            pen.put(Ratio(sheet.symbols[v], sheet.symbols[u]), 4)
        expression = labels[v, u].expression
        if expression is not None:
            pen.write(" = ")
            pen.put(expression_math(expression, sheet.symbols), min(pen.column, sheet.width // 2) if short else 4)
        if count and len(lines) + len(pen.lines) > LINES:
            return lines, count
        lines += pen.lines
    return lines, len(edges)
