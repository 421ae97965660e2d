"""Lesson 02: its mistakes in other people's words."""

TABLE = """
def sinusoidal_table(length, d_model, start_index=0):
    {check}
    table = np.zeros((length, d_model), dtype="float32")
    for row, position in enumerate({positions}):
        for i in range(0, d_model, 2):
            table[row, i] = math.{first}({angle})
            table[row, i + 1] = math.{second}({other})
    return ops.convert_to_tensor(table)
"""
RIGHT = {
    "check": 'if d_model % 2 != 0: raise ValueError("d_model must be even")',
    "positions": "range(start_index, start_index + length)",
    "first": "sin",
    "second": "cos",
    "angle": "position / 10000 ** (i / d_model)",
    "other": "position / 10000 ** (i / d_model)",
}


def fill(form, right, parts):
    for name, text in {**right, **parts}.items():
        form = form.replace(f"{{{name}}}", text)
    return form


def table(angle=RIGHT["angle"], other=None, **parts):
    """The table in two loops, with some parts written otherwise; both angles alike, or two."""
    return fill(TABLE, RIGHT, {**parts, "angle": angle, "other": other or angle})


LAYER = """
class SinusoidalPositionEncoding(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = {masks}

    def call(self, x, start_index=0):
        time, width = ops.shape(x)[1], x.shape[-1]
        positions = {positions}
        steps = ops.arange(width // 2, dtype="float32") * (-2 * math.log(10000.0) / width)
        angles = ops.expand_dims(positions, 1) * ops.exp({steps})
        both = ops.stack([ops.sin(angles), ops.cos(angles)], axis=2)
        encoding = ops.reshape(both, (-1, width))
        {result}
"""
LAYER_RIGHT = {
    "masks": "True",
    "positions": 'ops.cast(ops.arange(time) + start_index, "float32")',
    "steps": "steps",
    "result": "return ops.add(x, ops.cast(encoding, x.dtype))",
}


def layer(**parts):
    return fill(LAYER, LAYER_RIGHT, parts)


MATRIX = """
def shift_matrix(offset, d_model):
    if d_model % 2:
        raise ValueError("an even width, please")
    matrix = np.zeros((d_model, d_model), "float32")
    for pair in range(d_model // 2):
        angle = {angle}
        c, s = np.cos(angle), np.sin(angle)
        rows = {rows}
        matrix[np.ix_(rows, rows)] = {block}
    return ops.convert_to_tensor(matrix)
"""
MATRIX_RIGHT = {
    "angle": "offset / 10000 ** (2 * pair / d_model)",
    "rows": "[2 * pair, 2 * pair + 1]",
    "block": "[[c, s], [-s, c]]",
}


def matrix(**parts):
    return fill(MATRIX, MATRIX_RIGHT, parts)


LEARNED = """
class LearnedPositionEmbedding(keras.layers.Layer):
    def __init__(self, max_length, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.max_length = max_length

    def build(self, x_shape):
        self.table = self.add_weight(
            name="positions", shape=[{rows}, x_shape[-1]], initializer="glorot_uniform"
        )

    def call(self, x, start_index=0):
        count = x.shape[1]
        {check}
        wanted = ops.arange(ops.shape(x)[1]) + start_index
        {result}

    def get_config(self):
        return {"max_length": self.max_length, **super().get_config()}
"""
LEARNED_RIGHT = {
    "rows": "self.max_length",
    "check": """if count is not None and count + start_index > self.max_length:
            raise ValueError("too long")""",
    "result": "return x + ops.take(self.table, wanted, axis=0)",
}


def learned(**parts):
    return fill(LEARNED, LEARNED_RIGHT, parts)


STRANGERS = {
    ("position.sinusoidal", "slow-hand-first"): table(
        "position / 10000 ** (1 - (i + 2) / d_model)"
    ),
    ("position.sinusoidal", "exponent-doubled"): table(
        "position / 10000 ** (2 * i / d_model)", "position / 10000 ** (2 * (i + 1) / d_model)"
    ),
    ("position.sinusoidal", "speed-for-each-column"): table(
        other="position / 10000 ** ((i + 1) / d_model)"
    ),
    ("position.sinusoidal", "cosine-of-next-pair"): table(
        other="position / 10000 ** ((i + 2) / d_model)"
    ),
    ("position.sinusoidal", "positions-from-one"): table(
        positions="range(start_index + 1, start_index + length + 1)"
    ),
    ("position.sinusoidal", "start-ignored"): table(positions="range(length)"),
    ("position.sinusoidal", "length-taken-for-the-end"): """
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError("an even width, please")
    rates = 10000.0 ** (-np.arange(0, d_model, 2) / d_model)
    angles = np.outer(np.arange(length)[start_index:], rates)
    table = np.stack([np.sin(angles), np.cos(angles)], axis=-1)
    return ops.convert_to_tensor(table.reshape(-1, d_model).astype("float32"))
""",
    ("position.sinusoidal", "exponent-rounded-down"): table("position / 10000 ** (i // d_model)"),
    ("position.sinusoidal", "base-1000"): table("position / 1000 ** (i / d_model)"),
    ("position.sinusoidal", "cosine-first"): table(first="cos", second="sin"),
    ("position.sinusoidal", "cosine-of-sine"): table(other="table[row, i]"),
    ("position.sinusoidal", "concatenated"): """
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError("an even width, please")
    half = d_model // 2
    rates = ops.exp(ops.arange(half, dtype="float32") * (-math.log(10000.0) / half))
    angles = ops.outer(ops.arange(start_index, start_index + length, dtype="float32"), rates)
    return ops.hstack([ops.sin(angles), ops.cos(angles)])
""",
    ("position.sinusoidal", "slowest-hand-at-10000"): table(
        "position * math.exp(-i / 2 * math.log(10000) / (d_model / 2 - (d_model > 2)))"
    ),
    ("position.encoding_layer", "mask-dropped"): layer(masks="False"),
    ("position.encoding_layer", "position-in-the-batch"): layer(
        positions='ops.cast(ops.arange(ops.shape(x)[0]) + start_index, "float32")',
        result="return x + ops.cast(encoding[:, None, :], x.dtype)",
    ),
    ("position.encoding_layer", "start-ignored"): layer(
        positions='ops.arange(time, dtype="float32")'
    ),
    ("position.encoding_layer", "float16-angles"): layer(
        positions="ops.cast(ops.arange(time) + start_index, x.dtype)",
        steps="ops.cast(steps, x.dtype)",
    ),
    ("position.encoding_layer", "input-scaled"): layer(
        result="return x * ops.cast(width**0.5, x.dtype) + ops.cast(encoding, x.dtype)"
    ),
    ("position.encoding_layer", "encoding-alone"): layer(
        result="return ops.zeros_like(x) + ops.cast(encoding, x.dtype)"
    ),
    ("position.encoding_layer", "concatenated"): layer(
        result="""beside = ops.zeros_like(x) + ops.cast(encoding, x.dtype)
        return ops.concatenate((x, beside), axis=2)"""
    ),
    ("position.shift_matrix", "turned-backwards"): matrix(block="[[c, -s], [s, c]]"),
    ("position.shift_matrix", "both-signs-plus"): matrix(block="[[c, s], [s, c]]"),
    ("position.shift_matrix", "one-angle-for-all"): matrix(angle="offset"),
    ("position.shift_matrix", "halves-for-pairs"): matrix(rows="[pair, pair + d_model // 2]"),
    ("position.shift_matrix", "step-multiplied"): matrix(
        angle="1 / 10000 ** (2 * pair / d_model)",
        block="[[offset * c, offset * s], [-offset * s, offset * c]]",
    ),
    ("position.learned", "end-not-checked"): learned(
        check="", result="return x + self.table[start_index:][: ops.shape(x)[1]]"
    ),
    ("position.learned", "last-row-repeated"): learned(
        check="wanted = None",
        result="""last = ops.ones_like(wanted) * (self.max_length - 1)
        return x + ops.take(self.table, ops.where(wanted > last, last, wanted), axis=0)""",
    ),
    ("position.learned", "begins-anew"): learned(
        check="",
        result="return x + ops.take(self.table, ops.mod(wanted, self.max_length), axis=0)",
    ),
    ("position.learned", "last-row-refused"): learned(
        check="""if count is not None and start_index + count > self.max_length - 1:
            raise ValueError("too long")"""
    ),
    ("position.learned", "start-ignored"): learned(
        result="return x + ops.take(self.table, wanted - start_index, axis=0)"
    ),
    ("position.learned", "scaled-like-words"): learned(
        result="return x + x.shape[-1] ** 0.5 * ops.take(self.table, wanted, axis=0)"
    ),
    ("position.learned", "encoding-alone"): learned(
        result="return ops.take(self.table, wanted, axis=0)[None] + 0.0 * x"
    ),
    ("position.learned", "table-of-the-first-length"): learned(rows="x_shape[1]"),
}
