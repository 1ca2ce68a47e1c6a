#!/usr/bin/env bash
# Makes this checkout ready to run: .venv/ with everything in requirements.lock, and RabbitMQ on the machine.
# Cheap when nothing changed. PYTHON names another interpreter; AMQP_URI a broker elsewhere, and then none is installed.
# `deploy/bootstrap.sh browser` installs Chromium, which only the tests of the documentation site need; CHROMIUM names another one.
set -euo pipefail
cd "$(dirname "$0")/.."

rabbitmq=${XIANJIE_RABBITMQ:-/usr/lib/rabbitmq/bin}/rabbitmq-server
stamp=.venv/.ready

say() { echo "setup: $*" >&2; }
stop() { say "$*"; exit 1; }

# What .venv/ is made of; it holds absolute paths, so a checkout that was moved needs a new one.
wanted() {
  pwd
  sha256sum requirements.lock pyproject.toml contracts/pyproject.toml
}

ready() { [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(wanted)" ]; }

broker_is_there() { [ -n "${AMQP_URI:-}" ] || [ -x "$rabbitmq" ]; }

quietly() { # runs a command; shows what it said only when it fails
  local said
  if ! said=$("$@" 2>&1); then
    echo "$said" | tail -n 30 >&2
    return 1
  fi
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if is_new_enough "$candidate"; then echo "$candidate"; return; fi
  done
  stop "no Python 3.11 or later found (tried ${PYTHON:-python3.13 python3.12 python3.11 python3}). Install one:
    sudo apt-get install python3 python3-venv"
}

as_root() { # prints what must stand before a command to run it as root; fails when that needs a password
  if [ "$(id -u)" = 0 ]; then return; fi
  sudo -n true 2>/dev/null && echo "sudo -n"
}

apt_install() {
  local root install
  command -v apt-get >/dev/null || stop "$1 is missing, and this system has no apt-get: install it yourself"
  root=$(as_root) || stop "$1 is missing. Install it, then run this again:
    sudo apt-get install --no-install-recommends $1"
  say "installing $1"
  # $root is nothing or two words
  install="$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-upgrade --no-install-recommends $1"
  $install >/dev/null 2>&1 && return
  quietly $root apt-get update -qq || say "apt-get update failed; trying to install all the same"
  quietly $install || stop "apt-get could not install $1 (its words are above)"
}

install_broker() { # the package would start a broker of its own, open to the network; a policy forbids that meanwhile
  local root policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ] && root=$(as_root); then
    trap "$root rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' | $root tee $policy >/dev/null
    $root chmod 755 $policy
  fi
  apt_install rabbitmq-server
  broker_is_there || stop "rabbitmq-server is installed, but not at $rabbitmq: point XIANJIE_RABBITMQ to its folder"
}

make_venv() {
  local python=$1
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then apt_install python3-venv; fi
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "$python has no venv module, and python3-venv is for another Python: install its venv package, or set PYTHON"
  say "making .venv with $("$python" --version)"
  rm -rf .venv
  quietly "$python" -m venv .venv || stop "could not make .venv"
}

fill_venv() {
  say "installing what requirements.lock names (a minute or two the first time)"
  local pip=(.venv/bin/python -m pip --quiet --disable-pip-version-check install)
  quietly "${pip[@]}" --require-hashes -r requirements.lock || stop "pip could not install requirements.lock"
  quietly "${pip[@]}" --no-deps --no-build-isolation -e contracts -e . || stop "pip could not install this checkout"
  wanted > "$stamp"
}

browser_is_there() {
  local name
  [ -n "${CHROMIUM:-}" ] && return
  for name in chromium chromium-browser google-chrome-stable google-chrome; do command -v $name >/dev/null && return; done
  return 1
}

if [ "${1:-}" = browser ]; then # where it cannot be installed, its tests alone fail, and say the same
  browser_is_there || (apt_install chromium) || true
  exit 0
fi

ready && broker_is_there && exit 0

exec 9< deploy/bootstrap.sh # one at a time
flock -n 9 || { say "another setup of this checkout is running; waiting for it"; flock 9; }

if ! ready; then
  if [ ! -w . ] || { [ -e .venv ] && [ ! -w .venv ]; }; then
    stop "$(id -un) may not write to $PWD or its .venv: run this as $(stat -c %U .), or in a checkout of your own"
  fi
  moved=$([ ! -e "$stamp" ] || [ "$(head -n 1 "$stamp")" = "$PWD" ] || echo yes)
  if [ -n "$moved" ] || ! is_new_enough .venv/bin/python; then
    python=$(find_python)
    make_venv "$python"
  fi
  fill_venv
fi
broker_is_there || install_broker
say "ready"
