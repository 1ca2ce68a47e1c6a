"""The cases of a batch: their ids follow from the batch, so that everybody can name them before they are opened."""

from uuid import UUID, uuid5

CHILDREN = UUID("5f0c8a1e-6a52-5d0b-9a57-2f3f6f1f7c10")
"""The name space of the ids of cases in batches."""


def child_of(parent: str, place: int) -> str:
    """The id of the case at `place` (from 1) of a batch: always the same for the same batch."""
    return str(uuid5(CHILDREN, f"{parent}/{place}"))
