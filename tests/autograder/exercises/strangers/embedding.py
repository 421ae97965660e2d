"""Lesson 01: its mistakes in other people's words."""

STRANGERS = {}
