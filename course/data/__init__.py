"""Texts and tasks that the lessons train on: seeded, offline, and split so that nothing leaks."""
