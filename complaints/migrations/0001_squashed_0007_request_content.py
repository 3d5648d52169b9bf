import clinic.tables
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('complaints', '0001_initial'),
        ('complaints', '0002_initial'),
        ('complaints', '0003_initial'),
        ('complaints', '0004_complaintcounter_complaint_about_staff_and_more'),
        ('complaints', '0005_complaint_request_key'),
        ('complaints', '0006_one_counter'),
        ('complaints', '0007_request_content'),
    ]

    # By the names of what was replaced, so that a database which is on its way there is understood as well.
    dependencies = [
        ('clinic', '0007_messages_newest_first'),
        ('consultations', '0005_who_took_part_what_was_signed'),
        ('followups', '0003_callback_concern_callback_concern_at_callback_risk_and_more'),
        ('reception', '0019_retention'),
    ]

    operations = [
        clinic.tables.MakeTables(
            operations=[migrations.CreateModel(
                name='WeeklyReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('year', models.PositiveSmallIntegerField()),
                    ('week', models.PositiveSmallIntegerField()),
                    ('version', models.PositiveSmallIntegerField(default=1)),
                    ('built_at', models.DateTimeField()),
                    ('reason', models.CharField(blank=True, max_length=200)),
                    ('body', models.JSONField()),
                    ('hash', models.CharField(max_length=64)),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='weekly_reports', to='clinic.branch')),
                    ('built_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'weekly report',
                    'verbose_name_plural': 'weekly reports',
                    'ordering': ['-year', '-week', '-version'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'year', 'week', 'version'), name='weekly_report_version_once')],
                },
            ), migrations.CreateModel(
                name='Complaint',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.CharField(db_collation='C', max_length=20, verbose_name='number')),
                    ('received_at', models.DateTimeField(verbose_name='received')),
                    ('channel', models.CharField(choices=[('on_site', 'On site'), ('call', 'Phone call'), ('call_back', 'Call-back'), ('letter', 'Letter box'), ('online', 'Online form'), ('department', 'Another department')], max_length=10, verbose_name='channel')),
                    ('category', models.CharField(choices=[('effect', 'Effect'), ('service', 'Service'), ('price', 'Price'), ('medical', 'Medical quality'), ('environment', 'Environment'), ('privacy', 'Privacy'), ('other', 'Other')], max_length=11, verbose_name='about')),
                    ('level', models.CharField(choices=[('minor', 'Minor'), ('general', 'General'), ('major', 'Major')], max_length=7, verbose_name='level')),
                    ('harm', models.BooleanField(default=False, verbose_name='somebody came to harm')),
                    ('text', models.TextField(max_length=4000, verbose_name='what happened')),
                    ('wish', models.TextField(blank=True, max_length=1000, verbose_name='what the visitor wants')),
                    ('state', models.CharField(choices=[('open', 'Received'), ('taken', 'Taken'), ('decided', 'Decided'), ('closed', 'Closed')], default='open', max_length=7, verbose_name='state')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('taken_at', models.DateTimeField(null=True, verbose_name='taken')),
                    ('decision', models.TextField(blank=True, max_length=4000, verbose_name='decision')),
                    ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                    ('satisfied', models.BooleanField(null=True, verbose_name='visitor satisfied')),
                    ('closed_at', models.DateTimeField(null=True, verbose_name='closed')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='clinic.branch')),
                    ('call_back', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='followups.callback')),
                    ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('received_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('responsible', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complaints_in_charge', to=settings.AUTH_USER_MODEL, verbose_name='in charge')),
                    ('responsible_department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.department', verbose_name='responsible department')),
                    ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('treatment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='consultations.treatment')),
                    ('visit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='reception.visit')),
                    ('visitor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='reception.visitor')),
                    ('about_staff', models.ManyToManyField(blank=True, related_name='complaints_about', to=settings.AUTH_USER_MODEL, verbose_name='staff it is about')),
                    ('request_key', models.UUIDField(help_text='Sent with the form; the same form is one complaint.', null=True, unique=True)),
                    ('request_content', models.CharField(blank=True, editable=False, max_length=64)),
                ],
                options={
                    'verbose_name': 'complaint',
                    'verbose_name_plural': 'complaints',
                    'ordering': ['-received_at'],
                    'indexes': [models.Index(fields=['branch', '-received_at'], name='complaint_recent'), models.Index(fields=['branch', 'state', 'level'], name='complaint_state'), models.Index(fields=['visitor', '-received_at'], name='complaint_visitor'), models.Index(fields=['branch', 'closed_at'], name='complaint_closed')],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'number'), name='complaint_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'open'), ('taken_at', None)), models.Q(models.Q(('state', 'open'), _negated=True), ('taken_at__isnull', False)), _connector='OR'), name='complaint_taken_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state__in', ['open', 'taken'])), models.Q(('decided_at__isnull', False), ('state__in', ['decided', 'closed'])), _connector='OR'), name='complaint_decided_known'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('satisfied__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at', None)), _connector='OR'), name='complaint_closed_known')],
                },
            ), migrations.CreateModel(
                name='ComplaintEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('kind', models.CharField(choices=[('opened', 'Received'), ('taken', 'Taken'), ('assigned', 'Given to'), ('noted', 'Note'), ('decided', 'Decided'), ('closed', 'Closed')], max_length=20)),
                    ('text', models.TextField(blank=True, max_length=4000)),
                    ('body', models.JSONField(default=dict)),
                    ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='complaints.complaint')),
                    ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'step of a complaint',
                    'verbose_name_plural': 'steps of a complaint',
                    'ordering': ['complaint', 'id'],
                },
            ), pgtrigger.migrations.AddTrigger(
                model_name='weeklyreport',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='faf15e8b94d271f30a0f1e484d13c153da7563f3', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_e2a17', table='complaints_weeklyreport', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='weeklyreport',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: complaints_weeklyreport cannot be emptied';", hash='55f28da0b6c5af0f91af201d6dd11b22c0d44977', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_f24d1', table='complaints_weeklyreport', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='complaintentry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='12cbd8aca114b8f3dcec07bdb1f21eb902509b02', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_1e31c', table='complaints_complaintentry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='complaintentry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: complaints_complaintentry cannot be emptied';", hash='58360c482df62f7d356c84c8d9ecd4fe57cacf23', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_c3171', table='complaints_complaintentry', when='BEFORE')),
            )],
        ),
    ]
