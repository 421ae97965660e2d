"""What a process does while it waits to become a kernel: it checks two answers of its own.

The first run of each operation in a process takes many times as long as the later ones, and checks
are what most of a notebook's time goes into. Nothing of this is seen afterwards: names and seeds of
Keras start anew.
"""

OF_A_LAYER = ("output", "weights", "gradients", "config", "any length")
OF_A_FUNCTION = ("output", "input gradient")


def steps():
    """Run one case before each `yield True`; end as if nothing had been.

    What fails here is left to fail again where it is seen.
    """
    import keras  # not above: the server that only tries the locks needs none of it
    import numpy as np

    try:
        yield from _checks(keras, np.linspace(0.1, 1, 24, dtype="float32").reshape(2, 3, 4))
    except Exception:
        pass
    finally:
        keras.backend.clear_session()


def _checks(keras, x):
    from course.checking.case import Call, Case
    from course.checking.guard import probe_guarded
    from course.checking.values import pack, unpack

    for subject, construct, observations in (
        (keras.layers.Dense, {"units": 4}, OF_A_LAYER),
        (keras.ops.softmax, {}, OF_A_FUNCTION),
    ):
        for observation in observations:
            case = Case("", (Call([x], observe=(observation,)),), construct=construct)
            unpack(pack(probe_guarded(subject, case, {"softmax": ""})))
            yield True
