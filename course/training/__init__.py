"""Train a Transformer on a task, watch what it can do by itself, and keep what it learned."""
