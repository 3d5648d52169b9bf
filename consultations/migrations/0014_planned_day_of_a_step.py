from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consultations', '0013_notices_passed_on'),
    ]

    operations = [
        migrations.AddField(
            model_name='stageentry',
            name='planned_on',
            field=models.DateField(help_text='The day it was planned for, where the step moved it to the day she came on.', null=True),
        ),
    ]
