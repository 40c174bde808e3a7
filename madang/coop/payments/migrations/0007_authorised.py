"""What the members decided to spend, what was drawn on it, and the triggers of ``sql/authorised.sql``."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = Path(__file__).resolve().parent.parent / "sql" / "authorised.sql"
BACK = "DROP FUNCTION payments_guard_draw, payments_guard_authorised, payments_authorised_decided CASCADE;"


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0019_running'),
        ('ledger', '0004_cap2'),
        ('payments', '0006_copies'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Authorised',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(blank=True, max_length=10)),
                ('title', models.CharField(max_length=140)),
                ('to', models.CharField(blank=True, max_length=140)),
                ('sort', models.CharField(max_length=20)),
                ('cap', models.BigIntegerField()),
                ('unit', models.CharField(max_length=3)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorised', to='decisions.proposal')),
            ],
            options={
                'ordering': ['since', 'decision', 'key'],
            },
        ),
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('owner', models.CharField(blank=True, max_length=90)),
                ('at', models.DateTimeField()),
                ('authorised', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='draws', to='payments.authorised')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.entry')),
                ('line', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.bankline')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.AddConstraint(
            model_name='authorised',
            constraint=models.UniqueConstraint(fields=('decision', 'key'), name='payments_authorised_once'),
        ),
        migrations.AddConstraint(
            model_name='authorised',
            constraint=models.CheckConstraint(condition=models.Q(('cap__gt', 0)), name='payments_authorised_positive'),
        ),
        migrations.AddConstraint(
            model_name='authorised',
            constraint=models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='payments_authorised_until'),
        ),
        migrations.AddConstraint(
            model_name='draw',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payments_draw_positive'),
        ),
        migrations.AddConstraint(
            model_name='draw',
            constraint=models.CheckConstraint(condition=models.Q(('line', None), ('owner', ''), _connector='XOR'), name='payments_draw_one_way'),
        ),
        migrations.RunSQL(GUARD.read_text(), BACK),
    ]
