"""Playing published cases against the live network, in an exercise, on its own clock."""
