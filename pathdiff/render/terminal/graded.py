"""Graded answers on a terminal: each claim with what is wrong with it, or a table of many, made while they come."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from pathdiff.diagnostics import cell_width, printable
from pathdiff.grading.findings import CODES, Row, once
from pathdiff.render.terminal.agreement import outcome_sign
from pathdiff.render.terminal.layout import NO_BREAK, Line, stripped
from pathdiff.render.terminal.sheet import Sheet

_SAID: Final = {"agree": "right", "refuted": "wrong", "undecided": "undecided", "unreadable": "unreadable"}
_OUTCOMES: Final = {"agree": "proved", "refuted": "refuted", "undecided": "undecided", "unreadable": "undecided"}
LONGEST_CLAIM: Final = 400
"""Of a longer claim the beginning is shown."""
WIDE: Final = 100
"""A table with fewer columns has its messages below, not beside."""
WIDEST_ID: Final = 24
_WHOLE: Final = re.compile(r"\S+(?: → \S+)+|\S+ = -?[0-9]\S*")
"""A path, or a name with its value."""
_SHORT: Final = 40
"""Of so many characters they are not broken."""
_VERDICT: Final = 11
_CODE: Final = max(map(len, CODES)) + 1


def claim_lines(row: Row, sheet: Sheet) -> list[Line]:
    """A claim, and below it what is wrong with it, or how it was found to be right."""
    sign, tone = outcome_sign(_OUTCOMES[row.verdict], sheet)
    claim = row.claim if len(row.claim) <= LONGEST_CLAIM else f"{row.claim[:LONGEST_CLAIM]}…"
    lines = sheet.prose((sign, tone), f" {claim}", hang=4)
    if not row.diagnosis:
        return lines + sheet.prose(row.message, tone="quiet" if row.verdict == "agree" else "unsure", hang=2, indent=2)
    several = len(once(row.diagnosis)) > 1 and not all(each.certain for each in row.diagnosis)
    if several:
        lines += sheet.prose("one of these:", indent=2)
    for each in once(row.diagnosis):
        lines += sheet.prose((f"{each.code}:", "bad"), f" {_together(each.message)}", hang=4, indent=2)
    if row.reading:
        lines += sheet.prose(f"Read with {row.reading}.", tone="quiet", hang=2, indent=2)
    return lines


def table(
    rows: Iterable[Row], ids: Sequence[str], sheet: Sheet, styled: Callable[[Sequence[Line]], str]
) -> Iterator[str]:
    """A row for each answer as text, then how many there are of each kind; `ids` tell how wide their column is."""
    room = max([2, *(min(cell_width(printable(id)), WIDEST_ID) for id in ids)]) + 2
    wide = sheet.width >= WIDE
    head = _left("id", room) + _left("verdict", _VERDICT) + ("code".ljust(_CODE) + " message" if wide else "code")
    yield styled([((head, "name"),)])
    verdicts: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for row in rows:
        verdicts[row.verdict] += 1
        codes.update(row.codes)
        yield styled(_row(row, room, sheet, wide=wide))
    yield styled([(), *_tally(verdicts, codes, sheet)])


def _row(row: Row, room: int, sheet: Sheet, *, wide: bool) -> list[Line]:
    _, tone = outcome_sign(_OUTCOMES[row.verdict], sheet)
    id, verdict = sheet.words(_left(_shortened(row.id, room - 2), room)), _left(_SAID[row.verdict], _VERDICT)
    code = " ".join(row.codes)
    message = "" if row.verdict == "agree" and not row.reading else _together(row.message)
    if not wide:
        first = stripped([(id, ""), (verdict, tone), (code, "")])
        return [first, *(sheet.prose(message, tone="quiet", hang=4, indent=4) if message else [])]
    column = room + _VERDICT + _CODE + 1
    if len(code) > _CODE or not message:
        first = stripped([(id, ""), (verdict, tone), (code, "")])
        return [first, *(sheet.prose(message, hang=column, indent=column) if message else [])]
    lines = sheet.prose(message, hang=column, indent=column)
    rest = "".join(text for text, _ in lines[0]).strip()
    return [((id, ""), (verdict, tone), (f"{code.ljust(_CODE)} {rest}", "")), *lines[1:]]


def _together(message: str) -> str:
    """The message with each short path, and each name with its value, on one line."""
    return _WHOLE.sub(lambda part: part[0].replace(" ", NO_BREAK) if len(part[0]) <= _SHORT else part[0], message)


def _shortened(text: str, most: int) -> str:
    shown = printable(text.replace("\n", " "))
    return shown if cell_width(shown) <= most else f"{shown[: most - 1]}…"


def _left(text: str, width: int) -> str:
    return text + " " * max(1, width - cell_width(text))


def _tally(verdicts: Counter[str], codes: Counter[str], sheet: Sheet) -> list[Line]:
    count = sum(verdicts.values())
    told = ", ".join(f"{verdicts[word]:,} {said}" for word, said in _SAID.items() if verdicts[word])
    lines = sheet.prose(f"{sheet.counted(count, 'answer')}: {told or 'none'}", hang=2)
    known = ", ".join(f"{number:,} {code}" for code, number in codes.most_common())
    return lines + (sheet.prose(known, tone="quiet", hang=2, indent=2) if known else [])
