from django.db import migrations

# The numbers go on where they were: every year keeps its last number.
MOVE = """
insert into clinic_counter (branch_id, series, period, last_number)
select branch_id, 'complaints', year::text, last_number from complaints_complaintcounter where last_number > 0
"""
MOVE_BACK = """
insert into complaints_complaintcounter (branch_id, year, last_number)
select branch_id, period::int, last_number from clinic_counter where series = 'complaints';
delete from clinic_counter where series = 'complaints'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0003_counters'),
        ('complaints', '0005_complaint_request_key'),
    ]

    operations = [
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.DeleteModel(
            name='ComplaintCounter',
        ),
    ]
