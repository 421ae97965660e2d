"""The demo: a class of right, wrong and hostile notebooks through stock nbgrader."""

from autograder.demo.run import run

__all__ = ["run"]
