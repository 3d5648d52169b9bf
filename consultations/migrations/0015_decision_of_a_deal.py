import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consultations', '0014_planned_day_of_a_step'),
        ('triage', '0006_longest_waits'),
    ]

    operations = [
        migrations.AddField(
            model_name='deal',
            name='decision',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='triage.decision'),
        ),
    ]
