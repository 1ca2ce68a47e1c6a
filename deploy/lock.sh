#!/usr/bin/env bash
# Writes requirements.lock anew: every dependency of the two distributions, pinned with hashes. Needs `uv` on the PATH.
# deploy/docker/requirements.lock is the part of it that services need to run.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
grep -v '^  "xianjie",' pyproject.toml > "$scratch/pyproject.toml"   # our own distribution is not on any index
uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
  contracts/pyproject.toml "$scratch/pyproject.toml" --extra local --extra dev --output-file requirements.lock "$@"
uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
  contracts/pyproject.toml "$scratch/pyproject.toml" --constraint requirements.lock --output-file deploy/docker/requirements.lock
