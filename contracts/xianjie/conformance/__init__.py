"""Whether an agency's system keeps to the contracts: a network that is played towards it, clause by clause, and agencies to play against."""
