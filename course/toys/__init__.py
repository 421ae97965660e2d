"""Small things to play with and to measure: toy trainings, and sums in plain NumPy."""
