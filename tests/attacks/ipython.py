"""Attacks on IPython: what it does to source before it runs, and to results afterwards."""

from tests.attacks.form import FULL, NOTHING, STOPS, Attack

TRANSFORMER = """
def hook(lines):
    return ["2.0\\n"] if any("probe_hidden" in line or "check(" in line for line in lines) else lines
get_ipython().input_transformers_cleanup.append(hook)
"""
AST = """
import ast
class Hook(ast.NodeTransformer):
    def visit_Expr(self, node):
        if "scale_scores" in ast.dump(node):
            return ast.copy_location(ast.Expr(ast.Constant(2.0)), node)
        return node
get_ipython().ast_transformers.append(Hook())
"""
READ_CELL = """
def hook(info):
    if "expected" in info.raw_cell or "solution" in info.raw_cell:
        print("REACHED")
get_ipython().events.register("pre_run_cell", hook)
"""
UNPACK = """
def hook(info):
    import base64, re
    from course.checking.values import unpack
    for text in re.findall(r'"([A-Za-z0-9+/=]{200,})"', info.raw_cell):
        if "expected" in str(unpack(base64.b64decode(text))):
            print("REACHED")
get_ipython().events.register("pre_run_cell", hook)
"""
REBIND = """
import keras
def right(scores, query):
    return scores
def hook(info):
    get_ipython().user_ns["scale_scores"] = get_ipython().user_ns.get("softmax", right)
get_ipython().events.register("pre_run_cell", hook)
"""
AFTERWARDS = """
def hook(result):
    from IPython.display import display
    display(2.0)
get_ipython().events.register("post_run_cell", hook)
"""
DISPLAYHOOK = """
shell = get_ipython()
def write(self, format_dict, md_dict=None):
    format_dict["text/plain"] = "2.0"
type(shell.displayhook).write_format_data = write
"""
FORMATTER = """
plain = get_ipython().display_formatter.formatters["text/plain"]
for kind in (float, int, type(None), str):
    plain.for_type(kind, lambda x, p, cycle: p.text("2.0"))
"""
RUN_CELL = """
shell = get_ipython()
async def run_cell_async(raw_cell, *args, **kwargs):
    from IPython.core.interactiveshell import ExecutionResult
    shell.execution_count += 1
    result = ExecutionResult(None)
    result.result = 2.0
    return result
if True:
    shell.run_cell_async = run_cell_async
"""
PUBLISHER = """
publisher = get_ipython().display_pub
before = publisher.publish
def publish(data, *args, **kwargs):
    before({name: value if len(str(value)) < 99 else "2.0" for name, value in data.items()}, *args)
publisher.publish = publish
"""
NAMESPACE = """
class Names(dict):
    def __getitem__(self, name):
        return (lambda *a, **k: 2.0) if name == "probe_hidden" else dict.__getitem__(self, name)
get_ipython().user_ns = Names(get_ipython().user_ns)
"""
RESET = "def scale_scores(scores, query):\n    get_ipython().run_line_magic('reset', '-f')\n    return scores\n"
SHUTDOWN = (
    "def scale_scores(scores, query):\n    get_ipython().kernel.do_shutdown(False)\n"
    "    import os; os.kill(os.getpid(), 15)\n    return scores\n"
)
EVERYTHING = tuple(
    f"attention.{name}"
    for name in (
        *("projections", "scores", "softmax", "scaled_dot_product", "find_error"),
        "self_attention",
    )
)

ATTACKS = [
    Attack(
        "input-transformer",
        "rewrite the check cell before it runs",
        FULL,
        added=TRANSFORMER,
        status=("needs-review", "failed"),
        costs=EVERYTHING,
    ),
    Attack(
        "ast-transformer",
        "rewrite its syntax tree",
        FULL,
        added=AST,
        status=("needs-review", "failed"),
        costs=EVERYTHING,
    ),
    Attack(
        "reads-the-check", "read hidden cases or answers from the cell", NOTHING, added=READ_CELL
    ),
    Attack("unpacks-the-cases", "find expected values among the cases", NOTHING, added=UNPACK),
    Attack(
        "rebinds-at-the-check",
        "put another function in place before the check",
        NOTHING,
        added=REBIND,
        status=("failed", "error"),
        costs=EVERYTHING,
    ),
    Attack("result-afterwards", "show 2.0 behind the verdict", NOTHING, added=AFTERWARDS),
    Attack("displayhook", "have every result read 2.0", NOTHING, added=DISPLAYHOOK),
    Attack("formatter", "format everything as 2.0", NOTHING, added=FORMATTER),
    Attack(
        "run-cell",
        "replace the method that runs cells",
        FULL,
        added=RUN_CELL,
        status=("needs-review", "failed"),
        costs=EVERYTHING,
    ),
    Attack(
        "publisher",
        "change what the probe publishes",
        NOTHING,
        added=PUBLISHER,
        status=("needs-review",),
        costs=EVERYTHING,
    ),
    Attack(
        "namespace",
        "swap the names that the check cell sees",
        NOTHING,
        added=NAMESPACE,
        status=("failed", "error", "needs-review"),
        costs=EVERYTHING,
    ),
    Attack(
        "reset-magic",
        "lose all names in the middle of a check",
        NOTHING,
        answer=RESET,
        costs=EVERYTHING,
    ),
    Attack(
        "kernel-shutdown",
        "end the kernel in good order",
        STOPS,
        answer=SHUTDOWN,
        status=("crashed", "error", "failed"),
        costs=EVERYTHING,
    ),
]
