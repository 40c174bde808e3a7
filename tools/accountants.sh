#!/usr/bin/env bash
# The tests let Debian's hledger, ledger and beancount judge the books; install them when we may, else say how.
set -euo pipefail
if ! command -v hledger >/dev/null || ! command -v ledger >/dev/null || ! command -v bean-check >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing hledger, ledger and beancount for the tests of the books …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends hledger ledger beancount >/dev/null
  else
    echo "The tests of the books need three programs. Type:  sudo apt-get install hledger ledger beancount" >&2; exit 1
  fi
fi
