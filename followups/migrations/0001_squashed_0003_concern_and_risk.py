import clinic.tables
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('followups', '0001_initial'),
        ('followups', '0002_initial'),
        ('followups', '0003_callback_concern_callback_concern_at_callback_risk_and_more'),
    ]

    # By the names of what was replaced, so that a database which is on its way there is understood as well.
    dependencies = [
        ('clinic', '0007_messages_newest_first'),
        ('consultations', '0005_who_took_part_what_was_signed'),
        ('reception', '0019_retention'),
    ]

    operations = [
        clinic.tables.MakeTables(
            operations=[migrations.CreateModel(
                name='Plan',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('department_kind', models.CharField(choices=[('reception', 'Reception'), ('consulting', 'Consulting'), ('surgery', 'Surgery'), ('laser', 'Laser'), ('non_invasive', 'Non-invasive'), ('customer_service', 'Customer service'), ('phone', 'Phone and online'), ('management', 'Management')], max_length=20, verbose_name='department')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('active', models.BooleanField(default=True)),
                ],
                options={
                    'verbose_name': 'call-back plan',
                    'verbose_name_plural': 'call-back plans',
                    'constraints': [models.UniqueConstraint(fields=('department_kind', 'version'), name='plan_version_once'), models.UniqueConstraint(condition=models.Q(('active', True)), fields=('department_kind',), name='plan_one_active')],
                },
            ), migrations.CreateModel(
                name='PlanStep',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.SlugField(max_length=20)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('offset', models.PositiveSmallIntegerField()),
                    ('unit', models.CharField(choices=[('days', 'days'), ('months', 'months')], max_length=6)),
                    ('name', models.CharField(max_length=40, verbose_name='Chinese name')),
                    ('name_en', models.CharField(max_length=40, verbose_name='English name')),
                    ('script', models.TextField(verbose_name='Chinese script')),
                    ('script_en', models.TextField(verbose_name='English script')),
                    ('normal_signs', models.TextField(blank=True, verbose_name='normal signs, Chinese')),
                    ('normal_signs_en', models.TextField(blank=True, verbose_name='normal signs, English')),
                    ('warning_signs', models.TextField(blank=True, verbose_name='warning signs, Chinese')),
                    ('warning_signs_en', models.TextField(blank=True, verbose_name='warning signs, English')),
                    ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='followups.plan')),
                    ('risk', models.PositiveSmallIntegerField(default=0, help_text='Higher is called first.')),
                ],
                options={
                    'verbose_name': 'step of a plan',
                    'verbose_name_plural': 'steps of a plan',
                    'ordering': ['plan', 'position'],
                    'constraints': [models.UniqueConstraint(fields=('plan', 'code'), name='plan_step_code_once')],
                },
            ), migrations.CreateModel(
                name='CallBack',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('due_on', models.DateField(help_text='As the plan says.', verbose_name='due')),
                    ('call_on', models.DateField(help_text='Due date, or later after a try that reached nobody.', verbose_name='call on')),
                    ('call_at', models.DateTimeField(blank=True, null=True, verbose_name='call at')),
                    ('state', models.CharField(choices=[('open', 'To be called'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='open', max_length=9, verbose_name='state')),
                    ('state_reason', models.CharField(blank=True, choices=[('reached', 'Reached'), ('refused', 'Refused'), ('do_not_call', 'Does not want to be called'), ('treatment_cancelled', 'Treatment cancelled'), ('treatment_changed', 'Treatment changed'), ('ended', 'Ended by the supervisor')], max_length=60, verbose_name='why')),
                    ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                    ('held_until', models.DateTimeField(blank=True, null=True)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('built_at', models.DateTimeField()),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('held_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('treatment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='call_backs', to='consultations.treatment')),
                    ('visitor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='call_backs', to='reception.visitor')),
                    ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='followups.planstep')),
                    ('concern', models.CharField(blank=True, choices=[('unreached', 'Not reached after many tries'), ('wrong_number', 'Wrong number'), ('abnormal', 'Abnormal recovery')], max_length=12, verbose_name='for the supervisor')),
                    ('concern_at', models.DateTimeField(blank=True, null=True)),
                    ('risk', models.PositiveSmallIntegerField(default=0, help_text='Higher is called first.', verbose_name='risk')),
                    ('settled_note', models.CharField(blank=True, max_length=200, verbose_name='what the supervisor did')),
                ],
                options={
                    'verbose_name': 'call-back',
                    'verbose_name_plural': 'call-backs',
                    'ordering': ['call_on', 'id'],
                    'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['branch', 'call_on', 'id'], name='call_back_open'), models.Index(fields=['visitor', 'due_on'], name='call_back_visitor'), models.Index(condition=models.Q(('concern', ''), _negated=True), fields=['branch', 'concern_at'], name='call_back_concern'), models.Index(condition=models.Q(('held_by__isnull', False)), fields=['held_by'], name='call_back_held')],
                    'constraints': [models.UniqueConstraint(fields=('treatment', 'step'), name='call_back_once_a_step'), models.CheckConstraint(condition=models.Q(models.Q(('held_by', None), ('held_until', None)), models.Q(('held_by__isnull', False), ('held_until__isnull', False)), _connector='OR'), name='call_back_lease_whole'), models.CheckConstraint(condition=models.Q(models.Q(('concern', ''), ('concern_at', None)), models.Q(models.Q(('concern', ''), _negated=True), ('concern_at__isnull', False)), _connector='OR'), name='call_back_concern_whole')],
                },
            ), migrations.CreateModel(
                name='CallAttempt',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('result', models.CharField(choices=[('reached', 'Reached'), ('no_answer', 'No answer'), ('busy', 'Line busy'), ('later', 'Call later'), ('wrong_number', 'Wrong number'), ('refused', 'Refused'), ('do_not_call', 'Do not call')], max_length=12, verbose_name='result')),
                    ('satisfaction', models.PositiveSmallIntegerField(null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='satisfaction')),
                    ('recovery', models.CharField(blank=True, choices=[('normal', 'Normal'), ('abnormal', 'Abnormal')], max_length=8, verbose_name='recovery')),
                    ('notes', models.TextField(blank=True, max_length=2000, verbose_name='notes')),
                    ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('call_back', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='followups.callback')),
                ],
                options={
                    'verbose_name': 'call',
                    'verbose_name_plural': 'calls',
                    'ordering': ['call_back', 'id'],
                    'indexes': [models.Index(condition=models.Q(('result', 'do_not_call')), fields=['call_back'], name='call_attempt_do_not_call')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('satisfaction', None), models.Q(('satisfaction__gte', 1), ('satisfaction__lte', 5)), _connector='OR'), name='call_attempt_satisfaction')],
                },
            ), pgtrigger.migrations.AddTrigger(
                model_name='callattempt',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a52dcd2a291a7567750ef3de753d4f8510909b59', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_d4ba9', table='followups_callattempt', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='callattempt',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: followups_callattempt cannot be emptied';", hash='dd4a806540d405574c8ae4ea5ae72eaef1f55383', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_94f9c', table='followups_callattempt', when='BEFORE')),
            )],
        ),
    ]
