"""Grading by stock nbgrader: rebuild a submission, execute it, judge it outside its kernel.

Everything here is put in place by `settings.configure`, in a class's `nbgrader_config.py`.
"""
