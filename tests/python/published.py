"""What the marts say of data that stay the same: a digest of each of their columns.

Whether it is true, other tests tell. This one tells which numbers a change moves, so that its
author knows it, and says so in the commit: `pytest --publish` writes down what is so from now on.
"""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

from psycopg2 import sql

FOLDER = Path(__file__).with_name("published")
MARTS = ("core", "finance", "growth", "support")

KEYS = """
select relations.relnamespace::regnamespace::text, relations.relname::text,
    array(
        select attributes.attname::text
        from unnest(constraints.conkey) with ordinality as keys (attribute_number, place)
        inner join pg_attribute as attributes
            on attributes.attrelid = relations.oid and attributes.attnum = keys.attribute_number
        order by keys.place
    ),
    array(
        select attributes.attname::text
        from pg_attribute as attributes
        where attributes.attrelid = relations.oid and attributes.attnum > 0
            and not attributes.attisdropped
        order by attributes.attnum
    )
from pg_class as relations
inner join pg_constraint as constraints
    on constraints.conrelid = relations.oid and constraints.contype = 'p'
where relations.relnamespace::regnamespace::text = any(%s)
order by 1, 2
"""

Digests = dict[tuple[str, str], str]
"""By mart and column; of how many rows, that is column `*`."""


Query = Callable[..., list[tuple]]
"""A statement's rows, given it and its values."""


def told(query: Query) -> Digests:
    """What the marts of a warehouse say."""
    return dict(_told(query))


def _told(query: Query) -> Iterator[tuple[tuple[str, str], str]]:
    for schema, name, key, columns in query(KEYS, [list(MARTS)]):
        order = sql.SQL(", ").join(map(sql.Identifier, key))
        digests = [
            sql.SQL("left(md5(string_agg(coalesce({}::text, ''), '|' order by {})), 12)").format(
                sql.Identifier(column), order
            )
            for column in columns
        ]
        text = sql.SQL("select count(*)::text, {} from {}").format(
            sql.SQL(", ").join(digests), sql.Identifier(schema, name)
        )
        (row,) = query(text)
        for column, digest in zip(("*", *columns), row, strict=True):
            yield (f"{schema}.{name}", column), digest or ""


def read(data: str) -> Digests:
    """What was published of some data."""
    with (FOLDER / f"{data}.csv").open(newline="") as file:
        return {(mart, column): digest for mart, column, digest in csv.reader(file)}


def write(data: str, digests: Digests) -> None:
    with (FOLDER / f"{data}.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows((*key, digests[key]) for key in digests)


def moved(before: Digests, now: Digests) -> list[str]:
    """The marts that say another thing, each with its columns that do."""
    columns: dict[str, list[str]] = {}
    for mart, column in {**before, **now}:
        if before.get((mart, column)) != now.get((mart, column)):
            columns.setdefault(mart, []).append(column)
    return [f"{mart}: {', '.join(columns[mart])}" for mart in columns]
