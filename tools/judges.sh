#!/usr/bin/env bash
# Other people's counting programs judge ours: install them into var/judges, a place of their own (requirements/judges.in says why).
set -euo pipefail
cd "$(dirname "$0")/.."
judges=var/judges
if ! cmp -s requirements/judges.txt "$judges/installed.txt"; then
  echo "Installing the programs that judge the counting (a minute or two, once) …"
  mkdir -p var
  "${PYTHON:-.venv/bin/python}" -m venv --clear "$judges"
  "$judges/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements/judges.txt
  cp requirements/judges.txt "$judges/installed.txt"
fi
