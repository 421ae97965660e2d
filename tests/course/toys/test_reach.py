import numpy as np

from course.toys import reach


def test_a_recurrence_forgets_what_attention_still_feels():
    sizes = reach.gradient_by_distance(length=24, width=8)
    assert {name: array.shape for name, array in sizes.items()} == {
        "recurrent network": (24,),
        "LSTM": (24,),
        "attention": (24,),
    }
    lost = {name: array[-1] / array[1] for name, array in sizes.items()}
    assert lost["recurrent network"] < 1e-3
    assert lost["LSTM"] < 0.05
    assert lost["attention"] > 0.1
    np.testing.assert_array_less(0, sizes["attention"])
