import clinic.models.organisation
import clinic.tables
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import phonenumber_field.modelfields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('clinic', '0001_initial'),
        ('clinic', '0002_staff_stand_ins'),
        ('clinic', '0003_counters'),
        ('clinic', '0004_heads_of_departments'),
        ('clinic', '0005_room_of_staff'),
        ('clinic', '0006_outgoing_messages'),
        ('clinic', '0007_messages_newest_first'),
        ('clinic', '0008_levels'),
        ('clinic', '0009_list_price'),
        ('clinic', '0010_notice_switches'),
        ('clinic', '0011_stored_files'),
        ('clinic', '0012_branch_days'),
        ('clinic', '0013_effect_days'),
        ('clinic', '0014_roster'),
    ]

    # By the names of what was replaced, so that a database which is on its way there is understood as well.
    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        clinic.tables.MakeTables(
            operations=[migrations.CreateModel(
                name='Branch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=60, verbose_name='Chinese name')),
                    ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                    ('code', models.SlugField(max_length=20, unique=True, verbose_name='code')),
                    ('time_zone', models.CharField(default='Asia/Shanghai', max_length=40, validators=[clinic.models.organisation.known_time_zone], verbose_name='time zone')),
                    ('phone', models.CharField(blank=True, max_length=30, verbose_name='phone')),
                ],
                options={
                    'verbose_name': 'branch',
                    'verbose_name_plural': 'branches',
                    'ordering': ['code'],
                },
            ), migrations.CreateModel(
                name='BranchHours',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('weekday', models.PositiveSmallIntegerField(verbose_name='weekday')),
                    ('opens_at', models.TimeField(verbose_name='opens at')),
                    ('closes_at', models.TimeField(verbose_name='closes at')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hours', to='clinic.branch')),
                ],
                options={
                    'verbose_name': 'opening hours',
                    'verbose_name_plural': 'opening hours',
                    'ordering': ['branch', 'weekday'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'weekday'), name='branch_hours_once_a_weekday'), models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='branch_hours_weekday'), models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at'))), name='branch_hours_order')],
                },
            ), migrations.CreateModel(
                name='OutboxEvent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                    ('event', models.CharField(blank=True, help_text='Starts the tasks of settings.EVENT_TASKS.', max_length=40)),
                    ('payload', models.JSONField(default=dict)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('published_at', models.DateTimeField(null=True)),
                ],
                options={
                    'verbose_name': 'outbox event',
                    'verbose_name_plural': 'outbox',
                    'indexes': [models.Index(condition=models.Q(('published_at', None)), fields=['id'], name='outbox_unpublished'), models.Index(fields=['published_at'], name='outbox_published')],
                },
            ), migrations.CreateModel(
                name='Counter',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('series', models.CharField(db_collation='C', max_length=20)),
                    ('period', models.CharField(db_collation='C', max_length=10)),
                    ('last_number', models.PositiveIntegerField()),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinic.branch')),
                ],
                options={
                    'verbose_name': 'counter',
                    'verbose_name_plural': 'counters',
                    'constraints': [models.UniqueConstraint(fields=('branch', 'series', 'period'), name='counter_once')],
                },
            ), migrations.CreateModel(
                name='MembershipLevel',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=60, verbose_name='Chinese name')),
                    ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                    ('from_amount', models.DecimalField(decimal_places=2, error_messages={'unique': 'Another level begins at this amount.'}, help_text='Whoever has paid so much, less what was given back, has this level.', max_digits=12, unique=True, verbose_name='from (CNY)')),
                ],
                options={
                    'verbose_name': 'membership level',
                    'verbose_name_plural': 'membership levels',
                    'ordering': ['from_amount'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('from_amount__gt', 0)), name='membership_level_from_something')],
                },
            ), migrations.CreateModel(
                name='Department',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=60, verbose_name='Chinese name')),
                    ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                    ('code', models.SlugField(max_length=20, verbose_name='code')),
                    ('kind', models.CharField(choices=[('reception', 'Reception'), ('consulting', 'Consulting'), ('surgery', 'Surgery'), ('laser', 'Laser'), ('non_invasive', 'Non-invasive'), ('customer_service', 'Customer service'), ('phone', 'Phone and online'), ('management', 'Management')], max_length=20, verbose_name='kind')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departments', to='clinic.branch')),
                    ('head', models.ForeignKey(blank=True, help_text='Approves amendments of closed days that touch the department (R4).', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='heads', to=settings.AUTH_USER_MODEL, verbose_name='head of department')),
                ],
                options={
                    'verbose_name': 'department',
                    'verbose_name_plural': 'departments',
                    'ordering': ['branch', 'code'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'code'), name='department_code_once')],
                },
            ), migrations.CreateModel(
                name='Project',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=60, verbose_name='Chinese name')),
                    ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                    ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                    ('rank', models.PositiveSmallIntegerField(verbose_name='rank')),
                    ('offered', models.BooleanField(default=True, verbose_name='offered here')),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='clinic.department', verbose_name='department')),
                    ('list_price', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='list price (CNY)')),
                    ('effect_days', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(365)], verbose_name='effect shows after (days)')),
                ],
                options={
                    'verbose_name': 'project',
                    'verbose_name_plural': 'projects',
                    'ordering': ['rank', 'code'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('list_price', None), ('list_price__gte', 0), _connector='OR'), name='project_list_price')],
                },
            ), migrations.CreateModel(
                name='Staff',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('login_name', models.CharField(max_length=40, unique=True, verbose_name='login name')),
                    ('display_name', models.CharField(max_length=50, verbose_name='name')),
                    ('name_key', models.CharField(blank=True, db_collation='C', max_length=120, verbose_name='pinyin')),
                    ('phone_extension', models.CharField(blank=True, max_length=10, verbose_name='extension')),
                    ('active_from', models.DateField(verbose_name='works here from')),
                    ('active_until', models.DateField(blank=True, null=True, verbose_name='works here until')),
                    ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                    ('theme', models.CharField(choices=[('auto', 'As the computer'), ('light', 'Light'), ('dark', 'Dark')], default='auto', max_length=5, verbose_name='theme')),
                    ('text_size', models.CharField(choices=[('normal', 'Normal'), ('large', 'Large'), ('larger', 'Larger')], default='normal', max_length=6, verbose_name='text size')),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='successor')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='staff', to='clinic.branch', verbose_name='branch')),
                    ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='staff', to='clinic.department', verbose_name='department')),
                    ('excluded', models.ManyToManyField(blank=True, related_name='+', to='clinic.project', verbose_name='excluded projects')),
                    ('scope', models.ManyToManyField(blank=True, related_name='+', to='clinic.project', verbose_name='scope')),
                    ('dedicated', models.ManyToManyField(blank=True, related_name='+', to='clinic.project', verbose_name='dedicated projects')),
                    ('stand_in', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='stand-in')),
                    ('room', models.CharField(blank=True, max_length=20, verbose_name='room')),
                    ('notice_desktop', models.BooleanField(db_default=True, default=True, verbose_name='desktop notice')),
                    ('notice_sound', models.BooleanField(db_default=True, default=True, verbose_name='sound')),
                    ('notice_title', models.BooleanField(db_default=True, default=True, verbose_name='number in the tab title')),
                ],
                options={
                    'verbose_name': 'staff member',
                    'verbose_name_plural': 'staff',
                    'ordering': ['name_key', 'login_name'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('active_until', None), ('active_until__gte', models.F('active_from')), _connector='OR'), name='staff_active_dates')],
                },
            ), migrations.CreateModel(
                name='Job',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('kind', models.CharField(max_length=40)),
                    ('arguments', models.JSONField(default=dict)),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='waiting', max_length=10)),
                    ('done', models.PositiveIntegerField(default=0)),
                    ('total', models.PositiveIntegerField(default=0)),
                    ('error', models.TextField(blank=True)),
                    ('result_url', models.CharField(blank=True, max_length=200)),
                    ('cancel_requested', models.BooleanField(default=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('started_at', models.DateTimeField(null=True)),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('branch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'job',
                    'verbose_name_plural': 'jobs',
                    'ordering': ['-created_at'],
                    'indexes': [models.Index(fields=['staff', '-created_at'], name='job_staff')],
                },
            ), migrations.CreateModel(
                name='StaffEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('login_name', models.CharField(max_length=40, verbose_name='login name')),
                    ('display_name', models.CharField(max_length=50, verbose_name='name')),
                    ('name_key', models.CharField(blank=True, db_collation='C', max_length=120, verbose_name='pinyin')),
                    ('phone_extension', models.CharField(blank=True, max_length=10, verbose_name='extension')),
                    ('active_from', models.DateField(verbose_name='works here from')),
                    ('active_until', models.DateField(blank=True, null=True, verbose_name='works here until')),
                    ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                    ('theme', models.CharField(choices=[('auto', 'As the computer'), ('light', 'Light'), ('dark', 'Dark')], default='auto', max_length=5, verbose_name='theme')),
                    ('text_size', models.CharField(choices=[('normal', 'Normal'), ('large', 'Large'), ('larger', 'Larger')], default='normal', max_length=6, verbose_name='text size')),
                    ('branch', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clinic.branch', verbose_name='branch')),
                    ('department', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clinic.department', verbose_name='department')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
                    ('successor', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='successor')),
                    ('stand_in', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='stand-in')),
                    ('room', models.CharField(blank=True, max_length=20, verbose_name='room')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='AuditEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(verbose_name='time')),
                    ('action', models.CharField(max_length=60, verbose_name='action')),
                    ('object_type', models.CharField(blank=True, max_length=40, verbose_name='object')),
                    ('object_id', models.CharField(blank=True, max_length=40)),
                    ('detail', models.JSONField(default=dict)),
                    ('address', models.GenericIPAddressField(null=True)),
                    ('request_id', models.CharField(blank=True, max_length=40)),
                    ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('branch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                ],
                options={
                    'verbose_name': 'audit entry',
                    'verbose_name_plural': 'audit log',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['object_type', 'object_id', '-id'], name='audit_object'), models.Index(fields=['staff', '-id'], name='audit_staff'), models.Index(fields=['-at'], name='audit_time')],
                },
            ), migrations.CreateModel(
                name='OutgoingMessage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('phone', phonenumber_field.modelfields.PhoneNumberField(max_length=128, region=None, verbose_name='phone')),
                    ('template', models.CharField(max_length=40, verbose_name='template')),
                    ('language', models.CharField(choices=[('zh-hans', 'Chinese'), ('en', 'English')], max_length=10, verbose_name='language')),
                    ('body', models.CharField(max_length=500, verbose_name='message')),
                    ('about', models.CharField(db_collation='C', max_length=60, unique=True)),
                    ('state', models.CharField(choices=[('queued', 'To be sent'), ('sent', 'Sent'), ('failed', 'Not sent')], default='queued', max_length=6, verbose_name='state')),
                    ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                    ('next_try_at', models.DateTimeField(null=True, verbose_name='next try')),
                    ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
                    ('error', models.CharField(blank=True, max_length=200, verbose_name='why not')),
                    ('asked_at', models.DateTimeField(verbose_name='asked for')),
                    ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('taken_at', models.DateTimeField(editable=False, null=True)),
                ],
                options={
                    'verbose_name': 'message',
                    'verbose_name_plural': 'messages',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['branch', 'state', '-id'], name='message_branch'), models.Index(condition=models.Q(('state', 'queued')), fields=['next_try_at'], name='message_waiting'), models.Index(fields=['branch', '-id'], name='message_newest')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('next_try_at__isnull', False), ('sent_at', None), ('state', 'queued')), models.Q(('next_try_at', None), ('sent_at__isnull', False), ('state', 'sent')), models.Q(('next_try_at', None), ('sent_at', None), ('state', 'failed')), _connector='OR'), name='message_state_and_times'), models.CheckConstraint(condition=models.Q(('taken_at', None), ('state', 'queued'), _connector='OR'), name='message_taken_while_queued')],
                },
            ), migrations.CreateModel(
                name='StoredFile',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('content_type', models.CharField(max_length=40, verbose_name='kind')),
                    ('size', models.PositiveIntegerField(verbose_name='size')),
                    ('sha256', models.CharField(db_collation='C', max_length=64)),
                    ('width', models.PositiveIntegerField(null=True, verbose_name='width')),
                    ('height', models.PositiveIntegerField(null=True, verbose_name='height')),
                    ('content', models.BinaryField()),
                    ('thumbnail', models.BinaryField(default=b'')),
                    ('uploaded_at', models.DateTimeField(verbose_name='taken in')),
                    ('emptied_at', models.DateTimeField(null=True, verbose_name='emptied')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken in by')),
                ],
                options={
                    'verbose_name': 'stored file',
                    'verbose_name_plural': 'stored files',
                },
            ), migrations.CreateModel(
                name='BranchDay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('kind', models.CharField(choices=[('closed', 'Closed'), ('worked', 'Worked in exchange')], max_length=6, verbose_name='kind')),
                    ('name', models.CharField(max_length=40, verbose_name='what for')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='days', to='clinic.branch')),
                ],
                options={
                    'verbose_name': 'day of a branch',
                    'verbose_name_plural': 'days of a branch',
                    'ordering': ['branch', 'day'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'day'), name='branch_day_once')],
                },
            ), migrations.CreateModel(
                name='Shift',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('kind', models.CharField(choices=[('early', 'Early'), ('late', 'Late'), ('whole', 'Whole day'), ('duty', 'On duty'), ('off', 'Off'), ('leave', 'On leave')], max_length=5, verbose_name='shift')),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='clinic.branch')),
                    ('staff', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'shift',
                    'verbose_name_plural': 'shifts',
                    'ordering': ['day', 'staff'],
                    'indexes': [models.Index(fields=['branch', 'day'], name='shift_day')],
                    'constraints': [models.UniqueConstraint(fields=('staff', 'day'), name='shift_once_a_day')],
                },
            ), pgtrigger.migrations.AddTrigger(
                model_name='staff',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "clinic_staffevent" ("active_from", "active_until", "branch_id", "department_id", "display_name", "id", "is_superuser", "language", "login_name", "name_key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone_extension", "room", "stand_in_id", "successor_id", "text_size", "theme") VALUES (NEW."active_from", NEW."active_until", NEW."branch_id", NEW."department_id", NEW."display_name", NEW."id", NEW."is_superuser", NEW."language", NEW."login_name", NEW."name_key", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone_extension", NEW."room", NEW."stand_in_id", NEW."successor_id", NEW."text_size", NEW."theme"); RETURN NULL;', hash='8cbd18833c871a4defe4dbd0f7e2bc9c14de3f83', operation='INSERT', pgid='pgtrigger_insert_insert_01268', table='clinic_staff', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='staff',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."active_from" IS DISTINCT FROM (NEW."active_from") OR OLD."active_until" IS DISTINCT FROM (NEW."active_until") OR OLD."branch_id" IS DISTINCT FROM (NEW."branch_id") OR OLD."department_id" IS DISTINCT FROM (NEW."department_id") OR OLD."display_name" IS DISTINCT FROM (NEW."display_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."login_name" IS DISTINCT FROM (NEW."login_name") OR OLD."name_key" IS DISTINCT FROM (NEW."name_key") OR OLD."phone_extension" IS DISTINCT FROM (NEW."phone_extension") OR OLD."room" IS DISTINCT FROM (NEW."room") OR OLD."stand_in_id" IS DISTINCT FROM (NEW."stand_in_id") OR OLD."successor_id" IS DISTINCT FROM (NEW."successor_id") OR OLD."text_size" IS DISTINCT FROM (NEW."text_size") OR OLD."theme" IS DISTINCT FROM (NEW."theme"))', func='INSERT INTO "clinic_staffevent" ("active_from", "active_until", "branch_id", "department_id", "display_name", "id", "is_superuser", "language", "login_name", "name_key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone_extension", "room", "stand_in_id", "successor_id", "text_size", "theme") VALUES (NEW."active_from", NEW."active_until", NEW."branch_id", NEW."department_id", NEW."display_name", NEW."id", NEW."is_superuser", NEW."language", NEW."login_name", NEW."name_key", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone_extension", NEW."room", NEW."stand_in_id", NEW."successor_id", NEW."text_size", NEW."theme"); RETURN NULL;', hash='ca9444580b8bbfc2c1b2ffafc357ceb9e2a71efa', operation='UPDATE', pgid='pgtrigger_update_update_116e5', table='clinic_staff', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='staffevent',
                trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4814ae3b88fbf79fd09c595eb201d65f6022923f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7b275', table='clinic_staffevent', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='auditentry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d678313efe4742e0b179f835e315ff95473214c5', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_b8986', table='clinic_auditentry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='auditentry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: clinic_auditentry cannot be emptied';", hash='e23d5fae99458e58b53a115339ebef65c7dbffac', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_516c7', table='clinic_auditentry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='storedfile',
                trigger=pgtrigger.compiler.Trigger(name='stored_file_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='65100a8cad7802946b5b8f7aa04f6d629a6e39fc', operation='DELETE', pgid='pgtrigger_stored_file_stays_d316c', table='clinic_storedfile', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='storedfile',
                trigger=pgtrigger.compiler.Trigger(name='stored_file_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF OLD.emptied_at IS NULL AND NEW.emptied_at IS NOT NULL\n                        AND octet_length(NEW.content) = 0 AND octet_length(NEW.thumbnail) = 0\n                        AND (OLD.id, OLD.content_type, OLD.size, OLD.sha256, OLD.branch_id, OLD.uploaded_by_id,\n                            OLD.uploaded_at)\n                            = (NEW.id, NEW.content_type, NEW.size, NEW.sha256, NEW.branch_id, NEW.uploaded_by_id,\n                            NEW.uploaded_at)\n                    THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'a stored file can only be emptied' USING ERRCODE = 'check_violation';\n                    ", hash='4774157f1c5063ecd2e5e7e44ad77ee2f37028b5', operation='UPDATE', pgid='pgtrigger_stored_file_only_emptied_033d0', table='clinic_storedfile', when='BEFORE')),
            )],
        ),
    ]
