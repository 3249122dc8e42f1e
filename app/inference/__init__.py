"""The Open Inference Protocol, version 2: what other servers' clients say, as JSON and bytes."""

PREFIX = "/v2"
"""Where its routes begin."""


def is_inference(path: str) -> bool:
    """Whether a path is the protocol's, also where nothing is there.

    >>> [is_inference(path) for path in ("/v2", "/v2/models/none/infer", "/v2x", "/api/v1/models")]
    [True, True, False, False]
    """
    return path == PREFIX or path.startswith(f"{PREFIX}/")
