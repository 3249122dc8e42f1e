"""When a page has come to rest."""

from __future__ import annotations

from playwright.sync_api import Page

PATIENCE_MS = 30_000

# One question for all of it: every further one costs as much as a frame.
REST = """async ([busy, patience]) => {
    const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const moves = ({ playState }) => playState === "running";
    const start = performance.now();
    await frames();
    while (document.body.matches(`${busy}, [data-awaiting]`) || document.getAnimations().some(moves)) {
        if (performance.now() - start > patience) throw new Error(`still ${busy}, or moving`);
        await frames();
    }
    await frames();
}"""


def settle(page: Page, busy: str) -> None:
    """Wait for work and moves to end, parts of the page to come, and two frames after.

    Args:
        page: drawn before.
        busy: selects its body while work is under way.
    """
    page.evaluate(REST, [busy, PATIENCE_MS])
