"""What the models of the course learn from: all of it seeded, offline, and split by content."""
