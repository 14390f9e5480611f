"""The page in a real browser without a GPU, before a real dashboard: every bar of the issue.

    click     fifty real nodes: from Enter in the composer until the dot has arrived at its
              receiver, as drawn: through the dashboard, both nodes, the events and back, and of
              what that time is made; and frames with fifty dots of real messages
    hundred   a hundred real nodes: how soon the first picture is there, whether names lie on each
              other, what an idle page costs, and how far a newcomer pushes those who stand
    frames    a hundred simulated nodes with six hundred links and two hundred dots: frames a second
    thousand  a thousand of them, with six thousand links: the same, and while the picture is panned
    soak      a hundred of them that send 500 messages a second, for ten minutes: the page's memory

Simulated nodes speak the real stream of events (`benchmarks.swarm`); dashboard and page are the
real ones. Everything shares two cores, so frames are those of a page whose dashboard works beside
it. `--quick` makes all of it shorter (the soak a minute).
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

import requests

from benchmarks.browser import Browser
from benchmarks.crowd import Crowd
from benchmarks.processes import BASE_PORT, BenchmarkError, Fleet, need_linux, until
from benchmarks.verdict import Figure

DASHBOARD = BASE_PORT + 900
CLICK_BAR = 300.0
"""Milliseconds from Enter to the arrival as drawn, 95th percentile [issue 6]."""
FRAMES_BAR = 50.0
PANNING_BAR = 40.0
"""Frames a second with 200 dots, standing and while the picture is panned [issue 6]."""
IDLE_BAR = 0.02
"""Of one core, all of the browser's processes together [issue 6]."""
FIRST_BAR = 1.0
"""Seconds from the start of the navigation to the first picture of a hundred nodes [issue 6]."""
JOIN_BAR = 5.0
"""Pixels that a newcomer moves the others, in the median [issue 6]."""
FLAT_BAR = 1.1
"""The page's memory at the end of the soak, beside that after a third of it, when all that is
kept is full [guess: what a garbage collector leaves open]."""
CLICKS = 60
FIRSTS = 5
HUNDRED = 100
THOUSAND = 1_000
DOTS = 200
SMALL_DOTS = 50
FLIGHT = 1.2
"""Seconds that a dot is made to take for the frames: the slowest that the page offers, so
that the fewest real messages are needed for its dots. They cost the same two cores."""
SOAK_RATE = 500.0
"""Messages a second [issue 6]."""
EVENTS_A_MESSAGE = 4.65
"""Of the simulated nodes [counted]: of 1,000 events some 215 are the first of a message."""

_CLICK_TO_ARRIVAL = """() => new Promise((done, failed) => {
    let pressed = null, seenAt = null;
    document.addEventListener('keydown', (event) => {
        if (event.key === 'Enter') pressed = event.timeStamp;
    }, { once: true, capture: true });
    const look = (now) => {
        const { dots } = p2p.stats();
        if (dots > 0) seenAt ??= now;
        if (seenAt !== null && dots === 0) {
            const at = performance.timeOrigin + pressed;
            done({ all: now - pressed, seen: seenAt - pressed, pressed: at });
        } else if (pressed !== null && now - pressed > 10000) failed(new Error('it never arrived'));
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    window.armed = true;
})"""

_FRAMES = """(seconds) => new Promise((done) => {
    const began = performance.now();
    let frames = 0, dots = 0, looks = 0, last = began, longest = 0, lookAt = began;
    const look = (now) => {
        frames += 1;
        longest = Math.max(longest, now - last);
        last = now;
        if (now >= lookAt) { // each look costs: ten a second
            lookAt = now + 100;
            looks += 1;
            dots += p2p.stats().dots;
        }
        const took = (now - began) / 1000;
        if (took < seconds) requestAnimationFrame(look);
        else done({ fps: frames / took, dots: dots / looks, longest, drawMs: p2p.stats().drawMs });
    };
    requestAnimationFrame(look);
})"""

_PLACES = """() => Object.fromEntries(p2p.names().map((name) => [name, p2p.positions(name)]))"""

_OVERLAPS = """() => {
    const labels = p2p.labels();
    let overlaps = 0;
    labels.forEach((a, i) => labels.slice(i + 1).forEach((b) => {
        const across = a.left < b.right && b.left < a.right;
        if (across && a.top < b.bottom && b.top < a.bottom) overlaps += 1;
    }));
    return { overlaps, named: labels.length };
}"""

_MARKS = "['p2p-picture', 'p2p-workbench'].flatMap((name) => performance.getEntriesByName(name))"
_CALM = "performance.now() - p2p.lastPacketAt > 15_000"
"""Nothing is told: a network of a hundred looks for better links in its first two minutes."""
CALM_WITHIN = 300.0
"""Seconds that it may take to come to that."""
IDLE_TRIES = 5
"""Times that are looked at until there is one without news."""

Say = Callable[[str], None]


def run(
    *, nodes: int, seconds: float, say: Say, quick: bool = False, parts: Iterable[str] = ()
) -> Iterator[Figure]:
    """Measure what is asked for, all of it without `parts`."""
    need_linux()
    for part in parts or PARTS:
        yield from PARTS[part](nodes, 0.5 * seconds if quick else seconds, quick, say)


# --- real nodes -----------------------------------------------------------------------------


def _click_part(nodes: int, seconds: float, quick: bool, say: Say) -> Iterator[Figure]:
    with Fleet() as fleet, Browser() as browser:
        _network(fleet, nodes)
        _open(browser, nodes)
        _at_rest(browser)
        clicks = [
            _click(browser, index, nodes) for index in range(CLICKS // 3 if quick else CLICKS)
        ]
        _explain(clicks, say)
        p95 = statistics.quantiles([click["all"] for click in clicks], n=20)[-1]
        yield Figure("page, click to arrival drawn, p95", p95, None, " ms", at_most=CLICK_BAR)
        browser.page.keyboard.press("Escape")
        stop = threading.Event()
        thread = threading.Thread(target=_traffic, args=(nodes, SMALL_DOTS / FLIGHT, stop))
        _slow_dots(browser)
        thread.start()
        try:
            browser.until(f"p2p.stats().dots >= {SMALL_DOTS // 2}")
            measured = browser.page.evaluate(_FRAMES, seconds)
        finally:
            stop.set()
            thread.join()
    _enough(measured["dots"], SMALL_DOTS)
    yield _frames_figure(f"{nodes} real nodes", measured, FRAMES_BAR, say)


def _explain(clicks: list[dict[str, float]], say: Say) -> None:
    """Of what the time is made: the medians of its pieces, on one clock."""

    def middle(name: str) -> str:
        found = [click[name] for click in clicks if name in click]
        return f"{statistics.median(found):.0f}" if found else "?"

    say(
        f"click to arrival, medians: the message leaves its node {middle('left')} ms after Enter, "
        f"is at its receiver after {middle('there')}, its dot is seen after {middle('seen')} "
        f"and arrives after {middle('all')} ms"
    )


def _hundred_part(nodes: int, seconds: float, quick: bool, say: Say) -> Iterator[Figure]:
    del nodes
    count = HUNDRED
    with Fleet() as fleet:
        _network(fleet, count)
        with Browser(1920, 1080) as browser:
            firsts = [_first(browser, count) for _ in range(2 if quick else FIRSTS)]
            say(f"first pictures: {', '.join(f'{first:.2f}' for first, _ in firsts)} s")
            whole = statistics.median(whole for _, whole in firsts)
            say(f"all that is around it is there after {whole:.2f} s (median)")
            yield Figure(
                f"page, {count} nodes, first picture",
                statistics.median(first for first, _ in firsts),
                None,
                " s",
                at_most=FIRST_BAR,
            )
            _at_rest(browser)
            found = browser.page.evaluate(_OVERLAPS)
            say(f"{found['named']} of {count} names are written at 1920 by 1080")
            yield Figure(
                f"page, {count} nodes, names on each other", found["overlaps"], None, "", at_most=0
            )
            empty = _idle(browser, seconds, at="about:blank")
            say(f"an empty page costs {empty:.4f} of a core")
            _open(browser, count)
            _at_rest(browser)
            yield Figure(
                f"page, {count} nodes, idle, cores", _idle_page(browser, seconds), None, "",
                at_most=IDLE_BAR,
            )  # fmt: skip
            yield _join(browser, fleet, count, say)


def _first(browser: Browser, nodes: int) -> tuple[float, float]:
    """Seconds until the first picture, for somebody who was never here; and until all is there."""
    browser.fresh()
    browser.rest()
    browser.open(f"http://localhost:{DASHBOARD}/")
    browser.until(f"({_MARKS})[0]?.detail === {nodes} && ({_MARKS}).length === 2")
    picture, workbench = browser.page.evaluate(f"({_MARKS}).map(({{startTime}}) => startTime)")
    return float(picture) / 1000, float(workbench) / 1000


def _join(browser: Browser, fleet: Fleet, count: int, say: Say) -> Figure:
    before = browser.page.evaluate(_PLACES)
    fleet.node(count + 1, BASE_PORT + count + 1, BASE_PORT)
    browser.until(f"p2p.positions('node{count + 1}') !== null")
    browser.until(f"p2p.linksOf('node{count + 1}') >= 2")
    _at_rest(browser)
    after = browser.page.evaluate(_PLACES)
    moved = [
        ((after[name]["x"] - place["x"]) ** 2 + (after[name]["y"] - place["y"]) ** 2) ** 0.5
        for name, place in before.items()
        if name in after
    ]
    say(f"a newcomer: {sum(far > 1 for far in moved)} others moved, the most {max(moved):.0f} px")
    return Figure(
        f"page, {count} nodes, one joins: others move, median",
        statistics.median(moved), None, " px", at_most=JOIN_BAR,
    )  # fmt: skip


def _network(fleet: Fleet, nodes: int) -> None:
    fleet.bootstrap(BASE_PORT)
    for number in range(1, nodes + 1):
        fleet.node(number, BASE_PORT + number, BASE_PORT)
    fleet.start(
        "dashboard",
        {
            "DASHBOARD_HOST": "127.0.0.1",
            "DASHBOARD_PORT": str(DASHBOARD),
            "DASHBOARD_EXPECT": str(nodes),
            "BOOTSTRAP_URL": f"http://127.0.0.1:{BASE_PORT}",
        },
    )
    until(lambda: _summary().get("coverage") == 1.0, f"{nodes} nodes know each other")
    until(lambda: _summary()["alive"] == nodes, f"the dashboard sees {nodes} nodes alive")


def _summary() -> dict[str, Any]:
    try:
        answer: dict[str, Any] = requests.get(
            f"http://127.0.0.1:{DASHBOARD}/api/status", timeout=5
        ).json()
    except requests.RequestException:
        return {}
    return answer


def _open(browser: Browser, nodes: int) -> None:
    browser.open(f"http://localhost:{DASHBOARD}/")
    browser.until(f"!!window.p2p && p2p.model.nodes === {nodes}")


def _at_rest(browser: Browser) -> None:
    """Wait until the layout stands still: five seconds without a frame."""
    last, since = -1, time.monotonic()

    def still() -> bool:
        nonlocal last, since
        frames = browser.page.evaluate("p2p.stats().frames")
        if frames != last:
            last, since = frames, time.monotonic()
        return time.monotonic() - since > 5

    until(still, "the picture stands still", 120)


def _idle(browser: Browser, seconds: float, at: str | None = None) -> float:
    if at is not None:
        browser.open(at)
        time.sleep(2)  # what opening it costs is not what it costs at rest
    before, began = browser.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    return (browser.cpu_seconds() - before) / (time.monotonic() - began)


def _idle_page(browser: Browser, seconds: float) -> float:
    """Cores that the page costs in a time in which nothing was told."""
    for _ in range(IDLE_TRIES):
        browser.until(_CALM, CALM_WITHIN)
        last = browser.page.evaluate("p2p.lastPacketAt")
        cores = _idle(browser, seconds)
        if browser.page.evaluate("p2p.lastPacketAt") == last:
            return cores
    raise BenchmarkError(f"there was news in each of {IDLE_TRIES} times of {seconds:.0f} s")


def _click(browser: Browser, index: int, nodes: int) -> dict[str, float]:
    """Milliseconds from Enter to arrival, for one message between two random nodes."""
    page = browser.page
    sender, receiver = Random(index).sample(range(1, nodes + 1), 2)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type(f"node{sender}")
    page.keyboard.press("Enter")
    page.keyboard.press("s")
    page.keyboard.type(f"node{receiver}")
    page.keyboard.press("Enter")
    page.locator("#message-text").fill(f"message {index}")
    arrival = _Answer(page, _CLICK_TO_ARRIVAL)
    browser.until("window.armed === true")
    page.evaluate("window.armed = false")
    page.keyboard.press("Enter")
    told: dict[str, float] = arrival.value()
    view = next(
        (view for view in _messages() if view["text"] == f"message {index}" and view["sent_at"]),
        None,
    )
    if view is not None and view["received_at"]:
        # All clocks are this machine's; the page's is the same to a millisecond.
        told["left"] = view["sent_at"] - told["pressed"]
        told["there"] = view["received_at"] - told["pressed"]
    return told


def _messages() -> list[dict[str, Any]]:
    answer = requests.get(f"http://127.0.0.1:{DASHBOARD}/api/messages?limit=20", timeout=5)
    views: list[dict[str, Any]] = answer.json()["messages"]
    return views


class _Answer:
    """What a promise in the page comes to, while we do other things with the page."""

    def __init__(self, page: Any, promise: str, argument: Any = None) -> None:
        self._page = page
        page.evaluate(
            f"(argument) => {{ window.answer = null; ({promise})(argument).then("
            "(value) => { window.answer = { value }; },"
            "(error) => { window.answer = { error: String(error) }; }); }",
            argument,
        )

    @property
    def is_there(self) -> bool:
        """Whether it has come."""
        return bool(self._page.evaluate("window.answer !== null"))

    def value(self, seconds: float = 30) -> Any:
        """Wait for it. Raises BenchmarkError."""
        until(lambda: self.is_there, "the page answers", seconds)
        answer = self._page.evaluate("window.answer")
        if "error" in answer:
            raise BenchmarkError(answer["error"])
        return answer["value"]


def _slow_dots(browser: Browser) -> None:
    browser.page.locator("#choice-flight").select_option("1200")


def _traffic(nodes: int, rate: float, stop: threading.Event) -> None:
    """Messages between random nodes, so many a second, evenly."""
    rng = Random(1)
    session = requests.Session()
    due = time.monotonic()
    while not stop.wait(max(0.0, due - time.monotonic())):
        due += 1 / rate
        sender, receiver = rng.sample(range(1, nodes + 1), 2)
        session.post(
            f"http://127.0.0.1:{BASE_PORT + sender}/send",
            json={"to": f"node{receiver}", "msg": "fifty at once"},
            timeout=10,
        )


# --- simulated nodes ------------------------------------------------------------------------


def _frames_part(nodes: int, seconds: float, quick: bool, say: Say) -> Iterator[Figure]:
    del nodes, quick
    with Crowd(HUNDRED, DASHBOARD) as crowd, Browser(1920, 1080) as browser:
        _watched(crowd, browser, HUNDRED)
        _moving(crowd, browser, say)
        measured = browser.page.evaluate(_FRAMES, seconds)
    _enough(measured["dots"], DOTS)
    yield _frames_figure(f"{HUNDRED} nodes", measured, FRAMES_BAR, say)


def _thousand_part(nodes: int, seconds: float, quick: bool, say: Say) -> Iterator[Figure]:
    del nodes, quick
    with Crowd(THOUSAND, DASHBOARD) as crowd, Browser(1920, 1080) as browser:
        _watched(crowd, browser, THOUSAND)
        _moving(crowd, browser, say)
        standing = browser.page.evaluate(_FRAMES, seconds)
        panning = _panned(browser, seconds)
    _enough(standing["dots"], DOTS)
    yield _frames_figure(f"{THOUSAND:,} nodes", standing, FRAMES_BAR, say)
    yield _frames_figure(f"{THOUSAND:,} nodes, panned", panning, PANNING_BAR, say)


def _soak_part(nodes: int, seconds: float, quick: bool, say: Say) -> Iterator[Figure]:
    del nodes, seconds
    minutes = 1.0 if quick else 10.0
    every = 60 * minutes / 20
    with Crowd(HUNDRED, DASHBOARD) as crowd, Browser(1920, 1080) as browser:
        _watched(crowd, browser, HUNDRED)
        before, began = crowd.messages(), time.monotonic()
        crowd.rate(SOAK_RATE * EVENTS_A_MESSAGE)
        heaps = []
        for step in range(1, 21):
            time.sleep(max(0.0, began + step * every - time.monotonic()))  # its turn has come
            heaps.append(browser.heap_mib())
        rate = (crowd.messages() - before) / (time.monotonic() - began)
        live = browser.page.evaluate("p2p.connected")
    if rate < 0.8 * SOAK_RATE or not live:
        raise BenchmarkError(f"{rate:.0f} messages/s were sent, and the page was live: {live}")
    say(f"{rate:.0f} messages/s; MiB: {', '.join(f'{heap:.1f}' for heap in heaps)}")
    early, late = statistics.median(heaps[6:9]), statistics.median(heaps[-3:])
    yield Figure(
        f"page, soak of {minutes:.0f} min, heap",
        late,
        early,
        " MiB",
        at_most=FLAT_BAR,
        of="after a third",
    )


def _watched(crowd: Crowd, browser: Browser, nodes: int) -> None:
    del crowd
    until(lambda: _summary().get("watched") == nodes, f"the dashboard watches {nodes} nodes", 300)
    _open(browser, nodes)
    _at_rest(browser)


def _moving(crowd: Crowd, browser: Browser, say: Say) -> None:
    """Let so much happen that two hundred dots are on their way."""
    _slow_dots(browser)
    rate = DOTS / FLIGHT * 2.6  # events a dot [counted]; then as it turns out
    for _ in range(4):
        crowd.rate(rate)
        time.sleep(FLIGHT + 1)  # until those of before have landed
        dots = browser.page.evaluate(_FRAMES, 4)["dots"]
        if abs(dots - DOTS) < 0.1 * DOTS:
            break
        rate *= max(0.5, min(2.0, DOTS / max(1.0, dots)))
    say(f"{rate:.0f} events/s make {dots:.0f} dots")


def _panned(browser: Browser, seconds: float) -> Any:
    """Frames while a hand moves the picture to and fro."""
    page = browser.page
    box = page.locator("#stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] - 12  # where no node stands
    page.mouse.move(x, y)
    page.mouse.down()
    answer = _Answer(page, _FRAMES, seconds)
    try:
        began = time.monotonic()
        while not answer.is_there and time.monotonic() - began < seconds + 20:
            # 400 px to either side, once in two seconds: as a hand does that looks for something.
            phase = (time.monotonic() - began) % 2
            page.mouse.move(x + 400 * (abs(phase - 1) * 2 - 1), y - 60 * (phase % 1))
    finally:
        page.mouse.up()
    return answer.value()


def _enough(dots: float, wanted: int) -> None:
    if dots < 0.8 * wanted:
        raise BenchmarkError(f"only {dots:.0f} dots were on their way, not {wanted}")


def _frames_figure(where: str, measured: dict[str, float], bar: float, say: Say) -> Figure:
    say(
        f"{where}: {measured['dots']:.0f} dots, {measured['fps']:.1f} frames/s, the longest frame "
        f"{measured['longest']:.0f} ms, {measured['drawMs']:.1f} ms of script for each"
    )
    name = f"page, {where}, {measured['dots']:.0f} dots, frames/s"
    return Figure(name, measured["fps"], None, "", at_least=bar)


PARTS: dict[str, Callable[[int, float, bool, Say], Iterator[Figure]]] = {
    "click": _click_part,
    "hundred": _hundred_part,
    "frames": _frames_part,
    "thousand": _thousand_part,
    "soak": _soak_part,
}
