"""The page's table of messages with a hundred thousand rows, in a real browser without a GPU.

What a frame costs the browser's main thread while the table is scrolled, slowly and far; how
long a filter of several words looks through all rows; how long another order takes; and what a
new message costs that comes in while all this is there. No network is needed but for the page.

Counted is time on the processor, not on the clock (`Performance.getMetrics`, `threadTicks`), so
that the figures are the same on a machine that does other things besides. Frames a second are
told, too, with those of a page that stands still beside them.
"""

from collections.abc import Callable
from typing import Any

from benchmarks.browser import Browser
from benchmarks.page import DASHBOARD, _summary
from benchmarks.processes import BASE_PORT, Fleet, need_linux, until
from benchmarks.verdict import Figure

ROWS = 100_000
FRAMES = 120
ROUNDS = 7
FILTER_BAR = 50.0
"""Milliseconds for all rows [issue]."""
FRAME_BAR = 16.0
"""Milliseconds of the main thread for a frame: what sixty a second leave."""

_MADE = """async () => {
    const { Table } = await import('/static/js/messages/table.js');
    const { Listing } = await import('/static/js/messages/sorted.js');
    const { Store } = await import('/static/js/messages/store.js');
    const { compile, parse } = await import('/static/js/messages/filter.js');
    const nameOf = (key) => key === null ? undefined : `node${key}`;
    const store = new Store(nameOf);
    const states = ['delivered', 'delivered', 'delivered', 'failed', 'sent'];
    const now = Date.now() - 1e7;
    const one = (n) => ({
        id: `t${n}`, kind: 'message', from: n % 100, to: (n * 7 + 1) % 100, sender: '',
        text: `number ${n} says something that is as long as texts mostly are`,
        state: states[n % 5], attempt: 1, reason: null, next_at: null,
        queued_at: now + n, sent_at: now + n, received_at: now + n + 4,
        done_at: now + n + n % 900, hops: 1 + n % 4,
        path: n % 4 ? [[n % 100, 5, now + n], [5, (n * 7 + 1) % 100, now + n + 2]] : [],
        path_at: 0, reached: null, of: null,
    });
    const views = Array.from({ length: 100000 }, (_, n) => one(n));
    store.take(views);
    const listing = new Listing();
    listing.rebuild(store.byTime);
    const query = 'from:node7 OR (to:node3 -state:lost hops>2) OR text:"number 4711" ms>300';
    const fits = compile(parse(query).tree, { nameOf: (key) => nameOf(key) ?? '', now });
    let n = 50000;
    window.tries = {
        filter: () => store.byTime.filter(fits).length,
        sort: () => {
            const other = new Listing();
            other.column = 'from';
            other.rebuild(store.byTime);
        },
        coming: () => listing.change(store.take([{ ...one(n += 1), attempt: 2 }])),
    };
    const rowWith = (id) => store.rows.get(id);
    const table = new Table({ listing, rowWith, nodes: () => new Map(), nameOf });
    const host = document.createElement('div');
    host.className = 'messages';
    Object.assign(host.style, { position: 'fixed', inset: '60px 0 0', height: 'auto', zIndex: 30 });
    const main = document.createElement('div');
    main.className = 'messages-main';
    main.style.cssText = 'flex: 1; display: flex';
    host.append(main);
    main.append(table.element);
    document.body.append(host);
    table.changed(true);
    window.tried = table.element;
}"""

_SCROLLED = """async ([from, step, frames]) => {
    const grid = window.tried;
    grid.scrollTop = from;
    const next = () => new Promise((done) => requestAnimationFrame(done));
    for (let at = 0; at < 10; at += 1) await next();
    const gaps = [];
    let before = await next();
    let empty = 0;
    for (let at = 0; at < frames; at += 1) {
        grid.scrollTop += step;
        const now = await next();
        gaps.push(now - before);
        before = now;
        const box = grid.getBoundingClientRect();
        const seen = document.elementFromPoint(box.left + 200, box.top + box.height / 2);
        if (seen?.closest('.message-row') == null) empty += 1;
    }
    return {
        fps: 1000 * gaps.length / gaps.reduce((a, b) => a + b, 0),
        empty,
    };
}"""


_TRIED = f"""(name) => {{
    for (let round = 0; round < {ROUNDS}; round += 1) window.tries[name]();
}}"""
_SCROLLS = {
    "standing still": (0, 0),
    "scrolled by two rows": (0, 53),
    "scrolled by 150 rows": (ROWS * 13, 4_000),
}


def run(*, say: Callable[[str], None]) -> list[Figure]:
    """Open a page without a network, and put the rows into it."""
    need_linux()
    with Fleet() as fleet, Browser(1920, 1080) as browser:
        fleet.bootstrap(BASE_PORT)
        fleet.start(
            "dashboard",
            {
                "DASHBOARD_HOST": "127.0.0.1",
                "DASHBOARD_PORT": str(DASHBOARD),
                "BOOTSTRAP_URL": f"http://127.0.0.1:{BASE_PORT}",
            },
        )
        until(lambda: bool(_summary()), "the dashboard answers")
        browser.open(f"http://localhost:{DASHBOARD}/")
        browser.until("!!window.p2p && p2p.connected")
        browser.page.evaluate(_MADE)
        clock = _Clock(browser.page)
        made = {name: clock.cost(_TRIED, name) / ROUNDS for name in ("filter", "sort", "coming")}
        say("; ".join(f"{name} {value:.2f} ms" for name, value in made.items()))
        scrolled = {}
        for name, wish in _SCROLLS.items():
            cost = clock.cost(_SCROLLED, [*wish, FRAMES]) / FRAMES
            seen = clock.answer
            scrolled[name] = cost
            say(f"{name}: {cost:.2f} ms a frame; {seen['fps']:.1f} frames/s, {seen['empty']} empty")
    return [
        Figure("table, 100,000 rows filtered", made["filter"], None, " ms", at_most=FILTER_BAR),
        Figure("table, 100,000 rows in another order", made["sort"], None, " ms"),
        Figure("table, one message more", made["coming"], None, " ms"),
        *(
            Figure(f"table, {name}, a frame", cost, None, " ms", at_most=FRAME_BAR)
            for name, cost in scrolled.items()
        ),
    ]


class _Clock:
    """Time that the page's main thread has spent on the processor."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.answer: Any = None

    def cost(self, script: str, wish: Any) -> float:
        """Milliseconds that a script took, with all that the browser did for it."""
        before = self._spent()
        self.answer = self._page.evaluate(script, wish)
        return self._spent() - before

    def _spent(self) -> float:
        told = self._session.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(one["value"] for one in told if one["name"] == "TaskDuration"))
