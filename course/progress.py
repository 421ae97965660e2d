"""A progress bar for whatever takes longer than a second: in a notebook and in a terminal."""

import html
import time

REDRAW = 0.1  # seconds between two drawings


class Progress:
    """Show how far some work has come; a context manager.

    label: what the work is.    total: int, number of steps.
    delay: seconds of work after which it appears; work that is done sooner shows nothing.

        with Progress("Training", total=400) as progress:
            for step in range(400):
                loss = ...
                progress.advance(note=f"loss {loss:.2f}")
    """

    def __init__(self, label, total, delay=0.0):
        self.label, self.total, self.delay = label, total, delay
        self.done, self.note = 0, ""

    def __enter__(self):
        self._start = time.perf_counter()
        self._drawn = 0.0
        self._bar = None
        self._appear()
        return self

    def advance(self, steps=1, note=""):
        """Go `steps` further. note: a few words on the state, such as the accuracy so far."""
        self.done, self.note = self.done + steps, note
        if time.perf_counter() - self._drawn > REDRAW:
            self._appear()
            if self._bar:
                self._bar.draw(self)
            self._drawn = time.perf_counter()

    def __exit__(self, *error):
        if self._bar:
            self._bar.draw(self)
            self._bar.close()

    def _appear(self):
        if self._bar is None and time.perf_counter() - self._start >= self.delay:
            self._bar = _NotebookBar(self) if in_notebook() else _TerminalBar(self)

    def __str__(self):
        seconds = time.perf_counter() - self._start
        note = f" · {self.note}" if self.note else ""
        return f"{self.label}: {self.done} of {self.total}{note} · {seconds:.1f} s"


class _NotebookBar:
    """The browser's own progress element: no widget, so that it shows in every notebook."""

    def __init__(self, progress):
        from IPython.display import display

        self.handle = display(_as_html(progress), raw=True, display_id=True)

    def draw(self, progress):
        self.handle.update(_as_html(progress), raw=True)

    def close(self):
        pass


class _TerminalBar:
    def __init__(self, progress):
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        self.bar = Bar(BarColumn(), TextColumn("{task.description}"))
        self.task = self.bar.add_task(str(progress), total=progress.total)
        self.bar.start()

    def draw(self, progress):
        self.bar.update(self.task, completed=progress.done, description=str(progress))

    def close(self):
        self.bar.stop()


def _as_html(progress):
    bar = f'<progress max="{progress.total}" value="{progress.done}"></progress>'
    return {"text/html": f"{bar} {html.escape(str(progress))}", "text/plain": str(progress)}


def in_notebook():
    """Whether this runs in a notebook, which shows more than text."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")
