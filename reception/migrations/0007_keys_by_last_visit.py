"""Keys get the day by which the most recent bearer comes first, and every record gets the keys of today."""

import django.db.models.deletion
from django.db import migrations, models

from reception import keys

AT_ONCE = 2000


def write_keys_again(apps, schema_editor):
    """Give every visitor her keys anew: beginnings and phones from the end are keys now, surnames alone are not."""
    Visitor = apps.get_model("reception", "Visitor")
    VisitorKey = apps.get_model("reception", "VisitorKey")
    last = 0
    while people := list(Visitor.objects.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = people[-1].pk
        VisitorKey.objects.filter(visitor__in=people).delete()
        VisitorKey.objects.bulk_create(
            VisitorKey(
                visitor_id=one.pk, kind=kind, key=key, last_on=one.last_visit_on or one.registered_at.date()
            )
            for one in people
            for kind, key in sorted(
                keys.search_keys(name=one.name, phone=str(one.phone), file_number=one.file_number)
            )
        )


class Migration(migrations.Migration):

    dependencies = [
        ('reception', '0006_days_of_desks'),
    ]

    operations = [
        migrations.AddField(
            model_name='visitor',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_records', to='reception.visitor', verbose_name='merged into'),
        ),
        migrations.AddField(
            model_name='visitorkey',
            name='last_on',
            field=models.DateField(null=True, verbose_name='last visit, or first registered'),
        ),
        migrations.AddField(
            model_name='visitorkey',
            name='merged',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reception.visitor'),
        ),
        migrations.AlterField(
            model_name='visitorkey',
            name='kind',
            field=models.CharField(choices=[('phone', 'Phone digits'), ('phone_end', 'Phone digits from the end'), ('last_four', 'Last four digits'), ('name', 'Name'), ('given_name', 'Given name'), ('pinyin', 'Pinyin'), ('initials', 'Initials'), ('start', 'Beginning of a name'), ('file', 'File number')], db_collation='C', max_length=10),
        ),
        migrations.RunPython(write_keys_again, migrations.RunPython.noop, elidable=True),
    ]
