"""What a process does while it waits to become a kernel: operations that most notebooks run.

The first run of each operation in a process takes many times as long as the later ones. Nothing of
this is seen afterwards: names and seeds of Keras start anew.
"""

import itertools

NAMES = ("abs", "exp", "log", "sin", "cos", "sqrt", "square", "negative", "relu", "softmax")
REDUCTIONS = ("sum", "mean", "max", "min", "any", "all", "argmax", "var")
PAIRS = ("add", "subtract", "multiply", "divide", "power", "maximum", "equal", "greater", "less")


def steps():
    """Run one operation, or build one layer, before each `yield True`; end as if nothing had been.

    What fails here is left to fail again where it is seen.
    """
    import keras  # not above: the server that only tries the locks needs none of it

    ops = keras.ops
    x = ops.reshape(ops.linspace(0.1, 1.0, 24), (2, 3, 4))
    try:
        for _ in itertools.chain(_elementwise(ops, x), _shapes(ops, x), _layers(keras, x)):
            yield True
    except Exception:
        pass
    finally:
        keras.backend.clear_session()


def _elementwise(ops, x):
    for name in NAMES:
        yield getattr(ops, name)(x)
    for name in REDUCTIONS:
        yield getattr(ops, name)(x, axis=-1, keepdims=True)
    for name in PAIRS:
        yield getattr(ops, name)(x, x)
        yield getattr(ops, name)(x, 2.0)


def _shapes(ops, x):
    yield ops.transpose(x, (0, 2, 1))
    yield ops.swapaxes(x, -1, -2)
    yield ops.reshape(x, (2, -1))
    yield ops.matmul(x, ops.transpose(x, (0, 2, 1)))
    yield ops.einsum("bqd,bkd->bqk", x, x)
    yield ops.concatenate([x, x], axis=-1)
    yield ops.stack([x, x])
    yield ops.split(x, 2, axis=-1)
    yield ops.expand_dims(x, 1)[:, :, :-1, ::2]
    yield ops.where(x > 0.5, x, -1e9)
    yield ops.cast(ops.cast(x, "float16"), "float32")
    yield ops.arange(3)[:, None] >= ops.arange(3)
    yield ops.tril(ops.ones((3, 3)))
    yield ops.take(x, ops.convert_to_tensor([[0, 1]]), axis=0)
    yield ops.one_hot(ops.convert_to_tensor([0, 2]), 3)
    yield ops.convert_to_numpy(x)


def _layers(keras, x):
    ops = keras.ops
    for layer in (keras.layers.Dense(4), keras.layers.LayerNormalization()):
        yield layer(x)
        layer.set_weights(layer.get_weights())
        yield type(layer).from_config(layer.get_config())(x)
        if keras.backend.backend() == "tensorflow":
            yield _gradient(ops, layer, x)
    yield keras.layers.Embedding(5, 4)(ops.convert_to_tensor([[1, 2]]))
    yield keras.layers.Dropout(0.5)(x, training=True)
    inputs = keras.Input((None, 4))
    yield keras.Model(inputs, keras.layers.Dense(2)(inputs))(x)


def _gradient(ops, layer, x):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        total = ops.sum(ops.softmax(ops.matmul(layer(x), ops.swapaxes(x, 1, 2)) / 2.0) * 3.0)
    return tape.gradient(total, layer.trainable_variables)
