"""Prints the path of a Redis server for the tests, installing one where that is possible.

The order: `$REDIS_SERVER`, a server of the system, Debian's package. Everything but the path goes to
standard error, so that a shell can write ``REDIS_SERVER=$(…)``.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

NAMES = ("redis-server", "valkey-server")
# Debian's package starts the server as a service; the tests start their own, on ports of their own.
DEBIAN_PACKAGE = "redis-server"


class NoRedisError(Exception):
    """No Redis is there, and none could be installed."""


def from_environment() -> str | None:
    """The server that `$REDIS_SERVER` names; a name that leads nowhere is a mistake worth stopping for."""
    named = os.environ.get("REDIS_SERVER")
    if not named:
        return None
    path = shutil.which(named)
    if path is None:
        raise NoRedisError(f"REDIS_SERVER is set to {named!r}, which is not a program: correct or unset it.")
    return path


def from_system() -> str | None:
    """A server on the PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def by_apt() -> str | None:
    """Debian's package, where we may install it."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return None
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", DEBIAN_PACKAGE]
    for command in (["apt-get", "update", "-q"], install):
        if subprocess.run(command, stdout=sys.stderr, env=environment, check=False).returncode:
            return None
    return from_system()


WAYS: tuple[Callable[[], str | None], ...] = (from_environment, from_system, by_apt)


def ensure_redis() -> str:
    """The path of a Redis server that can be started.

    Raises:
        NoRedisError: no way led to one; the tests must then fail, never be skipped.
    """
    for path in _tried():
        return path
    raise NoRedisError(
        "The tests need a Redis server and none could be installed: "
        "install redis-server, or set REDIS_SERVER to the path of one."
    )


def _tried() -> Iterator[str]:
    for way in WAYS:
        path = way()
        if path:
            yield path


if __name__ == "__main__":
    try:
        print(ensure_redis())
    except NoRedisError as error:
        sys.exit(str(error))
