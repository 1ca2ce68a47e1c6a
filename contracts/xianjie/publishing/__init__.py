"""What is published for those who join by contract alone: schemas, an AsyncAPI document, the protocol. `contracts/publish.py` writes it."""
