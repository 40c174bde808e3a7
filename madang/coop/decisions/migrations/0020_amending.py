"""Amendments, and the functions of ``sql/guard.sql`` made anew: a proposal's content changes in discussion by one that was taken in."""

import re
import uuid
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = (Path(__file__).resolve().parent.parent / "sql" / "guard.sql").read_text()
FUNCTIONS = "\n".join(re.findall(r"CREATE OR REPLACE FUNCTION .*?\n(?:\$\$|END \$\$);", GUARD, flags=re.DOTALL))


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0019_running'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField(blank=True, max_length=2000)),
                ('changes', models.JSONField(default=list)),
                ('details', models.JSONField(default=dict)),
                ('before', models.JSONField(help_text='{"changes", "details"} it was offered on')),
                ('seen', models.CharField(max_length=64)),
                ('state', models.CharField(default='offered', max_length=10)),
                ('answer', models.CharField(blank=True, help_text='why the proposer does not take it in', max_length=500)),
                ('at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='decisions.proposal')),
                ('vote', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amends', to='decisions.proposal')),
            ],
            options={
                'ordering': ['at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['offered', 'taken', 'declined', 'withdrawn', 'lost'])), name='decisions_amendment_state'), models.CheckConstraint(condition=models.Q(('state', 'offered'), ('answered_at__isnull', False), _connector='OR'), name='decisions_amendment_answered')],
            },
        ),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
