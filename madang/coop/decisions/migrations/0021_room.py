"""Who has left the room casts no more. The functions of ``sql/guard.sql`` are made anew."""

import re
from pathlib import Path

from django.db import migrations, models

GUARD = (Path(__file__).resolve().parent.parent / "sql" / "guard.sql").read_text()
FUNCTIONS = "\n".join(re.findall(r"CREATE OR REPLACE FUNCTION .*?\n(?:\$\$|END \$\$);", GUARD, flags=re.DOTALL))


class Migration(migrations.Migration):
    dependencies = [("decisions", "0020_amending")]
    operations = [
        migrations.AddField(
            "elector", "gone_at", models.DateTimeField(null=True, help_text="of a vote at a meeting: they have left the room since it was put")
        ),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
