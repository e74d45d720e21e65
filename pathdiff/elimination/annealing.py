"""Simulated annealing over the orders of a component: one vertex moves a step, and only what that changes is priced.

Kirkpatrick, Gelatt and Vecchi (1983). Elimination costs what the sets of arguments and users at its time say, and
these follow from the set of vertices eliminated before. So when v moves, a vertex between its old and its new place
keeps its cost unless v is among its arguments or users, and what is changed is found by going along these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heappop, heappush
from math import log
from random import Random
from typing import Final

from pathdiff.elimination.component import Component
from pathdiff.elimination.sets import Set, members, reach

COLDEST: Final = 0.15
"""The last temperature: the smallest change for the worse, 1, is then taken once in 800 times."""
WARMTH: Final = 0.7
"""The first temperature, as a part of what a vertex costs on average, but at least `WARMEST_FLOOR`."""
WARMEST_FLOOR: Final = 1.0


@dataclass(frozen=True, slots=True)
class Chain:
    """An annealing on its way, between two of its slices. Everything that comes of it follows from this."""

    seed: str
    steps: int
    """How many steps the whole takes, over which the temperature falls."""
    done: int
    """How many are made."""
    order: tuple[int, ...]
    best: tuple[int, ...]
    """The cheapest order met."""
    price: int
    """What that costs."""
    warmest: float
    """The temperature at the first step."""

    @property
    def finished(self) -> bool:
        """Whether all steps are made."""
        return self.done >= self.steps


def chain(component: Component, start: tuple[int, ...], seed: str, steps: int) -> Chain:
    """An annealing before its first step."""
    price = sum(component.priced(start)[2])
    return Chain(seed, steps, 0, start, start, price, max(WARMEST_FLOOR, WARMTH * price / len(start)))


def annealed(component: Component, begun: Chain, slice_steps: int) -> Chain:
    """The annealing after so many more steps, or fewer where it ends or its best order meets the floor."""
    floor = component.floor
    random = Random(f"{begun.seed} {begun.done}")
    walk = _Walk(component, begun.order, random)
    best, price = begun.best, begun.price
    until = min(begun.steps, begun.done + slice_steps)
    cooling = (COLDEST / begun.warmest) ** (1 / begun.steps)
    temperature = begun.warmest * cooling**begun.done
    done = begun.done
    while done < until and price > floor:
        walk.step(temperature)
        temperature *= cooling
        done += 1
        if walk.price < price:
            best, price = tuple(walk.order), walk.price
    return replace(begun, done=done, order=tuple(walk.order), best=best, price=price)


class _Walk:
    """An order that changes a step at a time, and for each vertex what it has and costs at its place in it."""

    def __init__(self, component: Component, order: tuple[int, ...], random: Random) -> None:
        self.component = component
        self.random = random.random
        self.order = list(order)
        self.place = [0] * len(order)
        self.before: list[Set] = [0]
        """The vertices before each place."""
        for position, v in enumerate(order):
            self.place[v] = position
            self.before.append(self.before[-1] | 1 << v)
        self.arguments, self.users, self.prices = component.priced(order)
        self.price = sum(self.prices)
        self.slack = self.price - component.floor
        self.changed: list[tuple[int, Set, Set, int]] = []

    def step(self, temperature: float) -> None:
        """Moves a vertex to another place, unless that costs more than a limit, drawn beforehand (Metropolis 1953)."""
        count = len(self.order)
        if count < 2:
            return
        old, new = int(self.random() * count), int(self.random() * (count - 1))
        new += new >= old
        limit = -temperature * log(1 - self.random())
        self.changed.clear()
        change = self._later(old, new, limit) if new > old else self._earlier(old, new, limit)
        if change > limit:
            for v, arguments, users, price in self.changed:
                self.arguments[v], self.users[v], self.prices[v] = arguments, users, price
        else:
            self.price += change
            self.slack += change
            self._move(old, new)

    def _later(self, old: int, new: int, limit: float) -> int:
        """What it changes to move a vertex to a later place: those on the way meet it where they met what it left."""
        v, component = self.order[old], self.component
        bit, left = 1 << v, self.before[new + 1] ^ self.before[old + 1]
        arguments, users = self.arguments[v], self.users[v]
        change, met = 0, _Met(self.place, left)
        while (position := met.next(arguments | users)) is not None:
            w, before = self.order[position], self.before[position] ^ bit
            mine = 1 << w
            self._keep(w)
            if arguments & mine:
                self.users[w] = reach(component.users[w], before, self.users)
                arguments = arguments ^ mine | self.arguments[w]
            else:
                self.arguments[w] = reach(component.arguments[w], before, self.arguments)
                users = users ^ mine | self.users[w]
            change += self._reprice(w)
            if change > limit + self.slack:
                return change
        self._keep(v)
        self.arguments[v], self.users[v] = arguments, users
        return change + self._reprice(v)

    def _earlier(self, old: int, new: int, limit: float) -> int:
        """What it changes to move a vertex to an earlier place: those on the way meet what it leaves in its place."""
        v, component = self.order[old], self.component
        bit, left = 1 << v, self.before[old] ^ self.before[new]
        arguments = reach(component.arguments[v], self.before[new], self.arguments)
        users = reach(component.users[v], self.before[new], self.users)
        self._keep(v)
        self.arguments[v], self.users[v] = arguments, users
        change, met = self._reprice(v), _Met(self.place, left)
        while change <= limit + self.slack and (position := met.next(arguments | users)) is not None:
            w = self.order[position]
            mine = 1 << w
            self._keep(w)
            if arguments & mine:
                self.users[w] = self.users[w] ^ bit | users
                arguments = arguments ^ mine | self.arguments[w]
            else:
                self.arguments[w] = self.arguments[w] ^ bit | arguments
                users = users ^ mine | self.users[w]
            change += self._reprice(w)
        return change

    def _keep(self, v: int) -> None:
        self.changed.append((v, self.arguments[v], self.users[v], self.prices[v]))

    def _reprice(self, v: int) -> int:
        price = self.component.price(v, self.arguments[v], self.users[v])
        change = price - self.prices[v]
        self.prices[v] = price
        return change

    def _move(self, old: int, new: int) -> None:
        v = self.order.pop(old)
        self.order.insert(new, v)
        for position in range(min(old, new), max(old, new) + 1):
            w = self.order[position]
            self.place[w] = position
            self.before[position + 1] = self.before[position] | 1 << w


class _Met:
    """The places of the vertices that a moving one is joined to on its way, in order, while it meets more of them."""

    def __init__(self, place: list[int], way: Set) -> None:
        self.place = place
        self.way = way
        self.waiting: list[int] = []

    def next(self, joined: Set) -> int | None:
        """The next place; `joined` are those that it is joined to now."""
        fresh = joined & self.way
        self.way ^= fresh
        for v in members(fresh):
            heappush(self.waiting, self.place[v])
        return heappop(self.waiting) if self.waiting else None
