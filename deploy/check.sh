#!/usr/bin/env bash
# Style, types, who may import whom, dependencies, the compose file. Every check runs; the first failure decides the exit status.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=0
run() {
  printf '%-28s' "$1"; shift
  if said=$("$@" 2>&1); then echo ok; else echo "FAILED"; echo "$said"; failed=1; fi
}
run "style (ruff)" $bin/ruff check --quiet .
run "format (ruff)" $bin/ruff format --check --quiet .
run "types (mypy, strict)" $bin/mypy
run "imports (import-linter)" $bin/lint-imports
run "dependencies (deptry)" $bin/deptry .
run "of the contracts (deptry)" bash -c "cd contracts && ../$bin/deptry ."
run "time limits (xianjie rules)" $bin/xianjie rules check
run "contracts (published)" $bin/python contracts/publish.py --check
run "contracts (gate)" $bin/xianjie contracts diff
run "contracts (changelog)" $bin/python contracts/release.py --check
[ -f docker-compose.yml ] && run "compose (schema)" $bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
exit $failed
