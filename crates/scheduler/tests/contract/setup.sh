#!/bin/sh
# Installs the official QStash SDKs that the contract tests use: npm's beside this file and in
# examples/hono, Python's in target/contract/venv. The only step that needs the package registries.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../../../.." && pwd)
venv=${CARGO_TARGET_DIR:-$root/target}/contract/venv
(cd "$here" && npm ci)
(cd "$here/../../examples/hono" && npm ci)
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
