#!/usr/bin/env bash
# Other people's players speak OpenSubsonic to us, and our checker to a server of theirs. Python's go into var/subsonic, Mopidy comes from Debian
# and its Subidy goes beside it into var/subidy (Debian's Python runs both). The npm player is among the packages of package.json.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
if ! cmp -s requirements/subsonic.txt var/subsonic/installed.txt; then
  echo "Installing other people's music players and a server of theirs (half a minute, once) …"
  mkdir -p var
  "$python" -m venv --clear var/subsonic
  var/subsonic/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/subsonic.txt
  cp requirements/subsonic.txt var/subsonic/installed.txt
fi
if ! cmp -s requirements/subidy.txt var/subidy/installed.txt; then
  rm -rf var/subidy
  "$python" -m pip install -q --disable-pip-version-check --no-deps --require-hashes --target var/subidy -r requirements/subidy.txt
  cp requirements/subidy.txt var/subidy/installed.txt
fi
if ! command -v mopidy >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Mopidy …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mopidy >/dev/null
  else
    echo "The tests with Mopidy need it. Type:  sudo apt-get install mopidy   (they skip without it)" >&2
  fi
fi
