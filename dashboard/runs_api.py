"""The calls about runs as files: `/api/runs`. See "Runs" in docs/api.md."""

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from contract.described import Raw, Shapes, Words, described
from contract.errors import ApiError, out_of_range
from contract.http import answer, read_object, required
from contract.limits import MAX_NAME
from contract.server import off_loop
from contract.text import checked
from dashboard.history_api import text
from dashboard.recall import Recall

if TYPE_CHECKING:
    from dashboard.runfile import RunFile
    from dashboard.runs import Run

shapes = Shapes("dashboard.shapes")
AT_ONCE: Final = 2
"""Files that go out, or come in, at the same time [guess]."""
IMPORT_SHARE: Final = 2
"""Imported runs may take one part in so many of what all runs may; they are never removed by
themselves, and must not crowd out what is being written [guess]."""
_RUN: Final = Words("wanted", MAX_NAME, "A run's id or name.")
_UNLIMITED: Final = 2**33
_TYPES: Final = frozenset({"application/gzip", "application/x-gzip", "application/octet-stream"})
_PIECE: Final = 256 * 1024


def blueprint(recall: Recall) -> Blueprint:
    """What there is, by which name, as a file, and out of one."""
    calls = Blueprint("runs", __name__)
    turns = BoundedSemaphore(AT_ONCE)

    @calls.get("/api/runs")
    @described("All runs, the newest first", answer=shapes.Runs, errors=(429,))
    def runs() -> Response:
        found = recall.turn(recall.runs.all)
        listed = [_run(run, recall.runs.current) for run in found]
        writing = {"state": "off"} if recall.history is None else recall.history.state()
        return answer({"runs": listed, "recording": writing})

    @calls.post("/api/runs/<wanted>")
    @described(
        "Give a run a name",
        path=(_RUN,),
        body=shapes.Renaming,
        answer=shapes.Renamed,
        errors=(404, 409, 429),
        example={"name": "the day the bootstrap died"},
    )
    def rename(wanted: str) -> Response:
        _changing(recall)
        name = required(read_object(), "name")
        return answer(recall.turn(recall.runs.rename, _wanted(wanted), name))

    @calls.delete("/api/runs/<wanted>")
    @described("Delete a run", path=(_RUN,), answer=shapes.Deleted, errors=(404, 409, 422, 429))
    def remove(wanted: str) -> Response:
        _changing(recall)
        return answer(recall.turn(recall.runs.remove, _wanted(wanted)))

    @calls.get("/api/runs/<wanted>/export")
    @described(
        "A run as a file",
        path=(_RUN,),
        answer=Raw("application/gzip"),
        errors=(404, 409, 422, 429),
    )
    def export(wanted: str) -> Response:
        recall.fresh(2**60)
        path = recall.turn(recall.runs.find, _wanted(wanted))
        _turn(turns)
        try:
            run = recall.turn(_opened, path)
        except BaseException:
            turns.release()
            raise
        from dashboard import archive

        name = archive.file_name(run.about())
        response = Response(
            _pieces(run),
            mimetype="application/gzip",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

        def done() -> None:
            run.close()
            turns.release()

        response.call_on_close(done)
        return response

    @calls.post("/api/runs")
    @described(
        "Make a run of such a file",
        query=(Words("name", MAX_NAME, "What it is to be called."),),
        body=Raw("application/gzip"),
        answer=shapes.Imported,
        status=201,
        errors=(409, 429),
    )
    def import_() -> Response:
        _changing(recall)
        from dashboard.runs import run_name

        given = text("name", MAX_NAME)
        name = None if given is None else run_name(given)
        _turn(turns)
        try:
            return answer(_imported(recall, name), 201)
        finally:
            turns.release()

    return calls


def _changing(recall: Recall) -> None:
    if recall.read_only:
        raise ApiError(409, "this is a replay: nothing in it can be changed")


def _turn(turns: BoundedSemaphore) -> None:
    if not turns.acquire(blocking=False):
        raise ApiError(429, "other runs are being exported or imported", retry_after=5)


def _wanted(run: str) -> str:
    return checked(run, "run", MAX_NAME)


# --- out ------------------------------------------------------------------------------------


def _opened(path: Path) -> "RunFile":
    """A run to be exported, as it is at this moment. Raises 409, 422."""
    import sqlite3

    from dashboard.runfile import BrokenRunError, RunFile

    try:
        run = RunFile(path)
    except (BrokenRunError, sqlite3.Error) as error:
        raise out_of_range(f"this run cannot be read: {error}", "run") from None
    run.db.execute("BEGIN")  # what is written or removed meanwhile is another matter
    if run.ends() is None:
        run.close()
        raise ApiError(409, "there is nothing in this run yet", field="run")
    return run


def _pieces(run: "RunFile") -> Iterator[bytes]:
    """The file, made outside the loop piece by piece.

    A broken run ends too early, and whoever imports that is told so.
    """
    import sqlite3

    from dashboard import archive
    from dashboard.archive import RefusedError
    from dashboard.checkpoints import BrokenCheckpointError

    pieces = archive.packed(run)
    try:
        while (piece := off_loop(next, pieces, None)) is not None:
            yield piece
    except (sqlite3.Error, BrokenCheckpointError, RefusedError) as error:
        print(f"A run could not be exported to its end: {error}", file=sys.stderr, flush=True)


# --- in -------------------------------------------------------------------------------------


def _imported(recall: Recall, name: str | None) -> dict[str, object]:
    """Make a run of the body. Raises 409, 413, 415, 422."""
    from dashboard import archive
    from dashboard.archive import RefusedError
    from dashboard.runs import UPLOAD, size_of

    if request.mimetype not in _TYPES:
        raise ApiError(
            415, "the body must be a .p2prun file: send 'Content-Type: application/gzip'"
        )
    runs = recall.runs
    room = _UNLIMITED
    if recall.history is not None:
        taken = sum(run.size for run in recall.turn(runs.all) if run.about.imported)
        room = max(0, recall.history.limits.size // IMPORT_SHARE - taken)
    new = archive.new_id()
    runs.folder.mkdir(parents=True, exist_ok=True)
    upload = runs.folder / f"{new}{UPLOAD}"
    try:
        _save(upload)
        path = runs.folder / f"{new}.sqlite"
        made = round(time.time() * 1e6)
        done = recall.turn(archive.imported, archive.pieces_of(upload), path, made, room, name)
        chosen = recall.turn(runs.free_name, done.name, done.id)
        if chosen != done.name:
            recall.turn(runs.rename, done.id, chosen)
    except RefusedError as error:
        raise out_of_range(f"the file is not imported: {error}") from None
    except OSError as error:
        raise ApiError(409, f"there is no room for it: {error.strerror or error}") from None
    finally:
        upload.unlink(missing_ok=True)
    return {"id": done.id, "name": chosen, "records": done.records, "bytes": size_of(path)}


def _save(upload: Path) -> None:
    """Keep the body as a file until all of it is here. Raises 413."""
    from dashboard.archive import MOST_PACKED

    request.max_content_length = MOST_PACKED
    if (request.content_length or 0) > MOST_PACKED:
        raise _too_large(MOST_PACKED)
    size = 0
    with contextlib.closing(request.stream) as body, upload.open("wb") as file:
        while piece := body.read(_PIECE):
            size += len(piece)
            if size > MOST_PACKED:
                raise _too_large(MOST_PACKED)
            file.write(piece)


def _too_large(most: int) -> ApiError:
    return ApiError(413, f"the file is too large; at most {most:,} bytes are taken")


def _run(run: "Run", current: str | None) -> dict[str, object]:
    return {
        "id": run.about.id,
        "name": run.about.name,
        "current": run.about.id == current,
        "imported": run.about.imported,
        "since": None if run.since is None else run.since // 1000,
        "until": None if run.until is None else run.until // 1000,
        "records": run.about.records,
        "bytes": run.size,
    }
