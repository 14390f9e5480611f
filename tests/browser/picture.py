"""The picture as a hand and an eye meet it: nodes are places on a canvas."""

from playwright.sync_api import FloatRect, Page


def stage(page: Page) -> FloatRect:
    """Where the picture is in the window."""
    box = page.locator("#stage").bounding_box()
    assert box is not None
    return box


def settled(page: Page, name: str) -> tuple[float, float]:
    """Where a node is in the window, once the layout has come to rest."""
    place = page.evaluate(
        """async (name) => {
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            let before = null;
            let still = 0;
            while (still < 15) {
                await frame();
                const now = p2p.positions(name);
                const moved = before === null || now === null || !p2p.stats().resting
                    || Math.hypot(now.x - before.x, now.y - before.y) > 0.1;
                still = moved ? 0 : still + 1;
                before = now;
            }
            return before;
        }""",
        name,
    )
    box = stage(page)
    return box["x"] + place["x"], box["y"] + place["y"]


def formed(page: Page, name: str) -> tuple[float, float]:
    """Where a node is once the picture is formed: a new link moves nobody any more.

    Before, for some seconds after the last one, it moves everybody a little; and a young network
    ties links for minutes.
    """
    page.wait_for_function("() => !p2p.stats().forming")
    return settled(page, name)


def at_rest(page: Page) -> None:
    """Wait until nothing is painted for a third of a second."""
    page.evaluate(
        """async () => {
            let frames = -1;
            const began = performance.now();
            let since = began;
            while (performance.now() - since < 300) {
                if (since - began > 60000) throw new Error('the picture never rests');
                await new Promise((done) => setTimeout(done, 20));
                const now = p2p.stats().frames;
                if (now !== frames) since = performance.now();
                frames = now;
            }
        }"""
    )


def click_node(page: Page, name: str) -> None:
    """Click a node, again where it moved away under the pointer: young networks change."""
    for _ in range(3):
        x, y = settled(page, name)
        page.mouse.click(x, y)
        now = page.evaluate("name => p2p.positions(name)", name)
        box = stage(page)
        if abs(box["x"] + now["x"] - x) + abs(box["y"] + now["y"] - y) < 6:
            return


def watch_dots(page: Page) -> None:
    """Remember from now on the most dots that were on their way at once."""
    page.evaluate(
        """() => {
            window.mostDots = 0;
            const look = () => {
                window.mostDots = Math.max(window.mostDots, p2p.stats().dots);
                requestAnimationFrame(look);
            };
            look();
        }"""
    )


def most_dots(page: Page) -> int:
    most: int = page.evaluate("() => window.mostDots")
    return most


def watch_hops(page: Page) -> None:
    """Remember from now on every hop that was drawn, in the order in which they set out."""
    page.evaluate(
        """() => {
            window.seenHops = [];
            const look = () => {
                for (const hop of p2p.hops()) {
                    if (!window.seenHops.includes(hop)) window.seenHops.push(hop);
                }
                requestAnimationFrame(look);
            };
            look();
        }"""
    )


def seen_hops(page: Page) -> list[str]:
    """Such as `broadcast node7>node3`."""
    seen: list[str] = page.evaluate("() => window.seenHops")
    return seen


def painted_pixels(page: Page) -> int:
    """Pixels of the picture that are not empty, on all its layers."""
    # Copies are read: reading the page's own canvases would make them slower.
    count: int = page.evaluate(
        """() => [...document.querySelectorAll('#stage canvas')].map((canvas) => {
            const { width, height } = canvas;
            if (width === 0 || height === 0) return 0;
            const copy = new OffscreenCanvas(width, height).getContext('2d');
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, width, height);
            let painted = 0;
            for (let at = 3; at < data.length; at += 4) if (data[at] > 0) painted += 1;
            return painted;
        }).reduce((a, b) => a + b, 0)"""
    )
    return count
