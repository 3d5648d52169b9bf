import clinic.tables
import django.core.serializers.json
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('triage', '0001_initial'),
        ('triage', '0002_policies_stand'),
        ('triage', '0003_rehearsals'),
        ('triage', '0004_teams'),
        ('triage', '0005_boards_stand'),
        ('triage', '0006_longest_waits'),
    ]

    # By the names of what was replaced, so that a database which is on its way there is understood as well.
    dependencies = [
        ('clinic', '0007_messages_newest_first'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('reception', '0019_retention'),
    ]

    operations = [
        clinic.tables.MakeTables(
            operations=[migrations.CreateModel(
                name='Policy',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.PositiveIntegerField(verbose_name='version')),
                    ('starts_on', models.DateField(verbose_name='starts on')),
                    ('preset', models.CharField(max_length=20, verbose_name='preset')),
                    ('settings', models.JSONField(default=dict, help_text='Only what differs from the preset.')),
                    ('reason', models.CharField(blank=True, max_length=200, verbose_name='why')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policies', to='clinic.branch')),
                    ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'policy',
                    'verbose_name_plural': 'policies',
                    'ordering': ['branch', '-starts_on', '-version'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'version'), name='policy_version_once')],
                },
            ), migrations.CreateModel(
                name='Board',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('desk', models.CharField(default='front', max_length=20, verbose_name='desk')),
                    ('day', models.DateField(verbose_name='day')),
                    ('sequence', models.PositiveIntegerField(default=0)),
                    ('state', models.JSONField(default=dict)),
                    ('last_hash', models.CharField(blank=True, max_length=64)),
                    ('opened_at', models.DateTimeField(verbose_name='opened')),
                    ('closed_at', models.DateTimeField(null=True, verbose_name='closed')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='boards', to='clinic.branch')),
                    ('department', models.ForeignKey(blank=True, help_text='Empty: front desk', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='boards', to='clinic.department')),
                    ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='boards', to='triage.policy')),
                ],
                options={
                    'verbose_name': 'board',
                    'verbose_name_plural': 'boards',
                    'ordering': ['-day', 'desk'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'desk', 'day'), name='board_once_a_day')],
                },
            ), migrations.CreateModel(
                name='Decision',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sequence', models.PositiveIntegerField(help_text='The ledger entry that carried it out.', null=True)),
                    ('made_at', models.DateTimeField(verbose_name='made at')),
                    ('rule', models.CharField(max_length=4)),
                    ('outcome', models.CharField(max_length=10)),
                    ('facts', models.JSONField()),
                    ('answer', models.JSONField()),
                    ('board', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='triage.board')),
                    ('consultant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='reception.visit')),
                    ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='triage.policy')),
                ],
                options={
                    'verbose_name': 'decision',
                    'verbose_name_plural': 'decisions',
                    'ordering': ['visit', 'id'],
                },
            ), migrations.CreateModel(
                name='LedgerEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sequence', models.PositiveIntegerField()),
                    ('at', models.DateTimeField()),
                    ('kind', models.CharField(max_length=20)),
                    ('reason', models.CharField(blank=True, max_length=200)),
                    ('corrects', models.PositiveIntegerField(null=True)),
                    ('body', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                    ('previous_hash', models.CharField(blank=True, max_length=64)),
                    ('hash', models.CharField(max_length=64)),
                    ('board', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='triage.board')),
                    ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ledger_entries', to='reception.visit')),
                ],
                options={
                    'verbose_name': 'ledger entry',
                    'verbose_name_plural': 'ledger',
                    'ordering': ['board', 'sequence'],
                    'constraints': [models.UniqueConstraint(fields=('board', 'sequence'), name='ledger_sequence_once')],
                },
            ), migrations.CreateModel(
                name='Rehearsal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('desk', models.CharField(max_length=20, verbose_name='desk')),
                    ('first_on', models.DateField(verbose_name='from')),
                    ('last_on', models.DateField(verbose_name='to')),
                    ('preset', models.CharField(max_length=20, verbose_name='preset')),
                    ('settings', models.JSONField(default=dict)),
                    ('result', models.JSONField(default=dict)),
                    ('made_at', models.DateTimeField(verbose_name='made at')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rehearsals', to='clinic.branch')),
                    ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.job')),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('policy', models.ForeignKey(help_text='Empty: a draft', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='triage.policy')),
                ],
                options={
                    'verbose_name': 'rehearsal',
                    'verbose_name_plural': 'rehearsals',
                    'ordering': ['-made_at', '-pk'],
                },
            ), migrations.CreateModel(
                name='TeamMember',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('desk', models.CharField(default='front', max_length=20, verbose_name='desk')),
                    ('team', models.PositiveSmallIntegerField(verbose_name='team')),
                    ('position', models.PositiveSmallIntegerField(verbose_name='place in the team')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='team_members', to='clinic.branch')),
                    ('sister', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sister')),
                    ('staff', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='team_place', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'team member',
                    'verbose_name_plural': 'teams',
                    'ordering': ['branch', 'desk', 'team', 'position'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'desk', 'team', 'position'), name='team_place_once'), models.CheckConstraint(condition=models.Q(('position__gte', 1), ('team__gte', 1)), name='team_counts_from_one'), models.CheckConstraint(condition=models.Q(('sister', models.F('staff')), _negated=True), name='team_sister_is_another')],
                },
            ), migrations.CreateModel(
                name='TeamMemberEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('desk', models.CharField(default='front', max_length=20, verbose_name='desk')),
                    ('team', models.PositiveSmallIntegerField(verbose_name='team')),
                    ('position', models.PositiveSmallIntegerField(verbose_name='place in the team')),
                    ('branch', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clinic.branch')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='triage.teammember')),
                    ('sister', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sister')),
                    ('staff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ), pgtrigger.migrations.AddTrigger(
                model_name='policy',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3cd0f9fc807590ff633840a873030a2386ef1733', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_f3f67', table='triage_policy', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='policy',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: triage_policy cannot be emptied';", hash='5a7315f410c5ada061da66e09508ff995c44ad63', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_7ff0b', table='triage_policy', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='board',
                trigger=pgtrigger.compiler.Trigger(name='board_opening_stands', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."branch_id" IS DISTINCT FROM (NEW."branch_id") OR OLD."department_id" IS DISTINCT FROM (NEW."department_id") OR OLD."desk" IS DISTINCT FROM (NEW."desk") OR OLD."day" IS DISTINCT FROM (NEW."day") OR OLD."policy_id" IS DISTINCT FROM (NEW."policy_id") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."opened_by_id" IS DISTINCT FROM (NEW."opened_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f356117a874c70efb3a82a343574795e6c1bae2f', operation='UPDATE', pgid='pgtrigger_board_opening_stands_f68cb', table='triage_board', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='board',
                trigger=pgtrigger.compiler.Trigger(name='board_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='c0b022bb8b43db43ea817bb6603d3da5e66ac22e', operation='DELETE', pgid='pgtrigger_board_stays_2ceb9', table='triage_board', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='decision',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='61cd73ab9b6ea19734b618f2526efd216d04337f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_fb84d', table='triage_decision', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='decision',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: triage_decision cannot be emptied';", hash='450f14f5254afb8a41c46da382527b32d26283f2', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_76d34', table='triage_decision', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='ledgerentry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c4463489c3933e597a51b890dbe0eb30b41e073a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_be636', table='triage_ledgerentry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='ledgerentry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: triage_ledgerentry cannot be emptied';", hash='e6b427df0e04706b2eae08a52af3364d355a0712', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_7d12d', table='triage_ledgerentry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='teammember',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "triage_teammemberevent" ("branch_id", "desk", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "sister_id", "staff_id", "team") VALUES (NEW."branch_id", NEW."desk", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."sister_id", NEW."staff_id", NEW."team"); RETURN NULL;', hash='3bfcd4f744099ce9e15dfda3ad7cba8f2279518d', operation='INSERT', pgid='pgtrigger_insert_insert_1e400', table='triage_teammember', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='teammember',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "triage_teammemberevent" ("branch_id", "desk", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "sister_id", "staff_id", "team") VALUES (NEW."branch_id", NEW."desk", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."sister_id", NEW."staff_id", NEW."team"); RETURN NULL;', hash='6f332da7809687bf25d6584fd113d5e1089d17f1', operation='UPDATE', pgid='pgtrigger_update_update_f22f5', table='triage_teammember', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='teammemberevent',
                trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1e5b5465ccfcdf089996f216db56cc53226c874e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1b6bb', table='triage_teammemberevent', when='BEFORE')),
            )],
        ),
    ]
