"""The tables of an agency's file, and how an older file becomes a newer one."""

MARK = 0x584A4F31
"""What SQLite calls the application id: by it a file is known as one of ours."""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE said (
            n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, "case" TEXT NOT NULL, type TEXT NOT NULL,
            exchange TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, digest BLOB NOT NULL, at REAL NOT NULL,
            state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'aside', 'dropped')),
            code TEXT, why TEXT, sent REAL, status INTEGER, receipt BLOB)""",
        "CREATE INDEX said_waiting ON said (n) WHERE state = 'waiting'",
        "CREATE INDEX said_aside ON said (n) WHERE state = 'aside'",
        "CREATE INDEX said_unanswered ON said (sent) WHERE state = 'sent' AND status IS NULL",
        """CREATE TABLE heard (
            n INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, id TEXT NOT NULL, "case" TEXT NOT NULL, type TEXT NOT NULL,
            body BLOB NOT NULL, at REAL NOT NULL,
            state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'aside')),
            tries INTEGER NOT NULL DEFAULT 0, hold REAL NOT NULL DEFAULT 0, first REAL, life TEXT NOT NULL DEFAULT '', why TEXT,
            UNIQUE (source, id))""",
        "CREATE INDEX heard_waiting ON heard (n) WHERE state = 'waiting'",
        """CREATE INDEX heard_open ON heard ("case", n) WHERE state <> 'done'""",
    ),
)
"""For each version, counted from 1, the statements that lead to it from the one before."""
