"""Builds the site of the contracts: `python contracts/site/build.py [FOLDER]`, by default into build/docs of the checkout."""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # contracts/table.py, which knows the scenarios

from handbook.diagrams import CannotDraw  # noqa: E402
from handbook.site import Site  # noqa: E402

FOLDER = HERE.parents[1] / "build/docs"


def main() -> None:
    """Write every file anew, and take away what was there before; say how many pages there are."""
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else FOLDER
    if folder.exists() and any(folder.iterdir()) and not (folder / "search-index.js").exists():
        raise SystemExit(f"{folder} holds something else than this site: name another folder, or empty it")
    try:
        files = Site().files()
    except CannotDraw as fault:
        raise SystemExit(str(fault)) from None
    shutil.rmtree(folder, ignore_errors=True)
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    pages = sum(name.endswith(".html") for name in files)
    print(
        f"{folder}: {pages} pages, {len(files)} files, {sum(map(len, files.values())) / 1e6:.1f} MB; open {folder / 'index.html'}"
    )


if __name__ == "__main__":
    main()
