"""A run as one file that can be sent to a friend: `NAME.p2prun`.

The file is gzip, and in it are lines of JSON:

    {"format": "p2prun", "schema": 1, "name": …, "id": …, "since": …, "until": …}
    ["name", number, id, name, url]                           the book (`rows`)
    ["hole", since, until, node, lost, why]
    ["checkpoint", at, n, session, model]
    ["record", at, n, kind, node, epoch, seq, ago, skew, data]
    {"end": lines}

names and holes first, then checkpoints and records in the order of time. Why not the database
itself: a stranger's SQLite file runs triggers and views of the stranger's in our process, and
can be damaged in ways that only show later; lines are parsed one by one into bounded types, as
everything else that comes from outside. Why not zip: it holds paths, which can lead anywhere,
and says itself how large it will be. gzip has a checksum, is read as a stream, and any tool
opens it: `zcat run.p2prun | head`.

What is imported is written into a new file of our own by our own writer. Nothing of it is
there until all of it was found to be in order; whatever is not is refused with the reason.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple
from uuid import uuid4

import msgspec

from contract.text import one_line
from dashboard import checkpoints, rows
from dashboard.checkpoints import BrokenCheckpointError
from dashboard.reports import Counter, Id, Name, Reason, Url
from dashboard.rows import Book, BrokenRowError, Row, Span, Time
from dashboard.runfile import About, Hole, Position, RunFile
from dashboard.runs import MAX_RUN_NAME, UNFINISHED, delete

FORMAT: Final = "p2prun"
SCHEMA: Final = 1
SUFFIX: Final = ".p2prun"
MOST_PACKED: Final = 512 * 1024 * 1024
"""Bytes of a file that is imported [guess: the default limit of all runs]."""
MOST_UNPACKED: Final = 4 * 1024 * 1024 * 1024
"""Bytes of what is in it: our own files have a tenth of that; gzip could make a thousandfold."""
MOST_LINE: Final = checkpoints.MOST_BYTES
"""Bytes of one line: the longest are checkpoints."""
_LEVEL: Final = 6
_AT_ONCE: Final = 2_000
"""Records that are read, or written, at once."""
_PIECE: Final = 256 * 1024
_MAGIC: Final = b"\x1f\x8b"


class RefusedError(Exception):
    """A file that is not imported. The text says why, for a person."""


class _Manifest(msgspec.Struct):
    format: str
    schema: Counter
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_RUN_NAME)]
    id: Id
    since: Counter = 0
    until: Counter = 0


class _Start(msgspec.Struct):
    """As much of a manifest as any version has."""

    format: str
    schema: Any = None


class _Named(msgspec.Struct, array_like=True, tag="name", forbid_unknown_fields=True):
    number: Annotated[int, msgspec.Meta(ge=1, le=rows.MOST_NAMED)]
    id: Id
    name: Name
    url: Url


class _Hole(msgspec.Struct, array_like=True, tag="hole", forbid_unknown_fields=True):
    since: Time
    until: Time
    node: Id | None
    lost: Counter | None
    why: Reason


class _Checkpoint(msgspec.Struct, array_like=True, tag="checkpoint", forbid_unknown_fields=True):
    at: Time
    n: Counter
    session: Annotated[str, msgspec.Meta(max_length=64)]
    model: msgspec.Raw


class _Record(msgspec.Struct, array_like=True, tag="record", forbid_unknown_fields=True):
    at: Time
    n: Counter
    kind: Annotated[int, msgspec.Meta(ge=0, lt=len(rows.KINDS))]
    node: Annotated[int, msgspec.Meta(ge=1, le=rows.MOST_NAMED)] | Id | None
    epoch: Counter
    seq: Counter
    ago: Span
    skew: Span
    data: Annotated[str, msgspec.Meta(max_length=1_000_000)]


class _End(msgspec.Struct):
    end: Counter


_line: Final = msgspec.json.Decoder(_Named | _Hole | _Checkpoint | _Record)


# --- writing ---------------------------------------------------------------------------------


def file_name(run: About) -> str:
    """What an exported run is called: letters and digits, whatever its name is."""
    kept = "".join(one if one.isascii() and one.isalnum() else "-" for one in run.name)
    return f"{'-'.join(filter(None, kept.split('-'))) or 'run'}{SUFFIX}"


def packed(run: RunFile) -> Iterator[bytes]:
    """A run as pieces of a file. Each piece takes some milliseconds to make."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)  # 31: gzip
    for lines in _lines(run):
        piece = packer.compress(lines)
        if piece:
            yield piece
    yield packer.flush()


def _lines(run: RunFile) -> Iterator[bytes]:
    about, ends = run.about(), run.ends()
    if ends is None:
        raise RefusedError("there is nothing in this run yet")
    first, last = ends
    yield _encoded(
        _Manifest(FORMAT, SCHEMA, about.name, about.id, first.at // 1000, last.at // 1000)
    )
    written = 0
    for number, *rest in run.names():
        yield _encoded(_Named(number, *rest))
        written += 1
    for hole in run.holes(0, 2**60, -1):
        yield _encoded(_Hole(*hole))
        written += 1
    places = run.places()
    for here, following in zip(places, [*places[1:], None], strict=True):
        found = run.checkpoint_at(here)
        if found is None:  # it was removed meanwhile, being too old
            continue
        session, content = found
        model = msgspec.Raw(checkpoints.text(content))
        yield _encoded(_Checkpoint(here.at, here.n, session, model))
        written += 1
        after: Position = here
        until = last if following is None else following
        while True:
            read = run.records(after, until.at, _AT_ONCE)
            kept = [row for row in read if (row.at, row.n) <= until]
            yield b"".join(_encoded(_Record(*row)) for row in kept)
            written += len(kept)
            if len(read) < _AT_ONCE or len(kept) < len(read):
                break
            after = Position(read[-1].at, read[-1].n)
    yield _encoded(_End(written))


def _encoded(value: Any) -> bytes:
    return msgspec.json.encode(value) + b"\n"


# --- reading ---------------------------------------------------------------------------------


class Imported(NamedTuple):
    """What became of a file."""

    id: str
    name: str
    records: int


def imported(
    pieces: Iterable[bytes], path: Path, made: int, room: int, name: str | None = None
) -> Imported:
    """Make a run of a file's pieces at `path`, of `room` bytes at most.

    Raises RefusedError, and leaves nothing then.
    """
    unfinished = path.with_suffix(UNFINISHED)
    try:
        with RunFile.make(unfinished, About(path.stem, "", True, made, 0)) as run:
            done = _read(lines(pieces), _Reader(run, room), name)
        unfinished.rename(path)
    except sqlite3.OperationalError as error:
        delete(unfinished)
        raise RefusedError(f"it cannot be written here: {error}") from None
    except BaseException:
        delete(unfinished)
        raise
    return done


def new_id() -> str:
    """An id for a run that is imported: it may be here already under its own."""
    return str(uuid4())


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a gzip file that comes in pieces. Raises RefusedError."""
    unpacker = zlib.decompressobj(31)
    packed_bytes = unpacked_bytes = 0
    waiting = bytearray()
    begun = False
    for piece in pieces:
        packed_bytes += len(piece)
        if packed_bytes > MOST_PACKED:
            raise RefusedError(f"the file has more than {MOST_PACKED:,} bytes")
        if not begun and piece:
            begun = True
            if not piece.startswith(_MAGIC[: len(piece)]):
                raise RefusedError("this is no .p2prun file: it is not packed with gzip")
        left = piece
        while left and not unpacker.eof:
            try:
                waiting += unpacker.decompress(left, _PIECE)
            except zlib.error as error:
                raise RefusedError(f"the file is damaged: {error}") from None
            left = unpacker.unconsumed_tail
            while (end := waiting.find(b"\n")) >= 0:
                unpacked_bytes += end + 1
                yield bytes(waiting[:end])
                del waiting[: end + 1]
            if len(waiting) > MOST_LINE or unpacked_bytes > MOST_UNPACKED:
                raise RefusedError("what is packed in the file is far too large for a run")
        if unpacker.eof and (left or unpacker.unused_data):
            raise RefusedError("something stands behind the end of the file")
    if not unpacker.eof:
        raise RefusedError("the file is empty" if not begun else "the file is cut short")
    if waiting:
        raise RefusedError("the file is cut short")


def pieces_of(file: Path) -> Iterator[bytes]:
    """A file's bytes. Raises OSError."""
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def _read(given: Iterator[bytes], reader: "_Reader", name: str | None) -> Imported:
    manifest = _manifest(next(given, b""))
    run = reader.run
    count = 0
    ended = False
    try:
        run.db.execute("BEGIN")
        for line in given:
            if ended:
                raise RefusedError("something stands behind the last line")
            if line.startswith(b"{"):
                said = msgspec.json.decode(line, type=_End)
                if said.end != count:
                    raise RefusedError(f"lines are missing: {count:,} of {said.end:,} are there")
                ended = True
                continue
            count += 1
            reader.take(_line.decode(line))
        if not ended:
            raise RefusedError("the file is cut short: its last line is missing")
        reader.done()
        chosen = name or one_line(manifest.name)[:MAX_RUN_NAME]
        run.rename(chosen)
        run.db.execute("COMMIT")
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise RefusedError(f"line {count + 1:,} makes no sense: {error}") from None
    except (BrokenRowError, BrokenCheckpointError) as error:
        raise RefusedError(f"line {count + 1:,}: {error}") from None
    except sqlite3.IntegrityError:
        raise RefusedError("something stands in it twice") from None
    return Imported(run.path.stem, chosen, reader.records)


def _manifest(line: bytes) -> _Manifest:
    try:
        start = msgspec.json.decode(line, type=_Start)
        if start.format != FORMAT:
            raise RefusedError("this is no .p2prun file")
        if start.schema != SCHEMA:
            raise RefusedError(
                f"it has schema version {str(start.schema)[:20]}, and this program knows {SCHEMA}; "
                "a newer version of it may read the file"
            )
        return msgspec.json.decode(line, type=_Manifest)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise RefusedError("this is no .p2prun file: its first line does not say so") from None


class _Reader:
    """Puts lines into a run, each only where it may stand."""

    def __init__(self, run: RunFile, room: int) -> None:
        self.run = run
        self._room = room
        self._book: Book | None = None
        self._names: list[tuple[int, str, str, str]] = []
        self._place = Position(-1, -1)
        self._batch: list[Row] = []
        self._begun = False
        self.records = 0

    def take(self, line: _Named | _Hole | _Checkpoint | _Record) -> None:
        """One line. Raises RefusedError, BrokenRowError, BrokenCheckpointError."""
        match line:
            case _Record():
                self._record(line)
            case _Checkpoint():
                self._forward(Position(line.at, line.n), at_least=True)
                self._begun = True
                model = checkpoints.from_text(bytes(line.model))
                self.run.write_checkpoint(self._place, line.session, model)
                self._put()
            case _Named() if self._book is None:
                self._names.append((line.number, line.id, line.name, line.url))
            case _Hole(since, until, node, lost, why) if since <= until:
                self.run.write_hole(Hole(since, until, node, lost, why))
            case _:
                raise RefusedError("a name stands after the records, or a hole ends before it is")

    def done(self) -> None:
        """No more lines."""
        if not self._begun:
            raise RefusedError("there is no checkpoint in it")
        if self._book is None:
            self.run.write_names(self._names)
        self._put()

    def _record(self, line: _Record) -> None:
        if self._book is None:
            self.run.write_names(self._names)
            self._book = Book(self._names)
        if not self._begun:
            raise RefusedError("a record stands before the first checkpoint")
        self._forward(Position(line.at, line.n))
        row = Row(*msgspec.structs.astuple(line))
        self._try(row, self._book)
        self._batch.append(row)
        self.records += 1
        if len(self._batch) >= _AT_ONCE:
            self._put()

    @staticmethod
    def _try(row: Row, book: Book) -> None:
        """Whether it could be replayed."""
        if rows.is_event(row.kind):
            rows.event(row, book)
        else:
            rows.found(row, book)
        book.id(row.node)

    def _forward(self, place: Position, *, at_least: bool = False) -> None:
        if place < self._place or (place == self._place and not at_least):
            raise RefusedError("its records are not in the order of time")
        self._place = place

    def _put(self) -> None:
        if self._batch:
            self.run.write(self._batch, Book())
            self._batch = []
        if self.run.size() > self._room:
            raise RefusedError(f"it has no room here: {self._room:,} bytes are left for it")
