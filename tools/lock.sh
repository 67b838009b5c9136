#!/usr/bin/env bash
# Write requirements.lock and requirements-checks.lock: every package with the hashes of all files
# of its release, and no registry address. Run by `make lock`; the argument is a Python 3.11.
set -euo pipefail
cd "$(dirname "$0")/.."
python="$1"
tools=.venv-lock
[ -x "$tools/bin/pip-compile" ] || {
  "$python" -m venv "$tools"
  "$tools/bin/pip" install -q --disable-pip-version-check "pip-tools==7.6.2"
}
note="# Every package, with the hashes of all files of its release. Made by 'make lock'; do not edit."
compile() { # file, then further options
  local file="$1"
  shift
  "$tools/bin/pip-compile" -q --generate-hashes --strip-extras --no-header --no-annotate \
    --no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
    --output-file "$tools/$file" "$@" pyproject.toml
  if grep -nE '://|^--(index|extra|find|trusted)' "$tools/$file"; then
    echo "Not locked. $file would name a registry, above. Look at your pip configuration." >&2
    exit 1
  fi
  { echo "$note"; cat "$tools/$file"; } >"$file"
}
compile requirements.lock --build-deps-for editable --build-deps-for wheel
compile requirements-extras.lock --extra osm --extra sso --build-deps-for editable \
  --build-deps-for wheel --constraint requirements.lock
compile requirements-checks.lock --extra checks --extra osm --extra sso --build-deps-for editable --build-deps-for wheel \
  --constraint requirements.lock
