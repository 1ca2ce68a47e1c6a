"""The protocols of case, leg and proceeding as data: who may say what when, and what follows. Services enforce them."""
