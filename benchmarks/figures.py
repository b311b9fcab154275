"""A figure, what it is to reach, and what was reached."""

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`reached` is None where a figure stands beside another one and has no target of its own."""

    name: str
    value: str
    target: str = ""
    reached: bool | None = None


def at_most(name: str, value: float, target: float, form: str, beside: str = "") -> Figure:
    return Figure(name, form.format(value) + beside, f"at most {form.format(target)}", value <= target)


def at_least(name: str, value: float, target: float, form: str, beside: str = "") -> Figure:
    return Figure(name, form.format(value) + beside, f"at least {form.format(target)}", value >= target)


def show(figures: Sequence[Figure]) -> bool:
    """Prints the table; answers whether everything was reached."""
    words = {True: "reached", False: "MISSED", None: ""}
    wide = [
        max(len(row) for row in column)
        for column in zip(*((f.name, f.target, words[f.reached]) for f in figures), strict=True)
    ]
    for figure in figures:
        name, target, word = (
            text.ljust(width)
            for text, width in zip((figure.name, figure.target, words[figure.reached]), wide, strict=True)
        )
        print(f"{name}  {target}  {word}  {figure.value}")
    return all(figure.reached is not False for figure in figures)


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock on the wall, and of this process on a processor: other people's load is not in the second."""

    wall: float
    cpu: float


def spent(work: Callable[[], object]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def server_cpu(pid: int) -> float:
    """Seconds that another process (a server's for one connection) has spent on a processor."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], per_cent: float) -> float:
    return sorted(values)[max(math.ceil(len(values) * per_cent / 100) - 1, 0)]
