#!/usr/bin/env bash
# Make .venv. A stock Debian has python3 without venv: install it when root, else say the one line to type.
set -euo pipefail
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {  # a name on the path is not yet a Python: a version manager leaves names that only say they are not installed
  for name in python3.13 python3.12 python3.11 python3; do
    command -v "$name" >/dev/null && new_enough "$name" && command -v "$name" && return
  done
  return 0
}

python=${PYTHON:-$(find_python)}
if [ -z "$python" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv >/dev/null
    python=/usr/bin/python3
  else
    echo "Python 3.11 or newer is needed. Type:  sudo apt-get install python3 python3-venv" >&2; exit 1
  fi
fi
new_enough "$python" || { echo "Python 3.11 or newer is needed; $python is: $("$python" -V 2>&1 | head -1)." >&2; exit 1; }
rm -rf .venv
if ! "$python" -m venv .venv >/dev/null 2>&1; then
  version=$("$python" -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")')
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing python3-venv …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null || \
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$version" >/dev/null
    rm -rf .venv
    "$python" -m venv .venv
  else
    rm -rf .venv
    echo "Python's venv module is missing. Type:  sudo apt-get install python3-venv" >&2; exit 1
  fi
fi
