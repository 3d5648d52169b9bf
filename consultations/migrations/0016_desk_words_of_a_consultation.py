import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consultations', '0015_decision_of_a_deal'),
        ('reception', '0020_called_again'),
    ]

    operations = [
        migrations.AddField(
            model_name='consultation',
            name='desk_friend',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.visitor', verbose_name='absent friend'),
        ),
        migrations.AddField(
            model_name='consultation',
            name='desk_reason',
            field=models.CharField(blank=True, choices=[('for_friend', 'Enquires for a friend who is absent'), ('minor', 'Minor without a guardian'), ('elder', 'Elder'), ('free_trial', 'Free experience'), ('paid_treatment', 'Fully paid, only to be treated'), ('refund', 'Refund'), ('companion', 'Companion'), ('not_offered', 'Project not offered here'), ('cannot_do', 'Cannot be done here'), ('product', 'Collects a product')], db_default='', default='', editable=False, max_length=14),
        ),
    ]
