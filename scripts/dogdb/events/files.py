"""The bodies of events out of files: one a line, or documents as Stripe's tools write them."""

import errno
import gzip
import io
import itertools
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from dogdb.errors import Failure
from dogdb.events.parse import MAX_BYTES

BUFFER_BYTES = 1 << 20
ADVANCE_BYTES = 1 << 20
"""How often progress is told."""

LINE_BYTES = MAX_BYTES + 2
"""How much of a line is read: the longest body with its end."""

SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".json", ".json.gz")
DECODER = json.JSONDecoder(parse_int=str)
"""Where it matters where a value ends, and not how large a number is."""

OBJECT = re.compile(r"(?:^|[\[,])\s*({)", re.MULTILINE)
OBJECT_LINE = re.compile(r"\n(?={)")
"""Where an object may begin in a document that can't be read whole, and what ends before one."""

LINES = (".jsonl", ".ndjson")
"""Files of these names hold one event a line, whatever their first line looks like."""


def elements(text: str, start: int = 0) -> Iterator[str]:
    """Cut the events out of a JSON document, each as it is written there.

    Args:
        text: values one after another, each an event, an array of events, or a list object as
            Stripe's API and its command line print them (`{"object": "list", "data": […]}`).
        start: where to begin.

    Raises:
        ValueError: where the text is not such a document.
    """
    scan = DECODER.raw_decode
    space = json.decoder.WHITESPACE

    def skip(at: int) -> int:
        return space.match(text, at).end()

    def array(at: int) -> Iterator[str]:
        at = skip(at + 1)
        while text[at : at + 1] != "]":
            _, end = scan(text, at)
            yield text[at:end]
            at = skip(end)
            if text[at : at + 1] == ",":
                at = skip(at + 1)

    at = skip(start)
    while at < len(text):
        value, end = scan(text, at)
        if isinstance(value, list):
            yield from array(at)
        elif is_list(value):
            inner = skip(at + 1)
            while text[inner] != "}":
                key, inner = scan(text, inner)
                inner = skip(skip(inner) + 1)
                if key == "data":
                    yield from array(inner)
                _, inner = scan(text, inner)
                inner = skip(inner)
                inner = skip(inner + 1) if text[inner] == "," else inner
        else:
            yield text[at:end]
        at = skip(end)


def is_list(value: object) -> bool:
    """Tell whether a JSON value is a page of Stripe's API."""
    return isinstance(value, dict) and isinstance(value.get("data"), list) and "id" not in value


def _is_document(line: bytes) -> bool:
    """Tell from the first line of a file whether it is one document rather than an event a line."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return line.strip()[:1] in (b"{", b"[")
    return isinstance(value, list) or is_list(value)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_event(value: object) -> bool:
    return isinstance(value, dict) and (
        value.get("object") in ("event", "v2.core.event") or str(value.get("id")).startswith("evt_")
    )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where in a broken document its whole events lie, and what is between them."""

    def between(start: int, end: int) -> Iterator[tuple[int, int]]:
        for line_end in OBJECT_LINE.finditer(text, start, end):
            yield start, line_end.end()
            start = line_end.end()
        yield start, end

    at = 0
    for found in OBJECT.finditer(text):
        begins = found.start(1)
        if begins < at:
            continue
        try:
            value, end = DECODER.raw_decode(text, begins)
        except (ValueError, RecursionError):
            continue
        if _is_event(value):
            yield from between(at, begins)
            yield begins, end
            at = end
    yield from between(at, len(text))


def _salvaged(text: str, name: str) -> Iterator[tuple[bytes, str]]:
    """Yield the events of a broken document, and the rest to be quarantined, by their lines."""
    line, counted = 1, 0
    for start, end in _spans(text):
        if body := text[start:end].strip(" \t\r\n,[]"):
            begins = text.index(body, start)
            line += text.count("\n", counted, begins)
            counted = begins
            yield body.encode(), f"{name}:{line}"


def _documents(whole: bytes, name: str) -> Iterator[tuple[bytes, str]] | None:
    """Cut a file into bodies that is not known to hold one a line; None where it does after all."""
    try:
        bodies = list(elements(whole.decode()))
    except (ValueError, RecursionError) as error:
        lines = [line for line in whole.splitlines() if line.strip()]
        if 2 * sum(map(_is_object, lines)) > len(lines):
            return None
        is_text = not isinstance(error, UnicodeDecodeError)
        found = list(_salvaged(whole.decode(), name)) if is_text else []
        return iter(found if len(found) > 1 else [(whole, name)])  # to be quarantined
    return ((body.encode(), f"{name}[{number}]") for number, body in enumerate(bodies))


def _lines(first: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    """Yield a stream's lines, the first of which is read; of a long one no more than LINE_BYTES."""
    read = partial(stream.readline, LINE_BYTES)
    is_rest = False
    for line in itertools.chain([first], iter(read, b"")):
        if not is_rest:
            yield line
        is_rest = line[-1:] != b"\n"


def _bodies(stream: IO[bytes], name: str) -> Iterator[tuple[bytes, str]]:
    """Cut a stream into bodies, each with its file and its line, or its place in the document.

    Of a body longer than MAX_BYTES comes only the beginning, enough for it to be too long.
    """
    first = stream.readline(LINE_BYTES)
    start = first.removeprefix(b"\xef\xbb\xbf")  # the file's, not the event's
    if not name.removesuffix(".gz").endswith(LINES) and _is_document(start):
        whole = start + stream.read()
        if (found := _documents(whole, name)) is not None:
            yield from ((body[: MAX_BYTES + 1], origin) for body, origin in found)
            return
        stream = io.BytesIO(whole)
        start = stream.readline(LINE_BYTES)
    for number, line in enumerate(_lines(start, stream), 1):
        is_cut = len(line) == LINE_BYTES and line[-1:] != b"\n"
        if body := line if is_cut else line.strip(b" \t\r\n"):
            yield body, f"{name}:{number}"


def _opened(path: str) -> io.BufferedReader:
    if path == "-":
        return open(0, "rb", BUFFER_BYTES, closefd=False)
    return Path(path).open("rb", BUFFER_BYTES)


def read(paths: Sequence[str], advance: Callable[[int], None]) -> Iterator[tuple[bytes, str]]:
    """Read the bodies of files, in order; compressed ones are known by their first bytes.

    Args:
        paths: files, or `-` for the standard input.
        advance: called now and then with the number of bytes read from the files since.

    Raises:
        Failure: where files can't be read to their ends, after all others.
    """
    broken = []
    for path in paths:
        try:
            with _opened(path) as file:
                is_packed = file.peek(2)[:2] == b"\x1f\x8b"
                position, has_place = 0, path != "-" and file.seekable()
                content = gzip.GzipFile(fileobj=file) if is_packed else file
                for item in _bodies(content, path):
                    yield item
                    if has_place and file.tell() - position >= ADVANCE_BYTES:
                        advance(file.tell() - position)
                        position = file.tell()
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            broken.append(f"{path}: {reason}")
    if broken:
        raise Failure(f"{'; '.join(broken)}; what else was read is stored")


def expand(paths: Sequence[str]) -> list[str]:
    """Return the files meant by paths; a folder stands for the event files below it.

    Raises:
        Failure: where a path does not exist, can't be read, or a folder holds no event files.
            Nothing has been loaded then.
    """
    found = []
    for path in paths:
        if path == "-":
            found.append(path)
            continue
        files = [path]
        if Path(path).is_dir():
            files = sorted(_event_files(path))
            if not files:
                raise Failure(f"{path}: no {', '.join(SUFFIXES)} in this folder")
        for file in files:
            if file != path and Path(file).exists() and not Path(file).is_file():
                raise Failure(f"{file}: no regular file, so name it by itself; nothing was loaded")
            _check(file)
        found += files
    return found


def _event_files(folder: str) -> Iterator[str]:
    """Yield the event files below a folder, also by way of links, but each folder once.

    Raises:
        Failure: where a folder can't be read.
    """

    def stop(error: OSError) -> None:
        raise Failure(f"{error.filename}: {error.strerror}; nothing was loaded")

    seen = set()
    for parent, folders, files in os.walk(folder, onerror=stop, followlinks=True):
        folders.sort()
        status = Path(parent).stat()
        place = status.st_dev, status.st_ino
        if place in seen:  # a link led back
            folders.clear()
            continue
        seen.add(place)
        yield from (str(Path(parent, file)) for file in files if file.endswith(SUFFIXES))


def _check(path: str) -> None:
    """Look whether a file can be read without opening it: a pipe's writer would notice.

    Raises:
        Failure: where it can't.
    """
    try:
        Path(path).stat()
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}; nothing was loaded") from None
