"""A made company, piece by piece: some accounts at a time, in as many processes as there are cores.

A piece depends on the company and its accounts' numbers only, and pieces come in order, so the
bytes are the same however many processes made them.
"""

import gc
import multiprocessing
import os
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field

from dogdb.demo.application import Rows, account_rows, company_rows
from dogdb.demo.book import Book
from dogdb.demo.company import Company
from dogdb.demo.deliver import deliveries
from dogdb.demo.profile import random_of
from dogdb.demo.simulate import catalog, live, rehearsal
from dogdb.demo.tables import event_row, text_row
from dogdb.demo.totals import Totals, totals_of
from dogdb.demo.truth import lines, month_end_mrr, records
from dogdb.processes import end_with

ACCOUNTS_PER_PIECE = 50
PIECES_AHEAD = 3
"""Pieces that each process may be ahead of the reader, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to make of the company: rows of the raw tables, JSON lines, the truth."""

    rows: bool = True
    jsonl: bool = False
    truth: bool = False


@dataclass(slots=True)
class Piece:
    """Some accounts' part of what is wanted."""

    events: int = 0
    deliveries: int = 0
    rows: bytes = b""
    jsonl: bytes = b""
    truth: str = ""
    totals: Totals = field(default_factory=Counter)
    tables: dict[str, str] = field(default_factory=dict)
    types: Counter[str] = field(default_factory=Counter)


def _add(piece: Piece, rows: Rows) -> None:
    for table, them in rows.items():
        text = "".join([text_row(row) for row in them])
        piece.tables[table] = piece.tables.get(table, "") + text


def _books(company: Company, number: int, piece: Piece, wanted: Wanted) -> Iterator[Book]:
    if number == 0:
        _add(piece, company_rows(company))
        yield catalog(company)
        return
    profile, book = live(company, number)
    if wanted.rows:
        _add(piece, account_rows(company, profile, book))
    if wanted.truth:
        mrr = month_end_mrr(company, book)
        piece.truth += lines(records(book, mrr))
        piece.totals.update(totals_of(company, book, mrr))
    yield book
    tried = rehearsal(company, number)
    if tried is not None:
        yield tried


def piece_of(company: Company, numbers: range, wanted: Wanted) -> Piece:
    """Return what some accounts do; number 0 is the company itself, its prices and its people."""
    piece = Piece()
    rows: list[bytes] = []
    found: list[tuple[int, bytes]] = []
    for number in numbers:
        for part, book in enumerate(_books(company, number, piece, wanted)):
            rng = random_of(company, number, f"delivery {part}")
            for it in deliveries(company, book, rng):
                piece.deliveries += 1
                if wanted.jsonl:
                    found.append((it.received_at, it.body))
                if it.is_again:
                    continue
                piece.events += 1
                piece.types[it.type] += 1
                if wanted.rows:
                    rows.append(event_row(it))
    if wanted.jsonl:
        found.sort(key=lambda pair: pair[0])
        piece.jsonl = b"\n".join([body for _, body in found] + [b""])
    piece.rows = b"".join(rows)
    return piece


def _begin(parent: int) -> None:
    """End with the parent; look for cycles seldom: millions of objects make hardly any."""
    end_with(parent)
    gc.set_threshold(100_000, 50, 100)


def pieces(company: Company, wanted: Wanted, processes: int | None = None) -> Iterator[Piece]:
    """Return the whole company, piece by piece and always in the same order.

    Args:
        company: what to make.
        wanted: in which forms.
        processes: how many work at it; as many as there are cores where it is left out.
    """
    parts = [
        range(start, min(start + ACCOUNTS_PER_PIECE, company.accounts + 1))
        for start in range(0, company.accounts + 1, ACCOUNTS_PER_PIECE)
    ]
    count = min(processes or os.cpu_count() or 1, len(parts))
    if count == 1:
        yield from (piece_of(company, part, wanted) for part in parts)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, _begin, (os.getpid(),)) as pool:
        running: deque[Future[Piece]] = deque()
        for part in parts:
            running.append(pool.submit(piece_of, company, part, wanted))
            if len(running) > count * PIECES_AHEAD:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
