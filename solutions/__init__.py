"""Reference answers, one module a lesson: read in order, they build a Transformer."""
