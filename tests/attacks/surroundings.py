"""Attacks on what is around the kernel: files, processes, resources, the network; and spying."""

from autograder.exercises import LESSONS
from tests.attacks.form import HARMFUL, NOTHING, REACHED, STOPS, WRONG, Attack, attempt, inside


def _reads(path, word=""):
    return attempt(f"{word!r} in open({path!r}, errors='replace').read()")


def _links(folder):
    (folder / "link").symlink_to(folder.parents[2] / "gradebook.db")
    (folder / "up").symlink_to(folder.parents[1])
    (folder / "data").mkdir()
    (folder / "data" / "seed").symlink_to(folder.parents[2] / "class_seed")


def _strange_names(folder):
    for name in ("..%2f..%2fx", "a\nb", "-rf", "solutions.py", "keras.py", "sitecustomize.py"):
        (folder / name).write_text("print('REACHED')\nraise SystemExit")


LINKS = "".join(
    attempt(f"open('{name}', 'rb').read() is not None") for name in ("link", "data/seed")
) + attempt("__import__('os').listdir('up')")
WRITES = "".join(
    attempt(f"open('@FOLDER@/{name}', 'a').write('x')")
    for name in ("gradebook.db", "left.txt", "autograded/left.txt", "nbgrader_config.py")
)
KEYS = "open(__import__('glob').glob('@FOLDER@/keys/*.npz')[0], 'rb').read()"
SQL = attempt(
    "__import__('sqlite3').connect('@FOLDER@/gradebook.db').execute('update grade set auto_score=2')"
)
TRAVERSAL = "".join(
    attempt(f"open('{'../' * n}left.txt', 'w').write('x') and {n} > 3") for n in (4, 6)
)
NETWORK = {
    "tcp": "__import__('socket').create_connection(('127.0.0.1', @TCP@), 2).send(b'x')",
    "udp": "__import__('socket').socket(type=2).sendto(b'x', ('127.0.0.1', @UDP@))",
    "dns": "__import__('socket').getaddrinfo('localhost.example.com', 80)",
    "unix-socket": "__import__('socket').socket(1).connect('@FOLDER@/s') is None",
    "abstract-socket": "__import__('socket').socket(1).connect('\\\\0@ABSTRACT@') is None",
    "http": "__import__('urllib.request').request.urlopen('http://127.0.0.1:@TCP@', timeout=2)",
}
FORKS = """
import ctypes, os, time
def scale_scores(scores, query):
    while True:
        if ctypes.CDLL(None).fork() == 0:
            time.sleep(30)
            os._exit(0)
"""
MEMORY = inside("import numpy as np\nkept = []\nwhile True:\n    kept.append(np.ones(1 << 25))")
DISK = inside("with open('/tmp/x', 'wb') as f:\n    while True:\n        f.write(bytes(1 << 22))")
FLOOD = inside("for n in range(400):\n    print('x' * 100_000)")
STUBBORN = inside(
    "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
)
IGNORES = inside(
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nsignal.signal(15, signal.SIG_IGN)\n"
    "while True:\n    pass"
)
SLEEPS = inside("import time\ntime.sleep(1000)")
DAEMON = "import subprocess\nsubprocess.Popen(['sleep', '4242'], start_new_session=True)\n"
KILLS = (
    "import os, signal\nfor process in (os.getppid(), @PROCESS@, -1):\n    try:\n"
    "        os.kill(process, 0 if process == -1 else signal.SIGTERM)\n"
    "    except OSError as error:\n        print(type(error).__name__)\n"
)
THREADS = inside(
    "import threading, time\nfor n in range(5000):\n"
    "    threading.Thread(target=time.sleep, args=(20,), daemon=True).start()"
)
SIGNS = {
    "environment": "any(w in str(__import__('os').environ).lower() for w in "
    "('nbgrader', 'grade', 'submi', 'student'))",
    "arguments": "any(w in str(__import__('sys').argv).lower() for w in ('nbgrader', 'grade'))",
    "folder": "any(w in __import__('os').getcwd().lower() for w in ('autograded', 'submi', 'grade'))",
    "modules": "any(w.split('.')[0] in ('nbgrader', 'autograder') for w in __import__('sys').modules)",
}
STOCK_SIGNS = {"environment": REACHED, "arguments": NOTHING, "folder": REACHED, "modules": NOTHING}

LATER = tuple(e.id for e in LESSONS["03-attention"])  # its threads go on in its own kernel
ATTACKS = [
    Attack("reads-solutions", "read the reference", REACHED, added=_reads("@REPOSITORY@/solutions/attention.py")),
    Attack("reads-mistakes", "read the grader", REACHED, added=_reads("@REPOSITORY@/autograder/keys.py")),
    Attack("reads-seed", "read the class's seed", REACHED, added=_reads("@FOLDER@/class_seed")),
    Attack("reads-keys", "read the hidden values", REACHED, added=attempt(KEYS)),
    Attack("reads-gradebook", "read the gradebook", REACHED, added=_reads("@FOLDER@/gradebook.db")),
    Attack("reads-source", "read the instructor's notebook", REACHED,
           added=_reads("@FOLDER@/source/@LESSON@/@LESSON@.ipynb")),
    Attack("reads-neighbour", "read another submission", REACHED,
           added=_reads("@FOLDER@/submitted/honest-first/@LESSON@/@LESSON@.ipynb")),
    Attack("reads-secret", "read a file of the instructor's", REACHED, added=_reads("@FOLDER@/secret")),
    Attack("links", "have links followed to the gradebook", REACHED, added=LINKS, files=_links),
    Attack("strange-names", "files that shadow modules", NOTHING, files=_strange_names),
    Attack("writes", "write beside the gradebook", REACHED, added=WRITES),
    Attack("sql", "give everybody points", REACHED, added=SQL),
    Attack("traversal", "write above its own folder", REACHED, added=TRAVERSAL),
    *(
        Attack(name, f"reach out by {name}", NOTHING if name == "dns" else REACHED, added=attempt(code))
        for name, code in NETWORK.items()
    ),
    Attack("fork-bomb", "fill the machine with processes", HARMFUL, answer=FORKS, status=("error", "crashed", "timeout")),
    Attack("memory-bomb", "fill the memory", HARMFUL, answer=MEMORY, status=("error", "crashed")),
    Attack("disk-bomb", "fill the disk", HARMFUL, answer=DISK, status=("error",)),
    Attack("output-flood", "40 MB of text from each case", NOTHING, answer=FLOOD, status=("failed", "timeout")),
    Attack("stubborn-loop", "a loop that swallows the interrupt", STOPS, answer=STUBBORN, status=("timeout",)),
    Attack("ignored-signals", "ignore the interrupt", STOPS, answer=IGNORES, status=("timeout",)),
    Attack("sleeps", "sleep for ever", NOTHING, answer=SLEEPS, status=("timeout",)),
    Attack("daemon", "leave a process behind", REACHED, answer=DAEMON + WRONG),
    Attack("kills", "kill the grader", HARMFUL, added=KILLS, status=("failed", "crashed")),
    Attack("threads", "five thousand threads", HARMFUL, answer=THREADS, costs=LATER, status=("error", "crashed", "failed")),
    *(
        Attack(f"sign-{name}", f"see by the {name} that it is graded", STOCK_SIGNS[name], added=attempt(code))
        for name, code in SIGNS.items()
    ),
]  # fmt: skip
