"""A plan gives what a plain run gives, whatever it joins, reorders or lays over one another."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest

from engine.graph import Model
from engine.inference import plan as plan_module
from engine.inference.plan import Plan
from engine.specification import build_model
from engine.threads import TEAM
from engine.types import Array
from engine.zoo.architecture import Architecture
from engine.zoo.registry import ARCHITECTURES
from tests.engine.compare import assert_close
from tests.engine.inference.plans import MODELS, check, conv, node, norm, relu
from tests.engine.nets import INCEPTION, LENET_5, RESIDUAL, SMALLEST, net, picture
from tests.engine.refusals import refusal

EACH = pytest.mark.parametrize("name", MODELS)


@pytest.fixture(params=[1, 2, 3], ids="{0} threads".format)
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(TEAM, "size", request.param)
    return int(request.param)


class TestWhateverIsUnusual:
    @EACH
    @pytest.mark.parametrize("pictures", [1, 2, 5])
    def test_in_float32(self, name: str, pictures: int, threads: int) -> None:
        check(MODELS[name], picture(MODELS[name], pictures))

    @EACH
    def test_in_float64(self, name: str) -> None:
        check(MODELS[name], picture(MODELS[name], 2).astype(np.float64))

    @EACH
    def test_with_every_node_kept(self, name: str) -> None:
        model = MODELS[name]
        check(model, picture(model, 3), [each.name for each in model])

    @EACH
    def test_with_one_inner_node_kept(self, name: str) -> None:
        model = MODELS[name]
        for each in model.nodes[:-1]:
            check(model, picture(model, 2), [each.name, model.nodes[-1].name])

    @EACH
    def test_at_another_size(self, name: str) -> None:
        model = MODELS[name]
        fixed = {"linear", "reshape"} & {each.op.name for each in model}
        channels, rows, columns = model.input_shape
        x = np.random.default_rng(1).standard_normal((2, channels, rows + 7, columns + 12)).astype(np.float32)
        if not fixed:
            check(model, x)

    @EACH
    def test_in_any_memory_order(self, name: str) -> None:
        model = MODELS[name]
        x = np.asfortranarray(picture(model, 2))
        check(model, x)


class TestKnownNetworks:
    @pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=list(ARCHITECTURES))
    def test_small_pictures(self, architecture: Architecture) -> None:
        size = SMALLEST[architecture.name]
        model = build_model(architecture.build(size=(size, size + 2), classes=3))
        scores = model.nodes[-1].inputs[0]
        check(model, picture(model), [scores, model.nodes[-1].name], tolerance=1e-4)

    @pytest.mark.parametrize("name", ["lenet-5", "tiny-vgg", "cifar-net", "mobilenet-v1", "resnet-18"])
    def test_batches(self, name: str) -> None:
        size = SMALLEST[name]
        model = build_model(ARCHITECTURES[name].build(size=(size, size), classes=3))
        check(model, picture(model, 5), [model.nodes[-1].inputs[0]], tolerance=1e-4)

    @pytest.mark.parametrize("nodes", [RESIDUAL, INCEPTION], ids=["residual", "inception"])
    def test_blocks_with_each_node_kept(self, nodes: tuple) -> None:
        model = net(*nodes)
        for each in model:
            check(model, picture(model, 2), [each.name])


def test_a_difference_is_noticed() -> None:
    model = net(conv("c"), relu())

    class Wrong(Plan):
        def run(self, x: Array) -> dict[str, Array]:
            return {name: y * np.float32(1.001) for name, y in super().run(x).items()}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tests.engine.inference.plans.Plan", Wrong)
        with pytest.raises(AssertionError, match="relu"):
            check(model, picture(model))


class TestOutputs:
    def test_they_are_the_callers_own(self) -> None:
        model = net(conv("a"), relu(), conv("b"))
        plan, x, other = Plan(model, ["relu", "b"]), picture(model), picture(model, seed=1)
        first = plan.run(x)
        kept = {name: y.copy() for name, y in first.items()}
        plan.run(other)
        assert all(np.array_equal(y, kept[name]) for name, y in first.items())
        for y in first.values():
            assert y.flags.writeable
            assert y.flags.c_contiguous
            y[...] = np.nan
        again = plan.run(x)
        assert all(np.array_equal(y, kept[name]) for name, y in again.items())

    def test_of_the_input_nothing_is_kept(self) -> None:
        model = net(node("i", "identity"))
        x = picture(model)
        y = Plan(model).run(x)["i"]
        y[...] = 0
        assert np.ptp(x) > 0

    def test_what_is_kept_comes_in_the_order_asked_for(self) -> None:
        model = net(conv("a"), relu(), conv("b"))
        assert list(Plan(model, ["b", "a"]).run(picture(model))) == ["b", "a"]
        assert list(Plan(model).run(picture(model))) == ["b"]

    def test_sizes_in_turn(self) -> None:
        # What one size leaves in memory does not show in the next one's margins.
        model = net(conv("a"), relu(), conv("b"), node("p", "max_pool2d", padding=1), channels=3)
        plan = Plan(model)
        for seed, (pictures, rows, columns) in enumerate([(1, 9, 11), (2, 20, 6), (1, 9, 11), (3, 4, 5)] * 2):
            x = np.random.default_rng(seed).standard_normal((pictures, 3, rows, columns)) * 10.0 ** (seed % 5)
            for numbers in (x.astype(np.float32), x):
                expected = model.run(numbers).output("p")
                assert_close(plan.run(numbers)["p"], expected, 1e-5 if numbers.dtype == np.float32 else 1e-12)


class TestManyThreads:
    @pytest.mark.parametrize("pictures", [1, 4])
    def test_one_plan_for_all(self, pictures: int, threads: int) -> None:
        model = net(
            conv("a", 40), norm("n", 40), relu(), conv("b", 40), node("s", "add", "b", "relu"), conv("c", 2),
            size=(26, 25),
        )  # fmt: skip
        plan = Plan(model)
        asked = [picture(model, pictures, seed=seed) for seed in range(8)]
        expected = [model.run(x).output("c") for x in asked]
        found: list[list[Array]] = [[] for _ in asked]
        start = threading.Barrier(len(asked))

        def work(number: int) -> None:
            start.wait()
            for _ in range(4):
                found[number].append(plan.run(asked[number])["c"])

        workers = [threading.Thread(target=work, args=(number,)) for number in range(len(asked))]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        for answers, wanted in zip(found, expected, strict=True):
            assert len(answers) == 4
            for answer in answers:
                assert_close(answer, wanted, 1e-5)

    def test_memory_for_later_runs_is_kept_for_few(self) -> None:
        model = net(conv("a"))
        plan = Plan(model)
        sizes = [*range(1, plan_module.IDLE + 3), 1, 1]
        for pictures in sizes:
            plan.run(picture(model, pictures))
        kept = [kind[0][0] for kind, _ in plan._idle]
        assert (len(kept), kept[0]) == (plan_module.IDLE, 1)


class TestRefusals:
    MODEL = net(conv("a"), relu(), conv("b", 2), channels=3)

    @pytest.mark.parametrize("name", ["input", "c", ""])
    def test_a_node_that_there_is_not(self, name: str) -> None:
        error = refusal(Plan, self.MODEL, [name])
        assert (error.code, error.argument, error.value) == ("unknown-node", "node", name)
        assert error.allowed == "a, relu, b"

    @pytest.mark.parametrize(
        "shape", [(3, 9, 11), (1, 3, 9), (0, 3, 9, 11), (1, 3, 0, 11), (1, 2, 9, 11), (2, 5, 4, 4)]
    )
    def test_a_picture_that_does_not_fit(self, shape: tuple[int, ...]) -> None:
        plan, x = Plan(self.MODEL), np.zeros(shape, np.float32)
        error = refusal(plan.run, x)
        plain = refusal(self.MODEL.run, x)
        assert (error.code, error.argument, error.allowed) == (plain.code, plain.argument, plain.allowed)
        assert error.code == "shape-mismatch"

    def test_a_size_that_a_linear_layer_cannot_take(self) -> None:
        model = net(node("f", "flatten"), node("l", "linear", out_features=2))
        error = refusal(Plan(model).run, np.zeros((1, 1, 9, 12), np.float32))
        assert (error.code, error.argument) == ("shape-mismatch", "weight of l")

    def test_as_many_pictures_as_a_linear_layer_cannot_take(self) -> None:
        model = net(node("r", "reshape", shape=[1, -1]), node("l", "linear", out_features=2))
        check(model, picture(model))
        for run in (model.run, Plan(model).run):
            assert refusal(run, picture(model, 2)).code == "shape-mismatch"

    @pytest.mark.parametrize("dtype", [np.float16, np.int32, np.uint8, np.complex64])
    def test_other_numbers(self, dtype: type) -> None:
        error = refusal(Plan(self.MODEL).run, np.zeros((1, 3, 9, 11), dtype))
        assert (error.code, error.argument, error.value) == ("invalid-argument", "x", str(np.dtype(dtype)))

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    @pytest.mark.parametrize("pictures", [1, 4])
    def test_a_picture_that_is_not_finite(self, bad: float, pictures: int) -> None:
        x = picture(self.MODEL, pictures)
        x[-1, 1, 2, 3] = bad
        error = refusal(Plan(self.MODEL).run, x)
        assert (error.code, error.argument, error.value) == ("non-finite", "node", "input")

    @pytest.mark.parametrize("pictures", [1, 4])
    def test_what_overflows_on_the_way_is_named(self, pictures: int, threads: int) -> None:
        model = net(
            conv("a"), node("x", "mul", "a", "a"), node("e", "mul", "x", "x"), conv("b", 2), channels=3
        )
        plan = Plan(model, ["a", "e", "b"])
        x = picture(model, pictures)
        assert set(plan.run(x)) == {"a", "e", "b"}
        error = refusal(plan.run, x * np.float32(1e15))
        assert (error.code, error.argument, error.value) == ("non-finite", "node", "e")
        # It is of use afterwards.
        assert_close(plan.run(x)["b"], model.run(x).output("b"), 1e-5)


class TestReleasedModels:
    def test_a_plan_outlives_its_model(self) -> None:
        model = net(conv("a", 64), norm("n", 64), relu(), conv("b", 64), size=(25, 26), channels=3)
        x = picture(model, 1)
        expected = model.run(x).output("b")
        plan = Plan(model)
        plan.run(x)
        del model
        gc.collect()
        assert_close(plan.run(x)["b"], expected, 1e-5)

    def test_what_it_cannot_do_without_the_model(self) -> None:
        model = net(conv("a", 512), conv("b", 64), channels=3)
        x = picture(model)
        plan = Plan(model)
        alive = plan.run(x)["b"]
        assert_close(plan.run(x.astype(np.float64))["b"], alive, 1e-5)
        del model
        gc.collect()
        assert np.array_equal(plan.run(x)["b"], alive)
        again = Plan(net(conv("a", 512), conv("b", 64), channels=3))
        again.run(x)
        error = refusal(again.run, x.astype(np.float64))
        assert (error.code, error.argument) == ("invalid-argument", "x")

    def test_one_that_it_never_saw_alive(self) -> None:
        def made() -> tuple[Plan, Array, Array]:
            model: Model = net(*LENET_5, size=(28, 28))
            x = picture(model, 3)
            return Plan(model), x, model.run(x).output("softmax")

        plan, x, expected = made()
        gc.collect()
        assert_close(plan.run(x)["softmax"], expected, 1e-5)


def test_pictures_that_influence_one_another_are_not_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TEAM, "size", 2)
    apart = {name for name, model in MODELS.items() if Plan(model)._is_light(picture(model, 4))}
    together = {"normalised-by-the-batch", "joined-pictures", "over-the-pictures", "pictures-as-channels"}
    assert together | {"all-in-one-row"} <= set(MODELS) - apart
    assert {"residual", "numbers", "branches", "pooled-after-a-relu", "own-operand"} <= apart
