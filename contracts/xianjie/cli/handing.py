"""Passwords of bodies: where a new one comes from, and how it is handed out once. Never from the command line's words, never into a log."""

import re
import secrets
import stat
import sys
from pathlib import Path
from typing import Annotated

import typer

from xianjie.cli.showing import Fault
from xianjie.whole import write_whole

FORM = re.compile(r"[A-Za-z0-9_-]{16,200}")
"""What every part of the network takes as a password, and what no address has to escape."""
RANDOM_BYTES = 24

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Where the password goes, for you alone to read; else it is printed, once."),
]
Given = Annotated[
    Path | None,
    typer.Option(
        "--password-file", metavar="FILE", help="A password of your own, in a file for you alone; - for standard input."
    ),
]


def new_password(given: Path | None) -> str:
    """A strong one, or that of the file; a Fault if it is weak, or if others may read the file."""
    if given is None:
        return secrets.token_urlsafe(RANDOM_BYTES)
    text = sys.stdin.readline().strip() if str(given) == "-" else _read(given)
    if not FORM.fullmatch(text):
        raise Fault("the password must be 16 to 200 of A-Z, a-z, 0-9, _ and -; without --password-file a strong one is made", 2)
    return text


def _read(file: Path) -> str:
    try:
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Fault(f"--password-file {file}: others may read it; chmod 600 {file}, and take another password", 2)
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise Fault(f"--password-file {file}: {getattr(fault, 'strerror', None) or 'is no text'}", 2) from None


def keep(password: str, out: Path | None) -> None:
    """Before anything is changed: a password that is in force and that nobody knows helps nobody. A file that is there is not overwritten."""
    if out is None:
        return
    if out.exists():
        raise Fault(f"--out {out}: is there already; name another file", 2)
    try:
        write_whole(out, password + "\n")
    except OSError as fault:
        raise Fault(f"--out {out}: {fault.strerror}", 2) from None


def hand_out(password: str, out: Path | None) -> str:
    """What is to be said of it: where it is, or the password itself, this once."""
    return f"password: in {out} (mode 0600)" if out else f"password: {password}  (said this once; keep it)"
