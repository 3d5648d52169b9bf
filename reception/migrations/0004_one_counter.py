from django.db import migrations

# The numbers go on where they were: every day keeps its last number.
MOVE = """
insert into clinic_counter (branch_id, series, period, last_number)
select branch_id, 'visits', day::text, last_number from reception_daycounter where last_number > 0
"""
MOVE_BACK = """
insert into reception_daycounter (branch_id, day, last_number)
select branch_id, period::date, last_number from clinic_counter where series = 'visits';
delete from clinic_counter where series = 'visits'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0003_counters'),
        ('reception', '0003_circumstances'),
    ]

    operations = [
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.DeleteModel(
            name='DayCounter',
        ),
    ]
