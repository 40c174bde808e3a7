#!/usr/bin/env bash
# The browser tests drive Debian's Chromium; install it (and a Korean font) when we may, else say how.
set -euo pipefail
if ! command -v chromium >/dev/null || ! ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium and a Korean font for the browser tests …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null
  else
    echo "The browser tests need Chromium. Type:  sudo apt-get install chromium fonts-noto-cjk" >&2; exit 1
  fi
fi
