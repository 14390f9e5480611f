"""What a state of the page looks like, small enough to be kept, and compared with patience.

Pixels of letters differ from machine to machine, as their fonts do. So two things are kept that
hardly depend on fonts:

- **boxes**: where the parts of the page and some nodes of the picture are;
- **colours**: the mean colour of each of 32 by 18 cells of the window, four bits a channel.
  A letter more or less moves the mean of a cell by little; another theme, a panel that is not
  there, or one that lies over another changes many cells by much.

A box may be off by 3 % of the window's width or 40 pixels of its height (a line of the legend
that breaks elsewhere, and what stands below it), and one cell in twelve may have another colour.
What does not fit is told with the picture as it is now, in `test-results/`.
"""

import base64
import json
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, ViewportSize
from running import ROOT

FOLDER: Final = Path(__file__).parent / "snapshots"
RESULTS: Final = ROOT / "test-results" / "snapshots"
COLUMNS: Final = 32
ROWS: Final = 18
WIDE: Final = 0.03
"""How far off a box may be, of the window's width."""
HIGH: Final = 40.0
"""And in pixels of its height: a line of the legend, and a little."""
STEP: Final = 2
"""How far off a channel of a cell may be, in steps of 16."""
OTHER: Final = 1 / 12
"""How many of the cells may be off by more."""
PARTS: Final = (
    *("#bar", "#stage", "#legend", "#messages", "#nodes-panel", "#composer", "#banner", "#empty"),
    *("#help", "#display-menu", ".node-list", ".panel-actions", ".figures", ".message-rows"),
)
NODES: Final = ("node1", "node4", "node8", "homework")

Snapshot = dict[str, Any]


def taken(page: Page, viewport: ViewportSize, cells: Page) -> Snapshot:
    """The state of a page now. `cells` is a page of its own, which does the sums."""
    shot = page.screenshot(animations="disabled", caret="hide")
    colours: list[str] = cells.evaluate(
        """async ([png, columns, rows]) => {
            const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
            const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
            const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
            context.drawImage(bitmap, 0, 0);
            const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
            const sums = new Float64Array(columns * rows * 4);
            for (let y = 0; y < height; y += 1) {
                const row = Math.floor((y * rows) / height) * columns;
                for (let x = 0; x < width; x += 1) {
                    const cell = 4 * (row + Math.floor((x * columns) / width));
                    const at = 4 * (y * width + x);
                    for (let k = 0; k < 3; k += 1) sums[cell + k] += data[at + k];
                    sums[cell + 3] += 1;
                }
            }
            const mean = (cell, k) => sums[4 * cell + k] / sums[4 * cell + 3];
            const hex = (cell, k) => Math.floor(mean(cell, k) / 16).toString(16);
            return Array.from({ length: rows }, (_, row) =>
                Array.from({ length: columns }, (_, column) => {
                    const cell = row * columns + column;
                    return hex(cell, 0) + hex(cell, 1) + hex(cell, 2);
                }).join(""));
        }""",
        [base64.b64encode(shot).decode("ascii"), COLUMNS, ROWS],
    )
    boxes: dict[str, list[int]] = page.evaluate(
        """([parts, nodes]) => {
            const boxes = {};
            for (const part of parts) {
                const element = document.querySelector(part);
                if (element === null || !element.checkVisibility()) continue;
                const { x, y, width, height } = element.getBoundingClientRect();
                boxes[part] = [x, y, width, height].map(Math.round);
            }
            const { x, y } = document.querySelector("#stage").getBoundingClientRect();
            for (const name of nodes) {
                const place = p2p.positions(name);
                if (place === null) continue;
                boxes[name] = [x + place.x, y + place.y, 0, 0].map(Math.round);
            }
            return boxes;
        }""",
        [list(PARTS), list(NODES)],
    )
    return {"window": [viewport["width"], viewport["height"]], "boxes": boxes, "colours": colours}


def differences(before: Snapshot, now: Snapshot) -> list[str]:
    """What is not as it was, in words."""
    found = []
    width, _ = before["window"]
    most = (WIDE * width, HIGH, WIDE * width, HIGH)
    for part in sorted({*before["boxes"], *now["boxes"]}):
        old, new = before["boxes"].get(part), now["boxes"].get(part)
        if old is None or new is None:
            found.append(f"{part} {'is new' if old is None else 'is gone'}")
        elif any(abs(a - b) > limit for a, b, limit in zip(old, new, most, strict=True)):
            found.append(f"{part} was at {old} and is at {new} (x, y, width, height)")
    cells = [
        (row, column)
        for row in range(ROWS)
        for column in range(COLUMNS)
        if _far(before["colours"][row], now["colours"][row], column)
    ]
    if len(cells) > OTHER * ROWS * COLUMNS:
        share = len(cells) / (ROWS * COLUMNS)
        found.append(f"{share:.0%} of the window has another colour: {_where(cells)}")
    return found


def _far(old: str, new: str, column: int) -> bool:
    at = 3 * column
    pairs = zip(old[at : at + 3], new[at : at + 3], strict=True)
    return any(abs(int(a, 16) - int(b, 16)) > STEP for a, b in pairs)


def _where(cells: list[tuple[int, int]]) -> str:
    rows = [row for row, _ in cells]
    columns = [column for _, column in cells]
    return (
        f"between {min(columns) / COLUMNS:.0%} and {(max(columns) + 1) / COLUMNS:.0%} from the "
        f"left, {min(rows) / ROWS:.0%} and {(max(rows) + 1) / ROWS:.0%} from the top"
    )


def read(name: str) -> Snapshot | None:
    file = FOLDER / f"{name}.json"
    if not file.is_file():
        return None
    snapshot: Snapshot = json.loads(file.read_text(encoding="utf-8"))
    return snapshot


def write(name: str, snapshot: Snapshot) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(_text(snapshot), encoding="utf-8")


def _text(snapshot: Snapshot) -> str:
    """A line for each box and each row of cells, so that a change can be read."""
    boxes = ",\n".join(
        f"  {json.dumps(part)}: {box}" for part, box in sorted(snapshot["boxes"].items())
    )
    colours = ",\n".join(f"  {json.dumps(row)}" for row in snapshot["colours"])
    window = json.dumps(snapshot["window"])
    return f'{{"window": {window},\n "boxes": {{\n{boxes}\n }},\n "colours": [\n{colours}\n ]}}\n'
