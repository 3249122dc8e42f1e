"""What the open inference protocol refuses, and its limits at n and n + 1."""

from __future__ import annotations

import gzip
import json
from typing import Any

import numpy as np
import pytest

from tests.api.inferences import (
    LENET,
    LENGTH,
    OPEN,
    ZEROS,
    ask,
    model_of,
    packed,
    post,
    refused,
    taken_apart,
    tensor,
)
from tests.api.nets import get_json
from tests.api.server import Api, MakeApi


def asked(**changes: Any) -> bytes:
    """A request in JSON that would be answered, but for these changes of its input."""
    given = {"name": "input", "shape": [1, 1, 2, 2], "datatype": "FP32", "data": [0, 0, 0, 0], **changes}
    return json.dumps({"inputs": [given]}).encode()


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "status", "code", "argument"),
        [
            ({"name": "x"}, 422, "invalid-argument", "inputs.0.name"),
            ({"shape": [1, 2, 2]}, 422, "shape-mismatch", "inputs.0.shape"),
            ({"shape": [1, 2, 2, 1]}, 422, "shape-mismatch", "inputs.0.shape"),
            ({"shape": [0, 1, 2, 2]}, 422, "invalid-argument", "inputs.0.shape.0"),
            ({"shape": [1.5, 1, 2, 2]}, 422, "invalid-argument", "inputs.0.shape.0"),
            ({"shape": [1, 1, 1 << 30, 1 << 30]}, 413, "run-too-large", "outputs"),
            ({"datatype": "FP64"}, 422, "invalid-argument", "inputs.0.datatype"),
            ({"datatype": "BYTES"}, 422, "invalid-argument", "inputs.0.datatype"),
            ({"data": [0, 0, 0]}, 422, "shape-mismatch", "inputs.0.data"),
            ({"data": [[[[0, 0], [0]]]]}, 422, "shape-mismatch", "inputs.0.data"),
            ({"data": [[0, 0], [0, 0]]}, 422, "shape-mismatch", "inputs.0.data"),
            ({"data": [0, 0, 0, "1"]}, 422, "invalid-argument", "inputs.0.data"),
            ({"data": [0, 0, 0, True]}, 422, "invalid-argument", "inputs.0.data"),
            ({"data": [0, 0, 0, None]}, 422, "invalid-argument", "inputs.0.data"),
            ({"data": [0, 0, 0, 10**400]}, 422, "non-finite", "inputs.0.data"),
            ({"data": [0, 0, 0, 1e39]}, 422, "non-finite", "node"),
            ({"data": [0, 0, 0, 256], "datatype": "UINT8"}, 422, "invalid-argument", "inputs.0.data"),
            ({"data": [0, 0, 0, 0.5], "datatype": "INT8"}, 422, "invalid-argument", "inputs.0.data"),
            ({"data": None}, 422, "invalid-argument", "inputs.0"),
            ({"parameters": {"binary_data_size": 16}}, 422, "invalid-argument", "inputs.0"),
            ({"typo": 1}, 422, "unknown-field", "inputs.0.typo"),
        ],
    )
    def test_an_input(self, api: Api, changes: dict[str, Any], status: int, code: str, argument: str) -> None:
        model = model_of(api, OPEN)
        assert post(api, model, asked()).status_code == 200
        refused(post(api, model, asked(**changes)), status, code, argument)

    def test_no_input_and_one_too_many(self, api: Api) -> None:
        refused(post(api, "lenet-5", b'{"inputs": []}'), 422, "invalid-argument", "inputs")
        refused(post(api, "lenet-5", b"{}"), 422, "missing-field", "inputs")
        body, headers = packed({"inputs": [tensor(ZEROS), tensor(ZEROS)]}, ZEROS, ZEROS)
        refused(post(api, "lenet-5", body, headers), 422, "invalid-argument", "inputs")

    @pytest.mark.parametrize(
        ("outputs", "code", "argument"),
        [
            ([{"name": "none"}], "unknown-node", "outputs.0.name"),
            ([{"name": "c1"}, {"name": "c1"}], "invalid-argument", "outputs.1.name"),
            (
                [{"name": "f6", "parameters": {"classification": 3}}],
                "invalid-argument",
                "outputs.0.parameters",
            ),
            (
                [{"name": "f6", "parameters": {"shared_memory_region": "r"}}],
                "invalid-argument",
                "outputs.0.parameters",
            ),
        ],
    )
    def test_an_output(self, api: Api, outputs: list[Any], code: str, argument: str) -> None:
        asked = {"inputs": [tensor(ZEROS)], "outputs": outputs}
        refused(post(api, "lenet-5", *packed(asked, ZEROS)), 422, code, argument)

    def test_numbers_that_are_none(self, api: Api) -> None:
        x = ZEROS.copy()
        x[0, 0, 3, 4] = np.nan
        refused(ask(api, "lenet-5", x), 422, "non-finite", "node")

    def test_bytes_that_are_missing_or_left_over(self, api: Api) -> None:
        body, headers = packed({"inputs": [tensor(ZEROS)]}, ZEROS)
        for wrong in (body[:-1], body + b"x"):
            refused(post(api, "lenet-5", wrong, headers), 400, "malformed-body", "bytes behind the JSON")
        given = {**tensor(ZEROS), "parameters": {"binary_data_size": 4}}
        refused(
            post(api, "lenet-5", *packed({"inputs": [given]}, ZEROS[:, :, 0, 0])),
            422,
            "shape-mismatch",
            "inputs.0.parameters.binary_data_size",
        )

    def test_a_length_of_the_json_that_is_none(self, api: Api) -> None:
        body, _ = packed({"inputs": [tensor(ZEROS)]}, ZEROS)
        refused(post(api, "lenet-5", body, {LENGTH: str(len(body) + 1)}), 400, "malformed-body", LENGTH)
        for wrong in ("x", "-1"):
            refused(post(api, "lenet-5", body, {LENGTH: wrong}), 422, "invalid-argument", LENGTH)
        for json_bytes in ("0", "10", str(len(body))):
            refused(post(api, "lenet-5", body, {LENGTH: json_bytes}), 400, "malformed-json", "body")

    def test_a_packing_that_is_none(self, api: Api) -> None:
        body, headers = packed({"inputs": [tensor(ZEROS)]}, ZEROS)
        whole = gzip.compress(body)
        for wrong in (body, whole[:-9], whole + whole, b""):
            answer = post(api, "lenet-5", wrong, {**headers, "Content-Encoding": "gzip"})
            refused(answer, 400, "malformed-body", "body")
        answer = post(api, "lenet-5", body, {**headers, "Content-Encoding": "br"})
        refused(answer, 415, "unsupported-media-type", "Content-Encoding")


class TestLimits:
    def test_pictures_at_the_limit_and_one_more(self, make_api: MakeApi) -> None:
        api = make_api(limits={"inference_pictures": 3})
        x = np.zeros((4, 1, 28, 28), np.float32)
        assert taken_apart(ask(api, "lenet-5", x[:3]))["softmax"].shape == (3, 10)
        refused(ask(api, "lenet-5", x), 413, "run-too-large", "inputs.0.shape")
        assert get_json(api, f"{LENET}/config")["max_batch_size"] == 3

    def test_numbers_in_json_at_the_limit_and_one_more(self, make_api: MakeApi) -> None:
        body, headers = packed({"inputs": [tensor(ZEROS)]}, ZEROS)
        assert post(make_api(limits={"json_numbers": 10}), "lenet-5", body, headers).status_code == 200
        api = make_api(limits={"json_numbers": 9})
        refused(post(api, "lenet-5", body, headers), 406, "too-many-numbers", "outputs")
        assert ask(api, "lenet-5", ZEROS).status_code == 200

    def test_numbers_of_an_answer_at_the_limit_and_one_more(self, make_api: MakeApi) -> None:
        x = np.zeros((2, 1, 28, 28), np.float32)
        assert ask(make_api(limits={"answer_numbers": 20}), "lenet-5", x).status_code == 200
        refused(ask(make_api(limits={"answer_numbers": 19}), "lenet-5", x), 413, "answer-too-large")

    def test_numbers_of_a_run_are_those_of_one_picture(self, make_api: MakeApi) -> None:
        specification = {"input": {"channels": 1, "size": [4, 4]}, "nodes": [{"name": "act", "op": "relu"}]}
        x = np.zeros((3, 1, 6, 6), np.float32)
        api = make_api(limits={"activation_numbers": 72})
        model = model_of(api, specification)
        assert ask(api, model, x).status_code == 200
        refused(ask(api, model, np.zeros((1, 1, 6, 7), np.float32)), 413, "run-too-large", "outputs")

    def test_bytes_of_json_at_the_limit_and_one_more(self, make_api: MakeApi) -> None:
        """Whatever the body calls itself."""
        body, headers = packed({"inputs": [tensor(ZEROS)]}, ZEROS)
        length = int(headers[LENGTH])
        api = make_api(limits={"json_body_bytes": length})
        assert post(api, "lenet-5", body, headers).status_code == 200
        api = make_api(limits={"json_body_bytes": length - 1})
        refused(post(api, "lenet-5", body, headers), 413, "body-too-large", "body")

    def test_bytes_of_an_unpacked_body_at_the_limit_and_one_more(self, make_api: MakeApi) -> None:
        body, headers = packed({"inputs": [tensor(ZEROS)]}, ZEROS)
        headers["Content-Encoding"] = "gzip"
        api = make_api(limits={"upload_bytes": len(body)})
        assert post(api, "lenet-5", gzip.compress(body), headers).status_code == 200
        refused(post(api, "lenet-5", gzip.compress(body + b"x"), headers), 413, "body-too-large", "body")
        refused(post(api, "lenet-5", gzip.compress(bytes(10**7)), headers), 413, "body-too-large", "body")


def test_a_full_server_says_when_to_come_back(api: Api) -> None:
    assert ask(api, "lenet-5", ZEROS).status_code == 200
    quick = api.app.state.services.lanes.quick
    taken, quick.accepted = quick.accepted, quick.places
    answer = ask(api, "lenet-5", ZEROS)
    quick.accepted = taken
    refused(answer, 503, "busy")
    assert answer.headers["retry-after"]
