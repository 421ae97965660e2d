"""Lesson 03 as a student meets it: Run All, read what to do, answer, see it turn green."""

import re

import pytest

from autograder.exercises import EXERCISES, LESSONS, program_source

LESSON = "03-attention"
PATIENCE = 60_000  # ms: the kernel imports TensorFlow, and the machine may be busy
UNANSWERED = re.compile(r"attention\.\w+: not answered yet\.\n")
ANSWER = program_source(EXERCISES["attention.scale"].reference)


def open_lesson(page, address):
    page.goto(f"{address}/lab/tree/{LESSON}.ipynb")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=PATIENCE)
    page.wait_for_selector("text=/Python 3.*Idle/i", timeout=PATIENCE)


def command(page, name):
    """Choose a command from JupyterLab's palette."""
    page.keyboard.press("Control+Shift+C")
    page.locator(".lm-CommandPalette-input").fill(name)
    labels = page.locator(".lm-CommandPalette-itemLabel")
    labels.filter(has_text=re.compile(f"^{name}$")).first.click()


def cell_with(page, text):
    return page.locator(".jp-CodeCell", has_text=text).first


def said_on_stderr(page):
    """What stands under cells as stderr; JupyterLab draws the error of a failed check like it."""
    found = page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()
    return [text for text in found if text and not UNANSWERED.match(text)]


@pytest.mark.browser
def test_a_student_runs_all_answers_one_and_sees_it_turn_green(jupyterlab, page):
    open_lesson(page, jupyterlab)
    command(page, "Run All Cells")
    unanswered = page.get_by_text("not answered yet")
    last = list(LESSONS[LESSON])[-1]
    check = page.locator(".jp-CodeCell", has_text=f'check("{last.id}"').first
    for _ in range(200):  # JupyterLab draws only cells near the window, so go and look
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(150)
        if check.count() and check.get_by_text("not answered yet").count():
            break
    assert check.get_by_text("not answered yet").count()
    assert unanswered.count()
    assert said_on_stderr(page) == []

    answer = page.locator(".jp-CodeCell", has_text=re.compile(r"def scale_scores"))
    for _ in range(200):
        if answer.count():
            break
        page.mouse.wheel(0, -700)
        page.wait_for_timeout(150)
    answer.first.scroll_into_view_if_needed()
    answer.first.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(ANSWER)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    green = page.locator(".jp-CodeCell", has_text='check("attention.scale"').first
    green.get_by_text("✓").first.wait_for(timeout=PATIENCE)
