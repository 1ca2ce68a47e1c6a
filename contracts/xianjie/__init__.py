"""Xianjie: what agencies and services say to one another when they hand over an intellectual property case."""

__version__ = "0.1.0"
