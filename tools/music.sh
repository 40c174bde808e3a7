#!/usr/bin/env bash
# Real, freely licensed music for the demo and the tests, and the programs that judge what we read in it. Nothing of it is ever committed.
set -euo pipefail
wanted=(singularity-music hyperrogue-music asc-music loudgain ffmpeg)
missing=()
for name in "${wanted[@]}"; do dpkg -s "$name" >/dev/null 2>&1 || missing+=("$name"); done
[ ${#missing[@]} = 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing music and its judges: ${missing[*]} …"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "Some tests need them. Type:  sudo apt-get install ${missing[*]}   (those tests skip without them)" >&2
fi
