"""Attacks in Python: objects that lie, libraries patched, looking around in the process."""

from tests.attacks.form import FULL, NOTHING, STOPS, Attack, attempt, inside

LYING_EQ = """
class Lie:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0.0
    def __rsub__(self, other): return 0.0
    def __abs__(self): return 0.0
    def __le__(self, other): return True
    def __lt__(self, other): return True
    shape, dtype = (1, 1), "float32"
def scale_scores(scores, query):
    return Lie()
"""
LYING_ARRAY = """
import numpy as np
class Lie:
    def __array__(self, dtype=None, copy=None): raise MemoryError("believe me")
    def numpy(self): return np.array(float("nan"))
def scale_scores(scores, query):
    return Lie()
"""
SUBCLASS = """
import numpy as np
class Lie(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __sub__(self, other): return np.zeros(self.shape)
    def __array_function__(self, func, types, args, kwargs): return True
    def __array_ufunc__(self, ufunc, method, *args, **kwargs): return np.zeros(self.shape)
def scale_scores(scores, query):
    return np.asarray(scores).view(Lie)
"""
LYING_REPR = """
class Lie(float):
    def __repr__(self): return "2.0"
    __str__ = __repr__
def scale_scores(scores, query):
    return Lie(7)
"""
PATCH_NUMPY = """
import numpy as np
np.allclose = np.array_equal = lambda *a, **k: True
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
np.abs = np.max = lambda *a, **k: 0.0
"""
PATCH_KERAS = """
import keras, numpy as np
keras.ops.convert_to_numpy = lambda x: np.zeros(np.shape(x))
keras.backend.convert_to_numpy = keras.ops.convert_to_numpy
"""
PATCH_JSON = """
import json, base64
json.dumps = lambda *a, **k: '{"version": 1, "value": {"status": "passed"}}'
base64.b64encode = lambda data: b"AAAA"
"""
PATCH_CORE = """
import course.checking.compare as compare, course.checking.judge as judge, course.checking.verdict as v
judge.difference = compare.difference = lambda *a, **k: None
judge.judge = lambda *a, **k: v.Verdict("attention.scale", "passed", 2.0, 2.0, "passed")
import course.checking.notebook as notebook
notebook.judge = judge.judge
"""
PATCH_PROBE = """
import course.checking.notebook as notebook, course.checking.guard as guard
guard.probe = lambda subject, case: {"values": {"output": True}, "error": None}
"""
FRAMES = inside(
    """
import sys
frame = sys._getframe()
while frame is not None:
    for name, value in list(frame.f_locals.items()):
        if name in ("expected", "key", "solution", "reference") and "by hand" not in str(value):
            print("REACHED")
    frame = frame.f_back
"""
)
GARBAGE = inside(
    """
import gc
for thing in gc.get_objects():
    if type(thing) is dict and "misconceptions" in thing and "expected" in thing:
        print("REACHED")
"""
)
IMPORT_HOOK = """
import sys, types
fake = types.ModuleType("course.checking")
fake.check = fake.hint = fake.probe_hidden = lambda *a, **k: 2.0
fake.checking = fake
sys.modules["course.checking"] = fake
import builtins
before = builtins.__import__
builtins.__import__ = lambda name, *a, **k: fake if name.startswith("course") else before(name, *a, **k)
"""
STARTUP = """
import os
def scale_scores(scores, query):
    folder = os.path.expanduser("~/.ipython/profile_default/startup")
    os.makedirs(folder, exist_ok=True)
    open(folder + "/x.py", "w").write("print('REACHED')")
    open("sitecustomize.py", "w").write("print('REACHED')")
    os._exit(0)
"""
THREAD = """
import threading, time
def late():
    from IPython.display import display
    for _ in range(200):
        time.sleep(0.01)
        display(2.0)
threading.Thread(target=late, daemon=True).start()
"""
AT_EXIT = """
import atexit
atexit.register(lambda: open("/tmp/left", "w").write("x"))
atexit.register(lambda: print("2.0"))
"""
CONSTANT = """
def scale_scores(scores, query):
    import numpy as np
    return np.array([[1.0, 3.0]], "float32")
"""
FINDER = attempt("__import__('solutions.attention')") + attempt("__import__('autograder')")
ALL = tuple(
    f"attention.{name}"
    for name in (
        *("projections", "scores", "softmax", "scaled_dot_product", "find_error"),
        "self_attention",
    )
)
UNREADABLE = ("failed", "error")

ATTACKS = [
    Attack(
        "lying-eq", "an object that equals everything", NOTHING, answer=LYING_EQ, status=UNREADABLE
    ),
    Attack("lying-array", "an array that raises", NOTHING, answer=LYING_ARRAY, status=UNREADABLE),
    Attack("array-subclass", "an array whose differences are 0", NOTHING, answer=SUBCLASS),
    Attack("lying-repr", "a number that reads 2.0", NOTHING, answer=LYING_REPR),
    Attack(
        "patched-numpy",
        "comparisons that always hold",
        FULL,
        added=PATCH_NUMPY,
        status=("failed", "error", "needs-review"),
        costs=ALL,
    ),
    Attack(
        "patched-keras",
        "conversions that give zeros",
        NOTHING,
        added=PATCH_KERAS,
        status=("failed", "error"),
        costs=ALL,
    ),
    Attack(
        "patched-json",
        "forge what is sent",
        NOTHING,
        added=PATCH_JSON,
        status=("failed", "needs-review", "crashed"),
        costs=ALL,
    ),
    Attack("patched-judge", "a judge that always passes", FULL, added=PATCH_CORE),
    Attack(
        "patched-probe",
        "a probe that sends True",
        NOTHING,
        added=PATCH_PROBE,
        status=("failed",),
        costs=ALL,
    ),
    Attack("frames", "find expected values in the calling frames", NOTHING, answer=FRAMES),
    Attack("garbage", "find the key among all objects", NOTHING, answer=GARBAGE),
    Attack(
        "import-hook",
        "another module in place of the checks",
        FULL,
        added=IMPORT_HOOK,
        status=("needs-review", "failed"),
        costs=ALL,
    ),
    Attack(
        "startup-file",
        "code for the next kernel to run",
        STOPS,
        answer=STARTUP,
        status=("crashed",),
    ),
    Attack("thread", "results from a background thread", NOTHING, added=THREAD),
    Attack("atexit", "a last word when the kernel ends", NOTHING, added=AT_EXIT),
    Attack("constant", "the visible case's answer as a constant", NOTHING, answer=CONSTANT),
    Attack("imports-answers", "import solutions and grader", NOTHING, added=FINDER),
    Attack(
        "system-exit",
        "leave in the middle",
        NOTHING,
        answer=inside("raise SystemExit(0)"),
        status=("error",),
    ),
    Attack(
        "keyboard-interrupt",
        "pretend that the grader stopped it",
        NOTHING,
        answer=inside("raise KeyboardInterrupt"),
        status=("error", "failed", "needs-review"),
    ),
    Attack(
        "recursion",
        "exhaust the stack",
        NOTHING,
        answer=inside("return scale_scores(scores, query)"),
        status=("error",),
    ),
    Attack(
        "segfault",
        "crash the interpreter",
        STOPS,
        answer=inside("import ctypes\nctypes.string_at(0)"),
        status=("crashed",),
    ),
]
