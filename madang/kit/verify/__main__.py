"""``python -m madang.kit.verify DIR``."""

from madang.kit.verify import main

raise SystemExit(main())
