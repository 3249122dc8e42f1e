"""Entries of a few named parts in Redis, shared by any number of servers, up to a number of bytes.

An entry is a hash; a part lies in it as pieces, ``name/0``, ``name/1``, …, so that no command holds Redis up
or takes longer than one may wait. It is written under a name that goes away by itself and then renamed, so it
is there completely or not at all, whoever stops in the middle.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, cast

import redis

from app.stores.redis_link import RedisLink
from app.stores.store import Store, checked_key, checked_part

PIECE_BYTES = 4 << 20

_HALF_WRITTEN_S = 60
"""What nobody has added to for so long is given up."""

# KEYS: when each entry was used last, by a clock that counts uses; sizes; their sum; the clock; one entry.
_COMMON = """
local used_at, sizes, used, clock, entry = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local function forget(key)
    local size = redis.call('HGET', sizes, key)
    if size then redis.call('DECRBY', used, size) end
    redis.call('HDEL', sizes, key)
    redis.call('ZREM', used_at, key)
end
local function use(key)
    local now = redis.pcall('INCR', clock)  -- a full Redis refuses to count, and still tells what it has
    if type(now) == 'number' then redis.pcall('ZADD', used_at, now, key) end
end
"""

_TOUCH = (
    _COMMON
    + """
if redis.call('EXISTS', entry) == 0 then forget(ARGV[1]) return 0 end
use(ARGV[1])
return 1
"""
)

_DELETE = (
    _COMMON
    + """
forget(ARGV[1])
return redis.call('UNLINK', entry)
"""
)

# ARGV: key, size, budget, what the names of entries begin with. KEYS[6]: where it was written.
_KEEP = (
    _COMMON
    + """
local key, size, budget, prefix, written = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], KEYS[6]
if redis.call('EXISTS', entry) == 1 then
    redis.call('UNLINK', written)
else
    forget(key)
    if redis.call('EXISTS', written) == 0 then return 0 end
    redis.call('RENAME', written, entry)
    redis.call('PERSIST', entry)
    redis.call('HSET', sizes, key, size)
    redis.call('INCRBY', used, size)
end
use(key)
while tonumber(redis.call('GET', used) or 0) > budget do
    local oldest = redis.call('ZRANGE', used_at, 0, 0)[1]
    if not oldest then break end
    forget(oldest)
    redis.call('UNLINK', prefix .. oldest)
end
return redis.call('EXISTS', entry)
"""
)


class RedisStore(Store):
    """A content-addressed store in Redis, safe to use from many threads and many servers.

    Args:
        link: the way there; every method raises its ``store-unreachable`` where it leads nowhere.
        name: tells the stores of one Redis apart.
        budget_bytes: the sum of the sizes that is kept; an entry larger than it is not kept at all.
    """

    def __init__(self, link: RedisLink, name: str, budget_bytes: int) -> None:
        self._link = link
        self.budget_bytes = budget_bytes
        # In braces, so that a cluster keeps all of one store together.
        self._prefix = f"convscope:{{{name}}}:"
        self._books = [self._prefix + book for book in ("used-at", "sizes", "used", "clock")]

    def put(self, key: str, parts: Mapping[str, bytes | memoryview]) -> bool:
        contents = {checked_part(name): memoryview(part).cast("B") for name, part in parts.items()}
        size = sum(content.nbytes for content in contents.values())
        if size > self.budget_bytes:
            return False
        if self.touch(key):
            return True
        written = f"{self._prefix}new:{secrets.token_hex(8)}"
        for field, piece in _pieces(contents):
            self._link.ask(partial(_write, written, field, piece))
        prefix = f"{self._prefix}entry:"
        return bool(self._run(_KEEP, key, size, self.budget_bytes, prefix, more_keys=[written]))

    def get(self, key: str, part: str) -> bytes | None:
        entry, part, pieces = self._entry(key), checked_part(part), []
        piece = self._link.ask(partial(_use_and_read, [*self._books, entry], key, f"{part}/0"))
        while piece is not None:
            pieces.append(piece)
            if len(piece) < PIECE_BYTES:
                return piece if len(pieces) == 1 else b"".join(pieces)
            field = f"{part}/{len(pieces)}"
            piece = self._link.ask(partial(_read, entry, field))
        return None

    def touch(self, key: str) -> bool:
        return bool(self._run(_TOUCH, key))

    def delete(self, key: str) -> bool:
        return bool(self._run(_DELETE, key))

    def keys(self) -> list[str]:
        found = self._link.ask(lambda client: cast("list[bytes]", client.zrange(self._books[0], 0, -1)))
        return [key.decode() for key in found]

    @property
    def used_bytes(self) -> int:
        return int(self._link.ask(lambda client: cast("bytes | None", client.get(self._books[2]))) or 0)

    def __contains__(self, key: str) -> bool:
        entry = self._entry(key)
        return bool(self._link.ask(lambda client: client.exists(entry)))

    def _entry(self, key: str) -> str:
        return f"{self._prefix}entry:{checked_key(key)}"

    def _run(self, script: str, key: str, *values: Any, more_keys: list[str] | None = None) -> Any:
        names = [*self._books, self._entry(key), *(more_keys or [])]
        return self._link.ask(lambda client: client.eval(script, len(names), *names, key, *values))


def _pieces(contents: Mapping[str, memoryview]) -> Iterator[tuple[str, memoryview]]:
    """Fields and what they hold; the last piece of a part is shorter than the others, and may be empty."""
    for name, content in contents.items():
        for number, start in enumerate(range(0, content.nbytes + 1, PIECE_BYTES)):
            yield f"{name}/{number}", content[start : start + PIECE_BYTES]


def _write(written: str, field: str, piece: memoryview, client: redis.Redis) -> None:
    pipeline = client.pipeline(transaction=True)
    pipeline.hset(written, field, piece)
    pipeline.expire(written, _HALF_WRITTEN_S)
    pipeline.execute()


def _read(entry: str, field: str, client: redis.Redis) -> bytes | None:
    return cast("bytes | None", client.hget(entry, field))


def _use_and_read(names: list[str], key: str, field: str, client: redis.Redis) -> bytes | None:
    """The first piece, with the entry counted as used, in one question."""
    pipeline = client.pipeline(transaction=False)
    pipeline.eval(_TOUCH, len(names), *names, key)
    pipeline.hget(names[-1], field)
    return cast("bytes | None", pipeline.execute()[1])
