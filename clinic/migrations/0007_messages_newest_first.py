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
    ]
