"""Lesson 10's block and model: what they are made of, and a cache that changes nothing."""

import doctest

import keras
import numpy as np
import pytest
from keras import ops

from solutions import modern_decoder
from solutions.masking import sees_future
from solutions.modern_decoder import CausalBlock, DecoderOnly
from tests.solutions.values import array, close

B, T, V, D_MODEL, N, H, G, D_FF = 2, 5, 11, 24, 3, 6, 2, 7
SIZES = {
    "vocabulary_size": V, "d_model": D_MODEL, "num_layers": N, "num_heads": H, "num_groups": G,
    "d_ff": D_FF,
}  # fmt: skip


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def drawn(rng, layer, scale=0.4):
    """The layer with other weights than it is made with: scales that are not 1."""
    layer.set_weights([scale * rng.normal(size=w.shape) + (w.ndim == 1) for w in layer.weights])
    return layer


def model(rng, **options):
    layer = DecoderOnly(**{**SIZES, **options})
    layer.build((None, None))
    return drawn(rng, layer)


def ids(rng, length=T):
    return rng.integers(0, V, (B, length)).astype("int32")


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(modern_decoder)
    assert result.attempted >= 7
    assert result.failed == 0


@pytest.mark.parametrize("parallel", [False, True])
def test_a_block_is_made_of_its_parts(rng, parallel):
    x = ops.convert_to_tensor(rng.normal(size=(B, T, D_MODEL)).astype("float32"))
    block = CausalBlock(H, G, D_FF, parallel=parallel)
    block.build(x.shape)
    drawn(rng, block)
    normalized = block.attention_norm(x)
    attended, (keys, _) = block.attention(normalized)
    y, cache = block(x)
    if parallel:
        expected = x + attended + block.feed_forward(normalized)
    else:
        middle = x + attended
        expected = middle + block.feed_forward(block.feed_forward_norm(middle))
    close(y, expected)
    close(cache[0], keys)
    attention = 2 * D_MODEL**2 + 2 * D_MODEL * G * D_MODEL // H
    norms = D_MODEL if parallel else 2 * D_MODEL
    assert block.count_params() == attention + 3 * D_MODEL * D_FF + norms


@pytest.mark.parametrize("parallel", [False, True])
def test_with_sub_layers_of_zero_x_goes_through(rng, parallel):
    x = rng.normal(size=(B, T, D_MODEL)).astype("float32")
    block = CausalBlock(H, G, D_FF, parallel=parallel)
    block.build(x.shape)
    drawn(rng, block)
    block.attention.output_projection.kernel.assign(np.zeros((D_MODEL, D_MODEL)))
    block.feed_forward.down.kernel.assign(np.zeros((D_FF, D_MODEL)))
    close(block(x)[0], x, 0.0)


def test_the_two_forms_are_two_functions(rng):
    x = rng.normal(size=(B, T, D_MODEL)).astype("float32")
    serial, parallel = CausalBlock(H, G, D_FF), CausalBlock(H, G, D_FF, parallel=True)
    for block in (serial, parallel):
        block.build(x.shape)
    drawn(rng, serial)
    names = ("attention_norm", "attention", "feed_forward")
    for name in names:
        getattr(parallel, name).set_weights(getattr(serial, name).get_weights())
    assert np.abs(array(serial(x)[0]) - array(parallel(x)[0])).max() > 0.1


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("groups", [1, 6])
def test_with_a_cache_every_step_gives_what_the_whole_text_gives(rng, parallel, groups):
    layer, text = model(rng, parallel=parallel, num_groups=groups), ids(rng)
    whole, cache = layer(text)
    stepped, at_last = layer.step_by_step(text)
    close(stepped, whole, 1e-4)
    close(at_last[N - 1][0], cache[N - 1][0], 1e-4)
    _, first = layer(text[:, :2])
    rest, kept = layer(text[:, 2:], cache=first)
    close(rest, whole[:, 2:], 1e-4)
    for ours, theirs in zip(kept, cache, strict=True):
        close(ours[0], theirs[0], 1e-4)
        close(ours[1], theirs[1], 1e-4)


def test_wrong_positions_are_seen(rng):
    layer, text = model(rng), ids(rng)
    _, cache = layer(text[:, :3])
    right, _ = layer(text[:, 3:], cache=cache)
    for start, same in ((3, True), (0, False), (4, False)):
        places = np.arange(start, start + 2)
        other, _ = layer(text[:, 3:], positions=places, cache=cache)
        assert (np.abs(array(other) - array(right)).max() < 1e-4) == same, start


def test_only_differences_of_positions_count(rng):
    layer, text = model(rng), ids(rng)
    close(layer(text, positions=np.arange(T) + 30)[0], layer(text)[0], 1e-3)


def test_an_evicted_cache_needs_given_positions(rng):
    """The first block sees the last two keys of four, at the places where they were made."""
    layer, text = model(rng, num_layers=1), ids(rng)
    _, cache = layer(text[:, :4])
    evicted = [(keys[:, :, 2:], values[:, :, 2:]) for keys, values in cache]
    right, _ = layer(text[:, 4:], positions=[4], cache=evicted)
    short, _ = layer(text[:, 2:], positions=[2, 3, 4])
    close(right, short[:, -1:], 1e-4)
    assert np.abs(array(layer(text[:, 4:], cache=evicted)[0]) - array(right)).max() > 1e-2


def test_no_position_sees_what_follows_it(rng):
    block = CausalBlock(H, G, D_FF)
    x = ops.convert_to_tensor(rng.normal(size=(B, T, D_MODEL)).astype("float32"))
    assert not sees_future(lambda some: block(some)[0], x)
    layer, text = model(rng), ids(rng)
    changed = text.copy()
    changed[:, 3:] = (changed[:, 3:] + 1) % V
    close(layer(changed)[0][:, :3], layer(text)[0][:, :3], 0.0)
    assert np.abs(array(layer(changed)[0] - layer(text)[0])[:, 3]).min() > 0


def test_padding_behind_a_text_changes_nothing(rng):
    layer, text = model(rng), ids(rng)
    longer = np.pad(text, ((0, 0), (0, 3)))
    close(layer(longer)[0][:, :T], layer(text)[0], 1e-4)


def test_the_table_is_the_head_too(rng):
    layer = model(rng)
    tables = [w for w in layer.trainable_weights if V in w.shape]
    assert len(tables) == 1
    block = 2 * D_MODEL**2 + 2 * D_MODEL * G * D_MODEL // H + 3 * D_MODEL * D_FF + 2 * D_MODEL
    assert layer.count_params() == V * D_MODEL + N * block + D_MODEL
    logits, _ = layer(text := ids(rng))
    table = layer.embedding.table.numpy().copy()
    table[V - 1] = 0.0
    text[text == V - 1] = 0
    layer.embedding.table.assign(table)
    close(layer(text)[0][..., V - 1], np.zeros((B, T)), 0.0)
    assert tuple(logits.shape) == (B, T, V)


def test_at_first_the_loss_is_near_that_of_guessing():
    """Above it, since the tied head finds each token's own row in x: it guesses repetition."""
    keras.utils.set_random_seed(3)
    layer = DecoderOnly(vocabulary_size=200, d_model=64, num_layers=2, num_heads=4, num_groups=2,
                        d_ff=64)  # fmt: skip
    text = np.random.default_rng(0).integers(0, 200, (8, 33))
    logits, _ = layer(text[:, :-1])
    loss = keras.losses.sparse_categorical_crossentropy(text[:, 1:], logits, from_logits=True)
    assert np.log(200) < array(loss).mean() < np.log(200) + 1.5


def test_fewer_or_more_caches_than_blocks_are_refused(rng):
    layer, text = model(rng), ids(rng)
    _, cache = layer(text)
    for some in (cache[:-1], [*cache, cache[0]], []):
        with pytest.raises(ValueError, match=f"one cache a block.*{len(some)} of {len(cache)}"):
            layer(text, cache=some)


class BlockOutput(CausalBlock):
    """The block without its cache."""

    def call(self, x):
        return super().call(x)[0]


class Logits(DecoderOnly):
    """The model without its cache."""

    def call(self, ids):
        return super().call(ids)[0]


@pytest.mark.parametrize("parallel", [False, True])
def test_the_contract_of_a_block(rng, assert_layer_contract, parallel):
    x = rng.normal(size=(B, T, D_MODEL)).astype("float32")
    config = {"num_heads": H, "num_groups": G, "d_ff": D_FF, "parallel": parallel}
    assert_layer_contract(BlockOutput, config, x)


def test_the_contract_of_a_model(rng, assert_layer_contract):
    assert_layer_contract(Logits, SIZES, ids(rng), passes_mask=False)
