from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0006_outgoing_messages'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='outgoingmessage',
            index=models.Index(fields=['branch', '-id'], name='message_newest'),
        ),
        migrations.AddField(
            model_name='outgoingmessage',
            name='taken_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='outgoingmessage',
            constraint=models.CheckConstraint(condition=models.Q(('taken_at', None), ('state', 'queued'), _connector='OR'), name='message_taken_while_queued'),
        ),
    ]
