"""The search for a Redis server stops at the first that is there, and never ends in silence."""

import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "ensure_redis.py"


@pytest.fixture
def tool():
    return runpy.run_path(str(SCRIPT))


def program(path: Path) -> str:
    path.touch(mode=0o755)
    return str(path)


def test_the_environment_comes_first(tool, monkeypatch, tmp_path):
    server = program(tmp_path / "my-redis")
    program(tmp_path / "redis-server")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("REDIS_SERVER", server)
    assert tool["ensure_redis"]() == server


def test_a_wrong_environment_is_an_error_and_no_reason_to_look_elsewhere(tool, monkeypatch):
    monkeypatch.setenv("REDIS_SERVER", "/nowhere/redis-server")
    with pytest.raises(tool["NoRedisError"], match="/nowhere/redis-server"):
        tool["ensure_redis"]()


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_a_server_on_the_path_is_found(tool, monkeypatch, tmp_path, name):
    server = program(tmp_path / name)
    monkeypatch.delenv("REDIS_SERVER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(tool["ensure_redis"].__globals__, "NAMES", (name,))
    assert tool["ensure_redis"]() == server


def test_without_any_server_one_sentence_says_so(tool, monkeypatch):
    monkeypatch.setitem(tool["ensure_redis"].__globals__, "WAYS", (lambda: None,))
    with pytest.raises(tool["NoRedisError"], match="set REDIS_SERVER"):
        tool["ensure_redis"]()
