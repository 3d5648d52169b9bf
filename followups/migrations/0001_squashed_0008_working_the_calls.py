import clinic.tables
import datetime
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
        ('followups', '0004_call_days'),
        ('followups', '0005_plan_versions'),
        ('followups', '0006_call_bars'),
        ('followups', '0007_try_rules'),
        ('followups', '0008_working_the_calls'),
    ]

    # By the names of what was replaced, so that a database which is on its way there is understood as well.
    dependencies = [
        ('clinic', '0014_roster'),
        ('consultations', '0017_stays'),
        ('reception', '0021_membership_level'),
    ]

    operations = [
        clinic.tables.MakeTables(
            operations=[migrations.CreateModel(
                name='Plan',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('department_kind', models.CharField(blank=True, choices=[('reception', 'Reception'), ('consulting', 'Consulting'), ('surgery', 'Surgery'), ('laser', 'Laser'), ('non_invasive', 'Non-invasive'), ('customer_service', 'Customer service'), ('phone', 'Phone and online'), ('management', 'Management')], db_default='', default='', max_length=20, verbose_name='department')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('inherits', models.BooleanField(default=False, verbose_name='follows the general plan again')),
                    ('made_at', models.DateTimeField(verbose_name='made')),
                    ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('note', models.CharField(blank=True, max_length=200, verbose_name='why')),
                    ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='call_plans', to='clinic.project', verbose_name='project')),
                    ('starts_on', models.DateField(verbose_name='for treatments from')),
                    ('treatment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='call_plans', to='consultations.treatment', verbose_name='treatment')),
                ],
                options={
                    'verbose_name': 'call-back plan',
                    'verbose_name_plural': 'call-back plans',
                    'constraints': [models.UniqueConstraint(condition=models.Q(('department_kind', ''), _negated=True), fields=('department_kind', 'version'), name='plan_department_version'), models.UniqueConstraint(condition=models.Q(('project__isnull', False)), fields=('project', 'version'), name='plan_project_version'), models.UniqueConstraint(condition=models.Q(('treatment__isnull', False)), fields=('treatment', 'version'), name='plan_treatment_version'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('department_kind', ''), _negated=True), ('inherits', False), ('project', None), ('treatment', None)), models.Q(('department_kind', ''), ('project__isnull', False), ('treatment', None)), models.Q(('department_kind', ''), ('project', None), ('treatment__isnull', False)), _connector='OR'), name='plan_of_one_thing')],
                },
            ), migrations.CreateModel(
                name='PlanStep',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.SlugField(max_length=20)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('offset', models.SmallIntegerField()),
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
                    ('anchor', models.CharField(choices=[('operation', 'the treatment'), ('discharge', 'going home'), ('filing', 'the filing'), ('effect', 'the day the effect shows'), ('next_visit', 'the next visit')], db_default='operation', default='operation', max_length=10)),
                    ('kind', models.CharField(choices=[('phone', 'By phone'), ('in_person', 'In person'), ('message', 'By message')], db_default='phone', default='phone', max_length=9)),
                    ('tracked_only', models.BooleanField(db_default=False, default=False, verbose_name='only who is tracked individually')),
                    ('most_tries', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)], verbose_name='tries at most')),
                    ('pause_no_answer', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(15), django.core.validators.MaxValueValidator(10080)], verbose_name='minutes until the next try when nobody answers')),
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
                    ('state_reason', models.CharField(blank=True, choices=[('reached', 'Reached'), ('messaged', 'Message sent'), ('refused', 'Refused'), ('do_not_call', 'Does not want to be called'), ('deceased', 'Deceased'), ('complaint', 'Waits until her complaint is closed'), ('treatment_cancelled', 'Treatment cancelled'), ('treatment_changed', 'Treatment changed'), ('treatment_repeated', 'Treated again before it was due'), ('plan_changed', 'The plan has no such call any more'), ('not_tracked', 'Not tracked individually any more'), ('no_day', 'No next visit is planned'), ('ended', 'Ended by the supervisor')], max_length=60, verbose_name='why')),
                    ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                    ('held_until', models.DateTimeField(blank=True, null=True)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('built_at', models.DateTimeField()),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('held_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('treatment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='call_backs', to='consultations.treatment')),
                    ('visitor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='call_backs', to='reception.visitor')),
                    ('step', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='followups.planstep')),
                    ('concern', models.CharField(blank=True, choices=[('unreached', 'Not reached after many tries'), ('wrong_number', 'Wrong number'), ('admitted', 'In another hospital'), ('abnormal', 'Abnormal recovery'), ('not_sent', 'Message not sent')], max_length=12, verbose_name='for the supervisor')),
                    ('concern_at', models.DateTimeField(blank=True, null=True)),
                    ('risk', models.PositiveSmallIntegerField(default=0, help_text='Higher is called first.', verbose_name='risk')),
                    ('settled_note', models.CharField(blank=True, max_length=200, verbose_name='what the supervisor did')),
                    ('as_planned', models.BooleanField(default=True, help_text="No try and nobody's hand gave it another day.")),
                    ('code', models.SlugField(db_index=False, max_length=20)),
                    ('promised', models.BooleanField(db_default=False, default=False, help_text='She was told that she is called then.', verbose_name='promised')),
                    ('shared_to', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='on whose list')),
                    ('no_message', models.CharField(blank=True, choices=[('no_phone', 'No number to write to'), ('wants_none', 'Wants no messages'), ('not_sent', 'Message not sent')], db_default='', default='', max_length=10, verbose_name='by phone instead of a message')),
                ],
                options={
                    'verbose_name': 'call-back',
                    'verbose_name_plural': 'call-backs',
                    'ordering': ['call_on', 'id'],
                    'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['branch', 'call_on', 'id'], name='call_back_open'), models.Index(fields=['visitor', 'due_on'], name='call_back_visitor'), models.Index(condition=models.Q(('concern', ''), _negated=True), fields=['branch', 'concern_at'], name='call_back_concern'), models.Index(condition=models.Q(('held_by__isnull', False)), fields=['held_by'], name='call_back_held'), models.Index(condition=models.Q(('shared_to__isnull', False), ('state', 'open')), fields=['shared_to', 'call_on'], name='call_back_shared'), models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['branch', 'closed_at'], name='call_back_closed')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('held_by', None), ('held_until', None)), models.Q(('held_by__isnull', False), ('held_until__isnull', False)), _connector='OR'), name='call_back_lease_whole'), models.CheckConstraint(condition=models.Q(models.Q(('concern', ''), ('concern_at', None)), models.Q(models.Q(('concern', ''), _negated=True), ('concern_at__isnull', False)), _connector='OR'), name='call_back_concern_whole'), models.UniqueConstraint(fields=('treatment', 'code'), name='call_back_once_a_step')],
                },
            ), migrations.CreateModel(
                name='CallAttempt',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('result', models.CharField(choices=[('reached', 'Reached'), ('no_answer', 'No answer'), ('busy', 'Line busy'), ('later', 'Call later'), ('wrong_number', 'Wrong number'), ('refused', 'Refused'), ('do_not_call', 'Do not call'), ('admitted', 'In another hospital'), ('deceased', 'Deceased')], max_length=12, verbose_name='result')),
                    ('satisfaction', models.PositiveSmallIntegerField(null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='satisfaction')),
                    ('recovery', models.CharField(blank=True, choices=[('normal', 'Normal'), ('abnormal', 'Abnormal')], max_length=8, verbose_name='recovery')),
                    ('notes', models.TextField(blank=True, max_length=2000, verbose_name='notes')),
                    ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('call_back', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='followups.callback')),
                    ('direction', models.CharField(choices=[('out', 'We called'), ('in', 'She called')], db_default='out', default='out', max_length=3, verbose_name='who called')),
                    ('suggestions', models.TextField(blank=True, db_default='', default='', max_length=1000, verbose_name='suggestions')),
                ],
                options={
                    'verbose_name': 'call',
                    'verbose_name_plural': 'calls',
                    'ordering': ['call_back', 'id'],
                    'indexes': [models.Index(condition=models.Q(('result', 'do_not_call')), fields=['call_back'], name='call_attempt_do_not_call'), models.Index(fields=['staff', 'at'], name='call_attempt_staff'), models.Index(fields=['at'], name='call_attempt_at')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('satisfaction', None), models.Q(('satisfaction__gte', 1), ('satisfaction__lte', 5)), _connector='OR'), name='call_attempt_satisfaction')],
                },
            ), migrations.CreateModel(
                name='CallDay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField()),
                    ('call_on', models.DateField()),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinic.branch')),
                ],
                options={
                    'verbose_name': 'day without calls',
                    'verbose_name_plural': 'days without calls',
                    'constraints': [models.UniqueConstraint(fields=('branch', 'day'), name='call_day_once')],
                },
            ), migrations.CreateModel(
                name='CallBar',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(choices=[('do_not_call', 'Does not want to be called'), ('deceased', 'Deceased'), ('complaint', 'A complaint is open')], max_length=12, verbose_name='why')),
                    ('at', models.DateTimeField(verbose_name='since')),
                    ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visitor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='call_bars', to='reception.visitor')),
                    ('about', models.CharField(blank=True, db_collation='C', db_default='', default='', max_length=20)),
                ],
                options={
                    'verbose_name': 'bar to calls',
                    'verbose_name_plural': 'bars to calls',
                    'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['visitor'], name='call_bar_stands'), models.Index(fields=['visitor', 'at'], name='call_bar_visitor')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='call_bar_end_whole'), models.CheckConstraint(condition=models.Q(models.Q(('reason', 'complaint'), models.Q(('about', ''), _negated=True)), models.Q(models.Q(('reason', 'complaint'), _negated=True), ('about', '')), _connector='OR'), name='call_bar_about_whole')],
                },
            ), migrations.CreateModel(
                name='CallRules',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('operation_day', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(1)], verbose_name='number of the day of operation')),
                    ('branch', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='call_rules', to='clinic.branch')),
                    ('call_from', models.TimeField(default=datetime.time(9, 30), verbose_name='calls from')),
                    ('call_until', models.TimeField(default=datetime.time(20, 0), verbose_name='calls until')),
                    ('most_tries', models.PositiveSmallIntegerField(default=6, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)], verbose_name='tries at most')),
                    ('pause_busy', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(720)], verbose_name='minutes until the next try when the line is busy')),
                    ('pause_no_answer', models.PositiveSmallIntegerField(default=180, validators=[django.core.validators.MinValueValidator(15), django.core.validators.MaxValueValidator(720)], verbose_name='minutes until the next try when nobody answers')),
                    ('rest_from', models.TimeField(blank=True, null=True, verbose_name='no calls from')),
                    ('rest_until', models.TimeField(blank=True, null=True, verbose_name='no calls until')),
                    ('tries_a_day', models.PositiveSmallIntegerField(default=2, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='tries a day')),
                    ('review_minutes', models.PositiveSmallIntegerField(db_default=30, default=30, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(480)], verbose_name='minutes a doctor has for an urgent review')),
                    ('target_reached', models.PositiveSmallIntegerField(db_default=90, default=90, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='target: reached, percent')),
                    ('target_satisfied', models.PositiveSmallIntegerField(db_default=95, default=95, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='target: satisfied, percent')),
                ],
                options={
                    'verbose_name': 'rules of the calls',
                    'verbose_name_plural': 'rules of the calls',
                    'constraints': [models.CheckConstraint(condition=models.Q(('operation_day__lte', 1)), name='call_rules_operation_day'), models.CheckConstraint(condition=models.Q(('call_from__lt', models.F('call_until'))), name='call_rules_hours'), models.CheckConstraint(condition=models.Q(models.Q(('rest_from', None), ('rest_until', None)), models.Q(('rest_from__gt', models.F('call_from')), ('rest_until__lt', models.F('call_until')), ('rest_from__lt', models.F('rest_until'))), _connector='OR'), name='call_rules_rest'), models.CheckConstraint(condition=models.Q(('most_tries__gte', 1), ('most_tries__lte', 20), ('tries_a_day__gte', 1), ('tries_a_day__lte', 5), ('pause_busy__gte', 5), ('pause_busy__lte', 720), ('pause_no_answer__gte', 15), ('pause_no_answer__lte', 720)), name='call_rules_tries'), models.CheckConstraint(condition=models.Q(('target_reached__gte', 1), ('target_reached__lte', 100), ('target_satisfied__gte', 1), ('target_satisfied__lte', 100), ('review_minutes__gte', 5), ('review_minutes__lte', 480)), name='call_rules_targets')],
                },
            ), migrations.CreateModel(
                name='Tracking',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(max_length=200, verbose_name='why')),
                    ('at', models.DateTimeField(verbose_name='since')),
                    ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visitor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='trackings', to='reception.visitor')),
                ],
                options={
                    'verbose_name': 'individual tracking',
                    'verbose_name_plural': 'individual trackings',
                    'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['visitor'], name='tracking_stands'), models.Index(fields=['visitor', 'at'], name='tracking_visitor')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='tracking_end_whole')],
                },
            ), migrations.CreateModel(
                name='AgentAbsence',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('first_on', models.DateField(verbose_name='from')),
                    ('last_on', models.DateField(verbose_name='until')),
                    ('reason', models.CharField(blank=True, max_length=200, verbose_name='why')),
                    ('at', models.DateTimeField()),
                    ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('staff', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'absence of an agent',
                    'verbose_name_plural': 'absences of agents',
                    'ordering': ['first_on', 'id'],
                    'indexes': [models.Index(fields=['staff', 'last_on'], name='agent_absence_staff'), models.Index(condition=models.Q(('withdrawn_at', None)), fields=['branch', 'last_on'], name='agent_absence_stands')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='agent_absence_days'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='agent_absence_withdrawn_whole')],
                },
            ), migrations.CreateModel(
                name='CallAgent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('takes_part', models.BooleanField(default=True, verbose_name='calls are shared out to her')),
                    ('kinds', models.JSONField(blank=True, default=list, verbose_name='departments')),
                    ('languages', models.JSONField(blank=True, default=list, verbose_name='languages')),
                    ('staff', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='call_agent', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'agent of calls',
                    'verbose_name_plural': 'agents of calls',
                },
            ), migrations.CreateModel(
                name='CallAnswer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('answer', models.CharField(max_length=500, verbose_name='answer')),
                    ('attempt', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='followups.callattempt')),
                    ('question', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='followups.planquestion')),
                ],
                options={
                    'verbose_name': 'answer',
                    'verbose_name_plural': 'answers',
                    'ordering': ['attempt', 'question__position'],
                    'constraints': [models.UniqueConstraint(fields=('attempt', 'question'), name='call_answer_once')],
                },
            ), migrations.CreateModel(
                name='CallShare',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField()),
                    ('at', models.DateTimeField()),
                    ('why', models.CharField(choices=[('called_last', 'She called her last time'), ('same_visitor', 'She has another call of this visitor'), ('fewest', 'She has had the fewest calls'), ('only_one', 'Nobody else is there who can take it'), ('nobody', 'Nobody is there who can take it'), ('absent', 'Another agent is away'), ('supervisor', 'Given by the supervisor'), ('took_it', 'She took it herself')], max_length=12, verbose_name='why')),
                    ('facts', models.JSONField(default=dict)),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('call_back', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='followups.callback')),
                    ('staff', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'sharing out of a call',
                    'verbose_name_plural': 'sharing out of calls',
                    'ordering': ['id'],
                    'indexes': [models.Index(fields=['call_back', '-id'], name='call_share_call'), models.Index(fields=['branch', 'day', 'staff'], name='call_share_day')],
                },
            ), migrations.CreateModel(
                name='FollowUpReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('year', models.PositiveSmallIntegerField()),
                    ('week', models.PositiveSmallIntegerField()),
                    ('version', models.PositiveSmallIntegerField(default=1)),
                    ('built_at', models.DateTimeField()),
                    ('reason', models.CharField(blank=True, max_length=200)),
                    ('body', models.JSONField()),
                    ('hash', models.CharField(max_length=64)),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('built_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'weekly report of follow-ups',
                    'verbose_name_plural': 'weekly reports of follow-ups',
                    'ordering': ['-year', '-week', '-version'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'year', 'week', 'version'), name='follow_up_report_version_once')],
                },
            ), migrations.CreateModel(
                name='OwnerCall',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('no_deal', 'No deal yet'), ('next_session', 'Next session'), ('birthday', 'Birthday')], max_length=12, verbose_name='kind')),
                    ('about', models.CharField(db_collation='C', max_length=40)),
                    ('reason', models.CharField(blank=True, max_length=200, verbose_name='what it is about')),
                    ('due_on', models.DateField(verbose_name='due')),
                    ('call_on', models.DateField(verbose_name='call on')),
                    ('call_at', models.DateTimeField(blank=True, null=True, verbose_name='call at')),
                    ('promised', models.BooleanField(default=False, verbose_name='promised')),
                    ('as_planned', models.BooleanField(default=True)),
                    ('state', models.CharField(choices=[('open', 'To be called'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='open', max_length=9, verbose_name='state')),
                    ('state_reason', models.CharField(blank=True, choices=[('reached', 'Reached'), ('refused', 'Refused'), ('barred', 'Gets no calls'), ('bought', 'Has bought since'), ('came', 'Has been here since'), ('booked', 'Has an appointment'), ('changed', 'What it was about has changed'), ('passed', 'The day is over'), ('unreached', 'Not reached after many tries')], max_length=12, verbose_name='why')),
                    ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                    ('held_until', models.DateTimeField(blank=True, null=True)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('built_at', models.DateTimeField()),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('held_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                    ('visitor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='owner_calls', to='reception.visitor')),
                ],
                options={
                    'verbose_name': 'call of an owner',
                    'verbose_name_plural': 'calls of owners',
                    'ordering': ['call_on', 'id'],
                    'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['branch', 'kind', 'owner', 'call_on'], name='owner_call_open'), models.Index(fields=['visitor', 'due_on'], name='owner_call_visitor'), models.Index(condition=models.Q(('held_by__isnull', False)), fields=['held_by'], name='owner_call_held'), models.Index(condition=models.Q(('state', 'done'), ('state_reason', 'unreached')), fields=['branch', 'closed_at'], name='owner_call_unreached')],
                    'constraints': [models.UniqueConstraint(fields=('kind', 'about'), name='owner_call_once'), models.CheckConstraint(condition=models.Q(models.Q(('held_by', None), ('held_until', None)), models.Q(('held_by__isnull', False), ('held_until__isnull', False)), _connector='OR'), name='owner_call_lease_whole'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'open'), ('state_reason', '')), models.Q(models.Q(('state', 'open'), _negated=True), models.Q(('state_reason', ''), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='owner_call_state_whole')],
                },
            ), migrations.CreateModel(
                name='OwnerCallTry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('result', models.CharField(choices=[('comes', 'Comes in'), ('thinks', 'Reached, thinks it over'), ('no_answer', 'No answer'), ('busy', 'Line busy'), ('later', 'Call later'), ('wrong_number', 'Wrong number'), ('refused', 'Refused'), ('do_not_call', 'Do not call'), ('deceased', 'Deceased')], max_length=12, verbose_name='result')),
                    ('notes', models.TextField(blank=True, max_length=2000, verbose_name='notes')),
                    ('call', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='followups.ownercall')),
                    ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': "try of an owner's call",
                    'verbose_name_plural': "tries of owners' calls",
                    'ordering': ['call', 'id'],
                    'indexes': [models.Index(fields=['call', 'id'], name='owner_call_try_call')],
                },
            ), migrations.CreateModel(
                name='PlanQuestion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('code', models.SlugField(max_length=20)),
                    ('kind', models.CharField(choices=[('yes_no', 'Yes or no'), ('scale', '0 to 10'), ('text', 'In words')], max_length=6, verbose_name='answer')),
                    ('warns_at', models.CharField(blank=True, default='', max_length=3, verbose_name='not normal')),
                    ('name', models.CharField(max_length=200, verbose_name='Chinese question')),
                    ('name_en', models.CharField(max_length=200, verbose_name='English question')),
                    ('step', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='followups.planstep')),
                ],
                options={
                    'verbose_name': 'question of a call',
                    'verbose_name_plural': 'questions of a call',
                    'ordering': ['step', 'position'],
                    'constraints': [models.UniqueConstraint(fields=('step', 'code'), name='plan_question_code_once')],
                },
            ), migrations.CreateModel(
                name='UrgentReview',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('asked_at', models.DateTimeField(verbose_name='asked')),
                    ('due_at', models.DateTimeField(verbose_name='answer by')),
                    ('escalated_at', models.DateTimeField(blank=True, null=True)),
                    ('seen_at', models.DateTimeField(blank=True, null=True, verbose_name='seen')),
                    ('answer', models.CharField(blank=True, choices=[('come_now', 'Come in at once'), ('come_on', 'Come in on a day'), ('advice', 'Advice by telephone'), ('hospital', 'To the emergency department'), ('normal', 'Normal at this time')], default='', max_length=8, verbose_name='what is done')),
                    ('note', models.TextField(blank=True, default='', max_length=1000, verbose_name='what the visitor is told')),
                    ('come_on', models.DateField(blank=True, null=True, verbose_name='comes on')),
                    ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                    ('told_at', models.DateTimeField(blank=True, null=True, verbose_name='visitor told')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('answered_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('attempt', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='followups.callattempt')),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('doctor', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='doctor')),
                    ('seen_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('told_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('treatment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='consultations.treatment')),
                    ('visitor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='reception.visitor')),
                ],
                options={
                    'verbose_name': 'urgent review',
                    'verbose_name_plural': 'urgent reviews',
                    'ordering': ['due_at', 'id'],
                    'indexes': [models.Index(condition=models.Q(('answer', '')), fields=['doctor', 'due_at'], name='urgent_review_doctor'), models.Index(condition=models.Q(('told_at', None)), fields=['branch', 'due_at'], name='urgent_review_waits'), models.Index(fields=['visitor', '-asked_at'], name='urgent_review_visitor'), models.Index(fields=['treatment'], name='urgent_review_treatment')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None)), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='urgent_review_answer_whole'), models.CheckConstraint(condition=models.Q(models.Q(('answer', 'come_on'), ('come_on__isnull', False)), models.Q(models.Q(('answer', 'come_on'), _negated=True), ('come_on', None)), _connector='OR'), name='urgent_review_day_whole'), models.CheckConstraint(condition=models.Q(models.Q(('told_at', None), ('told_by', None)), models.Q(('answered_at__isnull', False), ('told_at__isnull', False), ('told_by__isnull', False)), _connector='OR'), name='urgent_review_told_whole')],
                },
            ), pgtrigger.migrations.AddTrigger(
                model_name='plan',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='36617a21cf329e8d45897dc49e3848bdbf02f3e8', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_0c3e8', table='followups_plan', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='plan',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: followups_plan cannot be emptied';", hash='2a284bd7cc4267e46cfa0ebd9ed4ed929ae3b16d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_de4b5', table='followups_plan', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='planstep',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='244fec5c6b15aecb6d65660605ded52a17456acf', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_bf432', table='followups_planstep', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='planstep',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: followups_planstep cannot be emptied';", hash='d045919adf880622e0269c503cbde2e8fb92e280', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_e5f5c', table='followups_planstep', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='callattempt',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a52dcd2a291a7567750ef3de753d4f8510909b59', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_d4ba9', table='followups_callattempt', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='callattempt',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: followups_callattempt cannot be emptied';", hash='dd4a806540d405574c8ae4ea5ae72eaef1f55383', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_94f9c', table='followups_callattempt', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='callanswer',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d2069628bfca97375dffc34c15d38d8a28435241', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_05d2f', table='followups_callanswer', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='callanswer',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: followups_callanswer cannot be emptied';", hash='95ccff9c9908f57b8bae64b5f85d1fa4ac734d23', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_d3bde', table='followups_callanswer', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='callshare',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f52c594765c6c179663d91359960bac0caa329d6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_0370c', table='followups_callshare', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='callshare',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: followups_callshare cannot be emptied';", hash='83f41cacb7167139efe7ea5f95a46a6c140eb335', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_5026e', table='followups_callshare', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='followupreport',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1d74ecc75edc7d532d9ebe58100d98385fb5a59b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_aee2a', table='followups_followupreport', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='followupreport',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: followups_followupreport cannot be emptied';", hash='d03a08723e5370751ac15fbdcbcbf885c830e638', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_9460e', table='followups_followupreport', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='ownercalltry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b6b735efdd7a694e20dcfc41859ea8d43da56477', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_7316f', table='followups_ownercalltry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='ownercalltry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: followups_ownercalltry cannot be emptied';", hash='f7505890a0ac5827c4a806a6c266ff0bad5b77ed', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_62e6e', table='followups_ownercalltry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='planquestion',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='52450adbd6dbda9b1269445356c8b9c9008e9044', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_71cc2', table='followups_planquestion', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='planquestion',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: followups_planquestion cannot be emptied';", hash='83b3692c8222a4e3c315aabc13562f13e7ba91e3', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_e0a12', table='followups_planquestion', when='BEFORE')),
            )],
        ),
    ]
