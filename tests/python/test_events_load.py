import errno
import gzip
import io
import json
import os
import subprocess
import sys
import threading
from contextlib import closing

import psycopg2
import pytest
from click.testing import CliRunner

from dogdb import cli
from dogdb import database as server
from dogdb.errors import Failure
from dogdb.events import files, schema, store
from dogdb.events import parse as parsing
from dogdb.events.load import load
from dogdb.events.parse import parse
from dogdb.events.store import Counts, copy_events


def event(number: int, **more: object) -> bytes:
    body = {"id": f"evt_{number}", "type": "t", "created": 1_700_000_000, "data": {"object": {}}}
    return json.dumps(body | more).encode()


@pytest.fixture
def connection(database):
    with closing(server.connect()) as connection:
        schema.ensure(connection)
        yield connection


def rows(connection, columns="id, quarantine_reason, origin"):
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from raw.stripe_events order by id")
        return cursor.fetchall()


def copy(connection, *bodies):
    return copy_events(connection, [(body, None) for body in bodies], "test")


# The table


def test_the_migration_runs_by_several_at_once(database):
    def ensure():
        try:
            schema.ensure_now()
        except Exception as error:
            errors.append(error)

    errors = []
    threads = [threading.Thread(target=ensure) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_an_older_table_is_brought_up_to_date_without_touching_its_rows(database):
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "create schema raw; create table raw.stripe_events (id text, type text,"
            " created timestamptz, livemode boolean, api_version text, payload jsonb);"
            """insert into raw.stripe_events (id, type, created, payload) values
            ('evt_1', 't', to_timestamp(1700000000), '{"data": {"object": {}}}'),
            ('evt_2', 't', now(), '{}'), ('evt_2', 't', now(), '{}'), (null, null, null, null)"""
        )
        connection.commit()
        before = rows(connection, "ctid, xmin, id, payload")
        schema.ensure(connection)
        assert schema.missing(connection) == []
        assert rows(connection, "ctid, xmin, id, payload") == before
        cursor.execute("select count(*) from raw.stripe_events where arrived_in is not null")
        assert cursor.fetchone() == (4,)
        assert copy(connection, event(3)).new == 1
        assert copy(connection, event(3)) == Counts(1, 0, 1)
        assert copy(connection, event(1)) == Counts(1, 0, 1)


def test_a_column_of_another_type_is_named(database):
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("create schema raw; create table raw.stripe_events (id text, payload text)")
        connection.commit()
        with pytest.raises(Failure, match="column payload jsonb"):
            schema.ensure(connection)


def test_bodies_are_compressed_the_quick_way_where_the_server_can(connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "select enumvals @> '{lz4}' from pg_settings where name = 'default_toast_compression'"
        )
        [(can,)] = cursor.fetchall()
        cursor.execute(
            "select attname from pg_attribute where attcompression = 'l'"
            " and attrelid = 'raw.stripe_events'::regclass order by 1"
        )
        assert cursor.fetchall() == ([("body",), ("payload",)] if can else [])


# Storing


def test_one_id_of_another_mode_or_version_is_another_event(connection):
    said = {"livemode": True, "api_version": "2020-08-27", "account": "acct_1"}
    assert copy(connection, event(1, **said)).new == 1
    again = {"pending_webhooks": 3, "request": {"id": "req_1"}}
    assert copy(connection, event(1, **said, **again)) == Counts(1, 0, 1)
    for other in ({"livemode": False}, {"api_version": "2022-11-15"}, {"account": "acct_2"}):
        assert copy(connection, event(1, **said | other)).conflicts == 1
    assert copy(connection, event(2, data={}, related_object={"id": "a"})).new == 1
    assert copy(connection, event(2, data={}, related_object={"id": "b"})).conflicts == 1


def test_the_exact_bytes_and_digits_are_kept(connection):
    body = b'{ "id":"evt_1","type":"t", "created":1700000000,"n":123456789012345678901234567890.10}'
    assert copy(connection, body) == Counts(1, 1)
    columns = "id, type, created::text, payload ->> 'n', body, body_sha256 = sha256(body), source"
    [(key, kind, created, number, kept, is_right, source)] = rows(connection, columns)
    assert (key, kind, created) == ("evt_1", "t", "2023-11-14 22:13:20+00")
    assert (number, bytes(kept)) == ("123456789012345678901234567890.10", body)
    assert (is_right, source) == (True, "test")


def test_the_same_again_changes_nothing(connection):
    bodies = [event(1), event(2), b"bad", b'{"id": "evt_3", "x": "\\u0000"}']
    assert copy(connection, *bodies, *bodies) == Counts(8, 2, 4, 0, 2)
    before = rows(connection, "*")
    assert copy(connection, *bodies) == Counts(4, 0, 4)
    assert rows(connection, "*") == before


def test_of_two_bodies_with_one_id_the_first_stays(connection):
    assert copy(connection, event(1), event(1, type="u")) == Counts(2, 1, 0, 1)
    assert copy(connection, event(1, type="u"), event(1, type="v")) == Counts(2, 0, 1, 1)
    first, *others = rows(connection)
    assert first == ("evt_1", None, None)
    for key, reason, _ in others:
        assert key.startswith("evt_1#")
        assert reason == store.CONFLICT


@pytest.mark.parametrize(
    "again",
    [
        event(1, pending_webhooks=3),
        event(1, request={"id": "req_1"}),
        json.dumps(json.loads(event(1)), indent=2, sort_keys=True).encode(),
    ],
)
def test_another_form_of_the_same_event_is_a_duplicate(connection, again):
    copy(connection, event(1, pending_webhooks=1))
    assert copy(connection, again) == Counts(1, 0, 1)


def test_two_writers_at_once_store_each_event_once(connection):
    bodies = [event(number) for number in range(300)]
    with closing(server.connect()) as other, other.cursor() as cursor:
        # The other has stored one and not committed yet: the COPY waits, fails and takes the
        # other way.
        cursor.execute(
            "insert into raw.stripe_events (id, type, source, body, body_sha256)"
            " values ('evt_150', 'u', 'other', '', '')"
        )
        timer = threading.Timer(0.3, other.commit)
        timer.start()
        assert copy(connection, *bodies) == Counts(300, 299, 0, 1)
        timer.join()
    assert len(rows(connection)) == 301


def test_a_row_that_only_postgresql_refuses_is_found(connection, monkeypatch):
    monkeypatch.setattr(
        store, "parse", lambda body: parse(body)._replace(is_json=True, quarantine_reason=None)
    )
    bodies = [event(number) for number in range(20)]
    bodies[13] = b'{"id": "evt_13", "x": "\\u0000"}'
    assert copy(connection, *bodies) == Counts(20, 19, 0, 0, 1)
    [bad] = [row for row in rows(connection) if row[1]]
    assert bad == ("evt_13", "PostgreSQL refuses it as jsonb (22P05)", None)


def test_arrival_follows_the_transaction(connection):
    copy(connection, event(1))
    with connection.cursor() as cursor:
        cursor.execute("select arrived_in < pg_current_xact_id() from raw.stripe_events")
        assert cursor.fetchone() == (True,)


def test_a_chunk_is_bounded_in_rows_and_in_bytes(monkeypatch):
    monkeypatch.setattr(store, "BATCH_ROWS", 5)
    monkeypatch.setattr(store, "BATCH_BYTES", 100)
    sizes = [1] * 7 + [60] * 4 + [500, 1]
    chunks = store._chunks((b"x" * size, None) for size in sizes)
    found = [[len(body) for body, _ in chunk] for chunk in chunks]
    assert found == [[1] * 5, [1, 1, 60, 60], [60, 60], [500], [1]]


def test_what_was_read_before_an_error_comes_before_it():
    def bodies():
        yield from [(b"a", None), (b"b", None)]
        raise Failure("it ends here")

    chunks = store._chunks(bodies())
    assert [body for body, _ in next(chunks)] == [b"a", b"b"]
    with pytest.raises(Failure, match="it ends here"):
        next(chunks)


# Files


def test_lines_keep_their_file_and_line(connection, tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + event(1) + b"\r\n\n" + event(2) + b"\nbroken\n" + event(3))
    assert load([str(path)]) == Counts(4, 3, 0, 0, 1)
    assert [row[2] for row in rows(connection)] == [
        *(f"{path}:{line}" for line in (1, 3, 5)),
        f"{path}:4",
    ]


PAGE = b'{"object": "list", "url": "/v1/events", "has_more": false, "data": [%b, %b]}'
DEEP = b'{"id": "evt_9", "x": %b}' % (b"[" * 5_000 + b"]" * 5_000)
LONG = b'{"id": "evt_9", "x": %b}' % (b"9" * 5_000)
PRETTY = json.dumps(json.loads(event(1)), indent=2).encode()


@pytest.mark.parametrize(
    ("content", "bodies"),
    [
        (PAGE % (event(1), PRETTY), [event(1), PRETTY]),
        (b"[%b,\n%b]" % (PRETTY, event(2)), [PRETTY, event(2)]),
        (PRETTY + b"\n" + event(2), [PRETTY, event(2)]),
        (event(1) + b"\n" + event(2), [event(1), event(2)]),
        (b"{broken\n" + event(1) + b"\n" + event(2), [b"{broken", event(1), event(2)]),
        (b"{broken\n{bad\n" + event(1), [b"{broken", b"{bad", event(1)]),
        (PRETTY + b"\n{bad,\n" + PRETTY, [PRETTY, b"{bad", PRETTY]),
        (b"[%b,{bad},\n%b]" % (event(1), event(2)), [event(1), b"{bad}", event(2)]),
        (b"[%b, %b, %b]" % (event(1), DEEP, event(2)), [event(1), DEEP, event(2)]),
        (b"[%b, %b]" % (LONG, event(2)), [LONG, event(2)]),
        (PRETTY[:-1], [PRETTY[:-1]]),
        (b"[]", []),
        (b"", []),
        (b'{"object": "list", "data": []}', []),
        (b'{"id": "evt_1", "x": NaN}', [b'{"id": "evt_1", "x": NaN}']),
    ],
)
def test_documents_are_cut_into_the_bytes_of_each_event(content, bodies):
    found = files._bodies(io.BytesIO(content), "x.json")
    assert [body for body, _ in found] == bodies


def test_what_is_bad_in_a_document_is_known_by_its_line():
    content = b"[%b,\n%b,\n{bad},\n%b]" % (PRETTY, event(1), event(2))
    lines = content[: content.index(b"{bad}")].count(b"\n") + 1
    *_, bad, last = files._bodies(io.BytesIO(content), "x.json")
    assert (bad, last[1]) == ((b"{bad}", f"x.json:{lines}"), f"x.json:{lines + 1}")


def test_a_folder_a_packed_file_and_the_standard_input(connection, tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.jsonl.gz").write_bytes(gzip.compress(event(1) + b"\n" + event(2)))
    (tmp_path / "b.json").write_bytes(PAGE % (event(3), event(4)))
    (tmp_path / "notes.txt").write_text("not an event")
    assert load([str(tmp_path)]) == Counts(4, 4)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_pipes_are_read_and_their_writers_live(connection, tmp_path, pack):
    def write():
        with path.open("wb") as pipe:
            pipe.write(pack(b"\n".join(event(number, pad="x" * 5_000) for number in range(500))))

    path = tmp_path / "pipe.jsonl"
    os.mkfifo(path)
    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    assert load([str(path)]) == Counts(500, 500)
    writer.join()


def test_the_standard_input_by_its_name(database):
    command = [sys.executable, "-m", "dogdb.cli", "load", "/dev/stdin"]
    done = subprocess.run(command, input=event(1), capture_output=True, check=False)
    assert done.stdout.startswith(b"read 1, new 1"), done.stderr


def test_a_folder_behind_a_link_is_read_once(connection, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.jsonl").write_bytes(event(1))
    (tmp_path / "here" / "first").symlink_to(tmp_path / "there")
    (tmp_path / "here" / "second").symlink_to(tmp_path / "there")
    (tmp_path / "there" / "back").symlink_to(tmp_path / "here")
    assert load([str(tmp_path / "here")]) == Counts(1, 1)


def test_nothing_in_a_folder_is_left_out_in_silence(tmp_path, monkeypatch):
    folder, file = tmp_path / "deep", tmp_path / "a.jsonl"
    folder.mkdir()
    file.touch()
    (folder / "b.jsonl").touch()
    scandir, access = os.scandir, os.access
    with monkeypatch.context() as patch:

        def refuse(path):
            if str(path) == str(folder):
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return scandir(path)

        patch.setattr(os, "scandir", refuse)
        with pytest.raises(Failure, match="deep: Permission denied; nothing was loaded"):
            files.expand([str(tmp_path)])
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: path != str(file) and access(path, mode))
        with pytest.raises(Failure, match=r"a\.jsonl: Permission denied; nothing was loaded"):
            files.expand([str(tmp_path)])
    (folder / "c.jsonl").symlink_to("gone")
    with pytest.raises(Failure, match=r"c\.jsonl: No such file or directory; nothing"):
        files.expand([str(tmp_path)])
    (folder / "c.jsonl").unlink()
    os.mkfifo(folder / "c.jsonl")
    with pytest.raises(Failure, match=r"c\.jsonl: no regular file"):
        files.expand([str(tmp_path)])


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.jsonl.gz"])
def test_of_a_line_without_end_the_beginning_is_kept(connection, tmp_path, monkeypatch, name):
    monkeypatch.setattr(files, "MAX_BYTES", 200)
    monkeypatch.setattr(files, "LINE_BYTES", 202)
    monkeypatch.setattr(parsing, "MAX_BYTES", 200)
    longest, longer = event(1), event(2, pad="x" * 1_000)
    longest = longest[:-1] + b" " * (200 - len(longest)) + b"}"
    content = b"\r\n".join([longest, longer, event(3), longer])
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert load([str(path)]) == Counts(4, 2, 1, 0, 1)
    found = rows(connection, "id, body, quarantine_reason, origin")
    assert [(key, bytes(body)) for key, body, *_ in found[:2]] == [
        ("evt_1", longest),
        ("evt_3", event(3)),
    ]
    [(_, body, reason, origin)] = found[2:]
    assert longer.startswith(bytes(body))
    assert (reason, origin) == ("it is longer than 200 bytes", f"{path}:2")


def test_a_document_of_one_long_line_is_cut_all_the_same(monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    monkeypatch.setattr(files, "LINE_BYTES", 102)
    found = files._bodies(io.BytesIO(PAGE % (event(1), event(2, pad="x" * 100))), "x.json")
    first, second = (body for body, _ in found)
    assert first == event(1)
    assert second == event(2, pad="x" * 100)[:101]


def test_a_truncated_packed_file_loses_nothing_of_what_was_read(connection, tmp_path):
    path = tmp_path / "a.jsonl.gz"
    lines = b"\n".join(event(number, pad=str(hash(str(number)))) for number in range(20_000))
    path.write_bytes(gzip.compress(lines)[:-1_000])
    with pytest.raises(Failure, match="end-of-stream"):
        load([str(path)])
    assert len(rows(connection)) > 10_000


def test_a_broken_file_keeps_no_other_out(connection, tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(event(1))[:-10])
    (tmp_path / "b.jsonl").write_bytes(event(2))
    with pytest.raises(Failure, match=r"a\.jsonl\.gz: .*end-of-stream.* else was read is stored"):
        load([str(tmp_path)])
    assert [key for key, *_ in rows(connection)] == ["evt_2"]


def test_a_missing_file_stops_before_anything_is_loaded(connection, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(event(1))
    with pytest.raises(Failure, match=r"missing\.jsonl: No such file or directory"):
        load([str(path), str(tmp_path / "missing.jsonl")])
    assert rows(connection) == []


def test_the_command_says_what_became_of_them(database, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(event(1) + b"\n" + event(1) + b"\nbad\n" + event(1, type="u"))
    result = CliRunner().invoke(cli.cli, ["load", str(path)], standalone_mode=False)
    assert result.output == "read 4, new 1, duplicates 1, conflicts 1, quarantined 1\n"


def test_a_lost_database_is_an_error_and_not_a_loss(connection):
    with closing(server.connect("postgres")) as other:
        other.autocommit = True

        def bodies():
            yield from ((event(number), None) for number in range(store.BATCH_ROWS + 10))
            pid = connection.info.backend_pid
            other.cursor().execute("select pg_terminate_backend(%s)", [pid])
            yield event(-1), None

        with pytest.raises(psycopg2.Error):
            copy_events(connection, bodies(), "test")
