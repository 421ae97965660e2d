import numpy as np
import pytest
from keras import ops

from course.toys import depth
from solutions.blocks import LayerNorm


@pytest.fixture(scope="module")
def stacks():
    return depth.measure(depths=(2, 4))


def test_every_arrangement_is_measured_at_every_depth(stacks):
    assert sorted(stacks) == sorted((name, n) for name in depth.ARRANGEMENTS for n in (2, 4))
    for (_, count), stack in stacks.items():
        for values in (stack.sizes, stack.differences, stack.gradients):
            assert values.shape == (count + 1,)
            assert np.isfinite(values).all()
        assert stack.gradients[-1] == 1.0


def test_all_stacks_start_from_words_of_size_1_that_differ(stacks):
    for stack in stacks.values():
        assert stack.sizes[0] == pytest.approx(1.0, abs=0.05)
        assert stack.differences[0] == pytest.approx((7 / 8) ** 0.5, abs=0.05)  # of 8 positions


def test_a_norm_keeps_the_size_and_its_absence_does_not(stacks):
    for name in ("norm only", "post-LN"):
        assert stacks[name, 4].sizes[1:] == pytest.approx(np.ones(4), abs=1e-3)
    assert stacks["bare", 4].sizes[-1] < 0.1
    assert stacks["residual only", 4].sizes[-1] > 2


def test_without_residual_connections_words_become_alike(stacks):
    for name in ("bare", "norm only"):
        assert stacks[name, 4].differences[-1] < 1e-5
    for name in ("residual only", "post-LN", "pre-LN"):
        assert stacks[name, 4].differences[-1] > 0.3


def test_the_gradient_is_the_one_of_finite_differences():
    rng = np.random.default_rng(1)
    weights = depth._weights(rng)
    x = rng.normal(size=(1, 3, depth.WIDTH)).astype("float32")
    slope = np.cos(np.arange(x.size)).reshape(x.shape)

    def total(x):
        return np.sum(ops.convert_to_numpy(depth._block(x, weights, "pre-LN")) * slope)

    def output(x):
        return depth._block(x, weights, "pre-LN")

    gradient = ops.convert_to_numpy(depth.input_gradient(output, ([x], {}), None))
    step = np.zeros_like(x)
    step[0, 1, 5] = 1e-2
    assert (total(x + step) - total(x - step)) / 2e-2 == pytest.approx(gradient[0, 1, 5], rel=2e-2)


def test_its_norm_is_the_one_of_the_lesson():
    x = np.random.default_rng(2).normal(size=(2, 3, 5)).astype("float32")
    ours, theirs = depth._norm(ops.array(x)), LayerNorm()(x)
    np.testing.assert_allclose(ops.convert_to_numpy(ours), ops.convert_to_numpy(theirs), atol=1e-5)


def test_progress_is_shown(capsys):
    depth.measure(depths=(1,))
    assert "Measuring: " in capsys.readouterr().out
