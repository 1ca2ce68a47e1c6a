"""Recordings: what the journal had, on disk, to be looked at and played again without a broker."""
