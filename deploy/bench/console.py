"""The console beside Django's admin on the same rows of PostgreSQL, one gunicorn worker and one thread each.

The console does more for a page: it asks a service over RabbitMQ, within the reader's scope, with masks, clocks, counts
per state and a history. Both are opened by one browser, a connection a request, in rounds of a drawn order; what counts
is the 95th percentile. Then the table grows tenfold and the console is held against itself.
"""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Sequence

from deploy.bench import console_counts, console_rows
from deploy.bench.console_pages import OURS, WORD, Answer, Page, PageBroken, Visitor, pages
from deploy.bench.console_stage import COMPANY_DESK, DESK, Stage, stage
from deploy.bench.figures import ANJU, Figure, Plan

DJANGO, GROWN = "django admin", "anju at 1,000,000"
ROWS, MORE, OPENED, DEEP = 100_000, 1_000_000, 50, 500
SHORT_ROWS, SHORT_OPENED, SHORT_DEEP = 2_000, 3, 20
GROWTH, STATEMENTS, CALLS, KILOBYTES = 1.5, 8, 2, 40
UNMEASURED = 3
Times = dict[str, dict[str, list[list[float]]]]


def measure(plan: Plan) -> list[Figure]:
    """Every page against Django's, against itself on ten times the rows, and what a page costs."""
    rows, deep = (SHORT_ROWS, SHORT_DEEP) if plan.short else (ROWS, DEEP)
    with stage(plan) as running:
        plan.say(f"writing {rows:,} work orders")
        with running.cursor() as cursor:
            console_rows.add_orders(cursor, 1, rows)
        visitors = running.visitors()
        found = _pages(running, visitors, deep)
        plan.say("opening pages")
        times = _opened(plan, visitors, found, (ANJU, DJANGO))
        costs = console_counts.counted(running, visitors, found)
        sizes = {page.name: _open(visitors, page, ANJU).compressed / 1000 for page in found}
        figures = [_beside(page.name, times[page.name]) for page in found]
        if not plan.short:
            plan.say(f"writing {MORE - rows:,} more")
            with running.cursor() as cursor:
                console_rows.add_orders(cursor, rows + 1, MORE)
            grown = _opened(plan, visitors, _pages(running, visitors, deep), (ANJU,))
            figures += [_against_itself(page.name, times[page.name][ANJU], grown[page.name][ANJU]) for page in found]
    return [*figures, *_costs(costs, sizes)]


def _pages(running: Stage, visitors: dict[str, Visitor], deep: int) -> list[Page]:
    with running.cursor() as cursor:
        id, number = console_rows.closed_order(cursor)
    return pages(number, id, "closed", deep, visitors[DESK].search(OURS, WORD))


def _open(visitors: dict[str, Visitor], page: Page, contender: str) -> Answer:
    if contender == DJANGO:
        return visitors["django"].open(page.django, page.marker)
    return visitors[COMPANY_DESK if page.scoped else DESK].open(page.anju, page.marker)


def _opened(plan: Plan, visitors: dict[str, Visitor], found: Sequence[Page], contenders: Sequence[str]) -> Times:
    """For each page and contender, the milliseconds of each round; within a round every pair in an order of its own."""
    draw = random.Random(plan.seed)
    times: Times = {page.name: {contender: [] for contender in contenders} for page in found}
    pairs = [(page, contender) for page in found for contender in contenders]
    for page, contender in pairs * UNMEASURED:
        with contextlib.suppress(PageBroken):  # nothing is in memory yet, and pages have a deadline
            _open(visitors, page, contender)
    for _ in range(plan.rounds):
        for page, contender in pairs:
            times[page.name][contender].append([])
        for page, contender in draw.sample(pairs * (per := _per_round(plan)), len(pairs) * per):
            times[page.name][contender][-1].append(_open(visitors, page, contender).milliseconds)
    return times


def _per_round(plan: Plan) -> int:
    return SHORT_OPENED if plan.short else OPENED


def percentile(values: Sequence[float], part: float = 0.95) -> float:
    """The value that this part of them does not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * part) - 1)]


def _all(rounds: Sequence[Sequence[float]]) -> list[float]:
    return [one for each in rounds for one in each]


def _beside(name: str, times: dict[str, list[list[float]]]) -> Figure:
    ours, theirs = (percentile(_all(times[contender])) for contender in (ANJU, DJANGO))
    rounds = {contender: [percentile(one) for one in each] for contender, each in times.items()}
    note = f"p95 of all {len(_all(times[ANJU]))}: {ours:.1f} and {theirs:.1f}"
    return Figure(f"console: {name}, p95", "ms", rounds, "at most Django admin's", ours <= theirs, (note,))


def _against_itself(name: str, before: list[list[float]], after: list[list[float]]) -> Figure:
    was, became = percentile(_all(before)), percentile(_all(after))
    rounds = {ANJU: [percentile(one) for one in before], GROWN: [percentile(one) for one in after]}
    target = f"at 1,000,000 rows at most {GROWTH} times its own"
    note = f"p95 of all: {was:.1f} and {became:.1f}, {became / was:.2f} times"
    return Figure(f"console: {name}, growth", "ms", rounds, target, became <= GROWTH * was, (note,))


def _costs(costs: dict[str, tuple[int, int]], sizes: dict[str, float]) -> list[Figure]:
    statements = {name: float(one[0]) for name, one in costs.items()}
    calls = {name: float(one[1]) for name, one in costs.items()}
    return [
        _most("statements of a page", "SQL", statements, STATEMENTS),
        _most("calls of a page", "RPC", calls, CALLS),
        _most("size of a page, compressed", "kB", sizes, KILOBYTES),
    ]


def _most(name: str, unit: str, values: dict[str, float], most: float) -> Figure:
    notes = tuple(f"{page}: {value:g}" for page, value in values.items())
    return Figure(
        f"console: {name}",
        unit,
        {ANJU: list(values.values())},
        f"at most {most:g}",
        max(values.values()) <= most,
        notes,
    )
