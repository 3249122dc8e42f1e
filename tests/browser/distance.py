"""A server far away: a test that does not wait for what it looks at passes only if answers come at once."""

from __future__ import annotations

from playwright.sync_api import BrowserContext

# What a page asks and is told comes late, each time by another while; what a socket tells keeps its order.
DELAY = """((most) => {
    const late = () => new Promise((done) => setTimeout(done, Math.random() * most));
    const ask = window.fetch;
    window.fetch = async (...asked) => {
        await late();
        return ask(...asked);
    };
    const listen = WebSocket.prototype.addEventListener;
    WebSocket.prototype.addEventListener = function (type, act, ...options) {
        this.told ??= Promise.resolve();
        const tell = (event) => {
            this.told = this.told.then(late).then(() => act(event));
        };
        return listen.call(this, type, type === "open" ? act : tell, ...options);
    };
})(%g)"""


def put_far(context: BrowserContext, delay_ms: float) -> None:
    """Let every page that a context opens from now on be up to ``delay_ms`` away from its server."""
    if delay_ms:
        context.add_init_script(DELAY % delay_ms)
