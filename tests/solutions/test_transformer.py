"""Lesson 07 against PyTorch's stacks, numbers worked by hand, and what must hold of any weights."""

import doctest

import keras
import numpy as np
import pytest
from keras import ops

from course.checking.weights import variable_at
from solutions import classifier, transformer
from solutions.transformer import Decoder, Encoder, Transformer
from tests.solutions import values
from tests.solutions.values import array, stored

B, S, T, V, D_MODEL, N, H, D_FF = 3, 5, 4, 11, 6, 2, 3, 7
SIZES = {"num_layers": N, "num_heads": H, "hidden_dim": D_FF}
MODEL = {"vocabulary_size": V, "d_model": D_MODEL, **SIZES}
DEEP = 1e-4  # two blocks on each side, in float32
ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="calls TensorFlow's own functions"
)
both_orders = pytest.mark.parametrize("order", ["post", "pre"])


def close(received, expected, tolerance=DEEP):
    values.close(received, expected, tolerance)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture(scope="module")
def torch_values():
    return stored("transformer")


def some_inputs(rng, lengths=(5, 4, 3), written=(4, 3, 4)):
    """Ids with padding at the end: `lengths` of the sources, `written` of the targets."""
    source, target = rng.integers(4, V, (B, S)), rng.integers(4, V, (B, T))
    target[:, 0] = 1
    for row in range(B):
        source[row, lengths[row] :] = 0
        target[row, written[row] :] = 0
    return {"source": source.astype("int32"), "target": target.astype("int32")}


def a_model(inputs, seed=7, **options):
    """A model whose every weight is drawn, norms and biases too."""
    keras.utils.set_random_seed(seed)
    model = Transformer(**{**MODEL, **options})
    model(inputs)
    rng = np.random.default_rng(seed)
    model.set_weights([w + 0.3 * rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def from_torch(values, order):
    """A model with the weights of the fixture, and the places of its weights by path."""
    model = Transformer(**MODEL, norm_first=order == "pre")
    model({"source": values["source"], "target": values["target"]})
    variables = [variable_at(model, path) for path in values[f"{order}/paths"]]
    for variable, weight in zip(variables, cut(values[f"{order}/weights"], variables), strict=True):
        variable.assign(weight)
    assert {id(variable) for variable in variables} == {id(weight) for weight in model.weights}
    return model, variables


def cut(vector, variables):
    """A vector of all weights as one array a variable."""
    ends = np.cumsum([np.prod(variable.shape) for variable in variables])
    parts = np.split(vector, ends[:-1])
    return [part.reshape(v.shape) for part, v in zip(parts, variables, strict=True)]


@pytest.mark.parametrize(("module", "least"), [(transformer, 5), (classifier, 2)])
def test_the_examples_in_the_docstrings(module, least):
    result = doctest.testmod(module)
    assert result.attempted >= least
    assert result.failed == 0


@both_orders
def test_the_model_against_torch(torch_values, order):
    model, _ = from_torch(torch_values, order)
    real = torch_values["source"] != 0
    source = ops.convert_to_tensor(torch_values["source"])
    encoded = array(model.encode(source))
    close(encoded[real], torch_values[f"{order}/encoded"][real])
    logits = array(model({name: torch_values[name] for name in ("source", "target")}))
    close(logits, torch_values[f"{order}/logits"])


@ON_TENSORFLOW
@both_orders
def test_gradients_against_torch(torch_values, order):
    import tensorflow as tf

    model, variables = from_torch(torch_values, order)
    inputs = {name: tf.constant(torch_values[name]) for name in ("source", "target")}
    with tf.GradientTape() as tape:
        slope = tf.constant(torch_values[f"{order}/slope"], "float32")
        total = tf.reduce_sum(model(inputs) * slope)
    found = tape.gradient(total, [variable.value for variable in variables])
    expected = cut(torch_values[f"{order}/gradients"], variables)
    for path, gradient, wanted in zip(torch_values[f"{order}/paths"], found, expected, strict=True):
        assert np.abs(wanted).max() > 0, f"{path} gets no gradient in the fixture"
        tolerance = DEEP * max(1.0, np.abs(wanted).max())
        np.testing.assert_allclose(gradient, wanted, rtol=0, atol=tolerance, err_msg=path)


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_stack_is_its_blocks_one_after_the_other(rng, norm_first):
    x = ops.convert_to_tensor(rng.normal(size=(B, S, D_MODEL)).astype("float32"))
    source = ops.convert_to_tensor(rng.normal(size=(B, T, D_MODEL)).astype("float32"))
    for stack, others in ((Encoder(**SIZES, norm_first=norm_first), ()),
                          (Decoder(**SIZES, norm_first=norm_first), (source,))):  # fmt: skip
        whole, y = stack(x, *others), x
        assert len({id(block) for block in stack.blocks}) == N
        for block in stack.blocks:
            y = block(y, *others)
        assert (stack.final_norm is not None) == norm_first
        close(whole, array(stack.final_norm(y) if norm_first else y), 1e-6)


def test_new_blocks_do_not_start_alike(rng):
    stack = Encoder(**SIZES)
    stack.build((B, S, D_MODEL))
    first, second = (block.feed_forward.expand.kernel.numpy() for block in stack.blocks)
    assert not np.array_equal(first, second)


def test_no_logit_sees_a_later_target(rng):
    inputs = some_inputs(rng, written=(4, 4, 4))
    model = a_model(inputs)
    before = array(model(inputs))
    for place in range(1, T):
        changed = inputs["target"].copy()
        changed[:, place] = changed[:, place] % (V - 4) + 4  # another word, never padding
        after = array(model({**inputs, "target": changed}))
        assert np.array_equal(changed[:, :place], inputs["target"][:, :place])
        close(after[:, :place], before[:, :place], 1e-6)
        assert np.abs(after[:, place] - before[:, place]).max() > 1e-3


def test_every_logit_sees_the_whole_source(rng):
    inputs = some_inputs(rng, lengths=(5, 5, 5))
    model = a_model(inputs)
    before = array(model(inputs))
    for place in range(S):
        changed = inputs["source"].copy()
        changed[:, place] = changed[:, place] % (V - 4) + 4
        moved = np.abs(array(model({**inputs, "source": changed})) - before).max(axis=-1)
        assert (moved > 1e-4).all()


def test_padding_changes_nothing(rng):
    inputs = some_inputs(rng)
    model = a_model(inputs)
    real = inputs["target"] != 0
    before = array(model(inputs))
    longer = {name: np.pad(ids, ((0, 0), (0, 3))) for name, ids in inputs.items()}
    close(array(model(longer))[:, :T][real], before[real], 1e-5)
    for row in range(B):
        count, read = (int((inputs[name][row] != 0).sum()) for name in ("target", "source"))
        alone = {"source": inputs["source"][row : row + 1, :read],
                 "target": inputs["target"][row : row + 1, :count]}  # fmt: skip
        close(model(alone)[0], before[row, :count], 1e-5)


def test_a_row_does_not_depend_on_its_batch(rng):
    inputs = some_inputs(rng)
    model = a_model(inputs)
    alone = model({name: ids[1:2] for name, ids in inputs.items()})
    close(alone[0], array(model(inputs))[1], 1e-5)


def test_padding_in_front_is_not_read_either(rng):
    inputs = some_inputs(rng, written=(4, 4, 4))
    model = a_model(inputs)
    front = {**inputs, "source": inputs["source"].copy()}
    front["source"][:, 0] = 0
    before = array(model(front))
    model.embedding.table.assign(model.embedding.table.numpy() * (np.arange(V) != 0)[:, None])
    close(array(model(front))[..., 1:], before[..., 1:], 1e-6)  # only the logit of padding moved


def test_one_table_serves_both_inputs_and_the_output(rng):
    inputs = some_inputs(rng)
    model = a_model(inputs)
    tables = [weight for weight in model.weights if tuple(weight.shape) == (V, D_MODEL)]
    assert [id(table) for table in tables] == [id(model.embedding.table)]
    assert len({id(weight) for weight in model.weights}) == len(model.weights)
    before, encoded = array(model(inputs)), array(model.encode(ops.array(inputs["source"])))
    word = int(inputs["source"][0, 0])
    table = model.embedding.table.numpy()
    table[word] += 1.0
    model.embedding.table.assign(table)
    assert np.abs(array(model.encode(ops.array(inputs["source"]))) - encoded)[0].max() > 1e-3
    absent = next(i for i in range(4, V) if i not in np.concatenate(list(inputs.values()), axis=1))
    table[word] -= 1.0
    table[absent] += 1.0
    model.embedding.table.assign(table)
    moved = np.abs(array(model(inputs)) - before).max(axis=(0, 1))
    assert moved[absent] > 1e-3  # a word that is nowhere in the input: through the output alone
    assert np.delete(moved, absent).max() < 1e-5


def test_after_a_step_of_training_the_table_is_still_one(rng):
    inputs = some_inputs(rng, written=(4, 4, 4))
    model = a_model(inputs)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, jit_compile=False)
    before = [weight.numpy().copy() for weight in model.weights]
    model.train_on_batch(inputs, np.roll(inputs["target"], -1, axis=1))
    for weight, old in zip(model.weights, before, strict=True):
        assert not np.array_equal(weight.numpy(), old), f"{weight.path} did not learn"
    source, target = (ops.array(inputs[name]) for name in ("source", "target"))
    encoded = model.encode(source)
    x = model.decoder(
        model._embed(target),
        encoded,
        attention_mask=transformer.causal_mask(T),
        source_mask=transformer.padding_mask(source),
    )
    close(model.decode(target, encoded, source), array(x) @ model.embedding.table.numpy().T, 1e-5)


def test_the_first_loss_is_that_of_knowing_nothing():
    keras.utils.set_random_seed(7)
    size = 2000
    model = Transformer(size, d_model=64, num_layers=2, num_heads=4, hidden_dim=256)
    rng = np.random.default_rng(7)
    source, target, labels = rng.integers(4, size, (3, 8, 10))
    logits = model({"source": source, "target": target})
    loss = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    assert array(loss).mean() == pytest.approx(np.log(size) + 0.5, abs=0.25)


def test_logits_by_hand():
    model = Transformer(3, d_model=2, num_layers=1, num_heads=1, hidden_dim=2)
    model({"source": np.array([[1]]), "target": np.array([[1]])})
    model.embedding.table.assign([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    residual = model.decoder.blocks[-1].feed_forward_residual
    residual.norm.gamma.assign([0.0, 0.0])
    residual.norm.beta.assign([2.0, 1.0])  # so that the decoder ends with (2, 1)
    close(model({"source": np.array([[1]]), "target": np.array([[1]])}), [[[2.0, 2.0, 3.0]]], 1e-6)
