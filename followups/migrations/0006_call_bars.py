from django.db import migrations

# Whoever asked not to be called in a call is not called; what stood in the tries alone has a table of its own now.
BARS = """
    insert into followups_callbar (visitor_id, reason, branch_id, at, by_id)
    select distinct on (c.visitor_id) c.visitor_id, 'do_not_call', c.branch_id, a.at, a.staff_id
    from followups_callattempt a join followups_callback c on c.id = a.call_back_id
    where a.result = 'do_not_call' order by c.visitor_id, a.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('followups', '0005_plan_versions'),
    ]

    operations = [
        migrations.RunSQL(BARS, migrations.RunSQL.noop),
    ]
