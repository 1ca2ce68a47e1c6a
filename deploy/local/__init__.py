"""The network's broker and database on this machine: private, on loopback, everything they write under one folder."""
