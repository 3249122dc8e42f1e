"""What is asked for on the command line, and how calm a machine is said to be."""

from __future__ import annotations

import pytest

from bench import engine, growth, kernels, training
from bench.__main__ import main
from bench.rivals.calm import Calm, Watch
from bench.rivals.engines import ENGINES


@pytest.mark.parametrize("module", [engine, growth, kernels, training])
def test_targets_are_of_cases_that_there_are(module: object) -> None:
    whole = module.COMPARISON  # type: ignore[attr-defined]
    cases = {(case.name, case.batch) for case in whole.cases}
    assert len(cases) == len(whole.cases)
    assert {(name, batch) for name, batch, _ in whole.targets} <= cases
    assert set(whole.engines) <= ENGINES.keys()


def test_a_part_of_a_comparison() -> None:
    part = engine.COMPARISON.only(["vgg-16", "alexnet"], [1], ["ours"])
    assert [case.label for case in part.cases] == ["vgg-16, batch 1", "alexnet, batch 1"]
    assert part.engines == ("ours",)
    assert engine.COMPARISON.only([], [], []) == engine.COMPARISON


def test_a_part_that_is_empty_is_refused() -> None:
    with pytest.raises(SystemExit, match="vgg-16, batch 1"):
        main(["engine", "--nets", "vgg-17"])


def test_a_part_is_shown_and_not_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.rivals.comparison.Record.write", lambda record: pytest.fail("written"))
    assert main(["engine", "--nets", "lenet-5", "--batch", "1", "--engines", "ours", "--seconds", "0"]) == 0
    assert "| lenet-5 | 1 |" in capsys.readouterr().out


def test_a_machine_is_watched() -> None:
    watch = Watch()
    watch.probe()
    calm = watch.seen()
    assert calm.others is None or 0 <= calm.others <= 1.05
    assert all(ms > 0 for ms in calm.probes_ms)
    assert "9 %" in str(Calm(1.0, 0.09, [1.0, 2.0, 3.0]))
    assert "2.00 ms (least 1.00 ms)" in str(Calm(1.0, None, [1.0, 2.0, 3.0]))
