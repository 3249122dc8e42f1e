"""What the services raise when a request cannot be answered; they know no HTTP, only a code."""

from __future__ import annotations


class Problem(Exception):
    """A request that cannot be answered, with all its sender needs to mend it.

    Args:
        code: kebab-case kind of problem, a key of ``app.errors.STATUS`` or answered as 422.
        argument: the parameter, field or thing at fault, in the words of the public API.
        value: what was given.
        allowed: what would have been accepted, as a short English phrase.
        detail: one English sentence; made from the others when left out.
        retry_after_s: when it makes sense to ask again.

    >>> print(Problem("unknown-image", "image", "img_1", "a sample's name or the id of an upload"))
    image is 'img_1'; allowed: a sample's name or the id of an upload
    """

    def __init__(
        self,
        code: str,
        argument: str | None = None,
        value: object = None,
        allowed: str | None = None,
        detail: str | None = None,
        *,
        retry_after_s: float | None = None,
    ) -> None:
        self.code = code
        self.argument = argument
        self.value = value
        self.allowed = allowed
        self.retry_after_s = retry_after_s
        self.detail = detail or self._sentence()
        super().__init__(self.detail)

    def _sentence(self) -> str:
        if self.argument is None:
            return title_of(self.code) + "."
        parts = [f"{self.argument} is {shorten(self.value)!r}" if self.value is not None else self.argument]
        if self.allowed is not None:
            parts.append(f"allowed: {self.allowed}")
        return "; ".join(parts)


def title_of(code: str) -> str:
    """The code as the first words of a sentence.

    >>> title_of("unknown-image")
    'Unknown image'
    """
    return code.replace("-", " ").capitalize()


def shorten(value: object, limit: int = 120) -> object:
    """A value as an answer may repeat it: short, finite and writable as JSON.

    >>> shorten(3), shorten(float("nan")), shorten([1] * 100, 12)
    (3, 'nan', '[1, 1, 1, 1…')
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 1 << 53:
        return value
    if isinstance(value, float) and abs(value) < float("inf"):
        return value
    text = value if isinstance(value, str) else repr(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= limit else text[: limit - 1] + "…"
