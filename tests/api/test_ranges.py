"""Large answers in parts."""

from __future__ import annotations

import pytest

from tests.api.server import Api


@pytest.fixture
def output(api: Api) -> str:
    nodes = [{"name": "edges", "op": "conv2d", "weight": "sobel_x", "padding": 1}]
    body = {"image": "chelsea", "size": [44, 44], "specification": {"nodes": nodes}}
    return f"{api.post('/api/v1/runs', json=body).json()['url']}/nodes/edges/output.npy"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, None),
        ("bytes=-10", -10, None),
        ("bytes=7-999999", 7, None),
    ],
)
def test_a_part_is_those_bytes_of_the_whole(api: Api, output: str, asked: str, start: int, stop: int) -> None:
    whole = api.get(output)
    part = api.get(output, headers={"Range": asked})
    assert whole.headers["accept-ranges"] == "bytes"
    assert part.status_code == 206
    assert part.content == whole.content[start:stop]
    first = start % len(whole.content)
    last = first + len(part.content) - 1
    assert part.headers["content-range"] == f"bytes {first}-{last}/{len(whole.content)}"
    assert part.headers["etag"] == whole.headers["etag"]


def test_parts_make_up_the_whole(api: Api, output: str) -> None:
    whole = api.get(output).content
    parts = [api.get(output, headers={"Range": f"bytes={i}-{i + 999}"}) for i in range(0, len(whole), 1000)]
    assert b"".join(part.content for part in parts) == whole


@pytest.mark.parametrize("asked", ["bytes=5-2", "lines=1-2", "bytes=0-1,5-6", "bytes=-", "nonsense"])
def test_what_is_no_single_range_is_answered_by_the_whole(api: Api, output: str, asked: str) -> None:
    assert api.get(output, headers={"Range": asked}).status_code == 200


@pytest.mark.parametrize("asked", ["bytes=1000000-", "bytes=-0"])
def test_nothing_lies_behind_the_end(api: Api, output: str, asked: str) -> None:
    answer = api.get(output, headers={"Range": asked})
    assert (answer.status_code, answer.json()["code"]) == (416, "range-not-satisfiable")


def test_parts_of_something_else_are_not_joined(api: Api, output: str) -> None:
    tag = api.get(output).headers["etag"]
    assert api.get(output, headers={"Range": "bytes=0-9", "If-Range": tag}).status_code == 206
    assert api.get(output, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200


def test_head_tells_the_length(api: Api, output: str) -> None:
    answer = api.head(output)
    assert answer.headers["content-length"] == str(len(api.get(output).content))
    assert answer.content == b""
