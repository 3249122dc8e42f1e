"""Damaged ONNX files: refused, or harmless."""

from __future__ import annotations

from time import process_time

import numpy as np
import onnx
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from engine.errors import EngineError
from engine.graph import INPUT
from engine.importers.onnx import ImportLimits, import_onnx
from tests.engine.onnx_nets import NETS

FILES = [make() for make in NETS.values()]
SMALL = ImportLimits(array_numbers=1 << 20, constant_numbers=1 << 21, output_numbers=1 << 22)


def refused_or_imported(data: bytes) -> None:
    start = process_time()
    try:
        imported = import_onnx(data, SMALL)
    except EngineError:
        return
    finally:
        assert process_time() - start < 5
    assert imported.model.shapes[INPUT] == (1, *imported.report.input_shape)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_bytes_are_refused_or_harmless(data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from(FILES)))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    refused_or_imported(bytes(damaged))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_settings_are_refused_or_harmless(data: st.DataObject) -> None:
    """The file stays one: what is damaged are numbers and links within it."""
    model = onnx.load_model_from_string(data.draw(st.sampled_from(FILES)))
    nodes = model.graph.node
    for _ in range(data.draw(st.integers(1, 3))):
        node = data.draw(st.sampled_from(list(nodes)))
        numbers = st.sampled_from([-(2**63), -(2**31), -2, -1, 0, 1, 2, 3, 7, 65_536, 2**31, 2**63 - 1])
        match data.draw(st.integers(0, 3)):
            case 0 if node.attribute:
                attribute = data.draw(st.sampled_from(list(node.attribute)))
                for i in range(len(attribute.ints)):
                    attribute.ints[i] = data.draw(numbers)
                if attribute.type == onnx.AttributeProto.INT:
                    attribute.i = data.draw(numbers)
            case 1 if node.input:
                known = [name for each in nodes for name in (*each.input, *each.output)]
                node.input[data.draw(st.integers(0, len(node.input) - 1))] = data.draw(st.sampled_from(known))
            case 2:
                node.op_type = data.draw(st.sampled_from([each.op_type for each in nodes]))
            case 3:
                tensor = data.draw(st.sampled_from(list(model.graph.initializer)))
                if tensor.data_type == TensorProto.INT64:
                    size = len(tensor.raw_data) // 8
                    wrong = [data.draw(numbers) for _ in range(size)]
                    tensor.raw_data = np.array(wrong, dtype="<i8").tobytes()
    refused_or_imported(model.SerializeToString())
