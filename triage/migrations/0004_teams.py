import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0002_staff_stand_ins'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('triage', '0003_rehearsals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
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
            },
        ),
        migrations.CreateModel(
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
        ),
        migrations.AddConstraint(
            model_name='teammember',
            constraint=models.UniqueConstraint(fields=('branch', 'desk', 'team', 'position'), name='team_place_once'),
        ),
        migrations.AddConstraint(
            model_name='teammember',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 1), ('team__gte', 1)), name='team_counts_from_one'),
        ),
        migrations.AddConstraint(
            model_name='teammember',
            constraint=models.CheckConstraint(condition=models.Q(('sister', models.F('staff')), _negated=True), name='team_sister_is_another'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='teammember',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "triage_teammemberevent" ("branch_id", "desk", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "sister_id", "staff_id", "team") VALUES (NEW."branch_id", NEW."desk", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."sister_id", NEW."staff_id", NEW."team"); RETURN NULL;', hash='3bfcd4f744099ce9e15dfda3ad7cba8f2279518d', operation='INSERT', pgid='pgtrigger_insert_insert_1e400', table='triage_teammember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='teammember',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "triage_teammemberevent" ("branch_id", "desk", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "sister_id", "staff_id", "team") VALUES (NEW."branch_id", NEW."desk", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."sister_id", NEW."staff_id", NEW."team"); RETURN NULL;', hash='6f332da7809687bf25d6584fd113d5e1089d17f1', operation='UPDATE', pgid='pgtrigger_update_update_f22f5', table='triage_teammember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='teammemberevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1e5b5465ccfcdf089996f216db56cc53226c874e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1b6bb', table='triage_teammemberevent', when='BEFORE')),
        ),
    ]
