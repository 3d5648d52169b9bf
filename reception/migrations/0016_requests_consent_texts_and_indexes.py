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
    ]
