"""The operations give PyTorch's numbers, forward and backward, in float32."""

from __future__ import annotations

import numpy as np
import pytest

from engine.ops.operation import Operation
from engine.ops.parameters import read_parameters
from engine.ops.registry import OPERATIONS
from tests.engine.compare import assert_close
from tests.engine.references import FILES, REFERENCES, Reference

WITHOUT_EQUIVALENT = {"local2d", "tiled2d"}
"""PyTorch has no layer for these; loops stand in for it in test_oracle.py."""


def build(reference: Reference) -> Operation:
    cls = OPERATIONS[reference.op]
    return cls(**read_parameters(cls, reference.config))


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.label)
def test_output_and_gradients_are_those_of_pytorch(reference: Reference) -> None:
    operation = build(reference)
    expected = reference.array("output")
    output, cache = operation.forward(reference.inputs(), reference.weights())
    assert output.dtype == np.float32
    assert_close(output, expected, 1e-5)
    if not reference.names("upstream"):
        return
    by_input, by_weight = operation.backward(reference.array("upstream"), cache)
    gradients = {f"input{i}": gradient for i, gradient in enumerate(by_input)}
    gradients |= {f"weight.{name}": gradient for name, gradient in by_weight.items()}
    for name in reference.names("grad."):
        assert gradients[name].dtype == np.float32, name
        assert_close(gradients[name], reference.array(f"grad.{name}"), 1e-4, f"gradient of {name}")


def test_the_references_are_many_and_say_where_they_come_from() -> None:
    assert len(REFERENCES) >= 300
    for file in FILES:
        assert file.about["torch"].startswith("2.13")
        assert isinstance(file.about["seed"], int)


def test_every_operation_that_pytorch_knows_has_references() -> None:
    assert {reference.op for reference in REFERENCES} == set(OPERATIONS) - WITHOUT_EQUIVALENT


def test_a_good_share_of_the_references_holds_gradients() -> None:
    with_gradients = [reference for reference in REFERENCES if reference.names("grad.")]
    assert len(with_gradients) >= len(REFERENCES) / 2
