"""What an instructor runs: exercises, the weaver, and grading by nbgrader."""
