"""Django's own commands, for developers: `.venv/bin/python manage.py makemigrations <app>`. Everyone else uses `madang`."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    if "DATABASE_URL" not in os.environ:
        from madang.site import postgres

        data = Path(os.environ.setdefault("MADANG_DATA", str(Path(__file__).parent / "var" / "dev")))
        os.environ["DATABASE_URL"] = postgres.ensure(data)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
