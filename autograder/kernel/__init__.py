"""Warm kernels in a sandbox: the code of a submission runs here, quickly, and nothing gets out."""
