from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reception', '0015_appointments_and_pre_reports'),
    ]

    operations = [
        migrations.AddField(
            model_name='amendment',
            name='request_content',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='importbatch',
            name='request_content',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='interference',
            name='request_content',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=64),
        ),
        migrations.AddIndex(
            model_name='logentry',
            index=models.Index(condition=models.Q(('kind', 'call')), fields=['for_staff', '-id'], name='log_entry_slips'),
        ),
        migrations.AddIndex(
            model_name='prereport',
            index=models.Index(condition=models.Q(('answered_at', None), ('promise_due_at__isnull', False), ('state__in', ['lead', 'booked'])), fields=['branch', 'promise_due_at', '-id'], name='pre_report_due'),
        ),
        migrations.AddIndex(
            model_name='prereport',
            index=models.Index(fields=['branch', 'state', 'promise_due_at', '-id'], name='pre_report_by_promise'),
        ),
    ]
