#!/usr/bin/env bash
# Put this checkout itself on the path of .venv, and the program `madang` beside its python. No build tool needed.
set -euo pipefail
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
rm -f "$site"/__editable__*madang* && rm -rf "$site"/madang-*.dist-info
pwd > "$site/madang.pth"
cat > .venv/bin/madang <<EOF
#!$(pwd)/.venv/bin/python
import sys
from madang.cli import main
sys.exit(main())
EOF
chmod +x .venv/bin/madang
