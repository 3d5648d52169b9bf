import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('triage', '0004_teams'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='board',
            trigger=pgtrigger.compiler.Trigger(name='board_opening_stands', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."branch_id" IS DISTINCT FROM (NEW."branch_id") OR OLD."department_id" IS DISTINCT FROM (NEW."department_id") OR OLD."desk" IS DISTINCT FROM (NEW."desk") OR OLD."day" IS DISTINCT FROM (NEW."day") OR OLD."policy_id" IS DISTINCT FROM (NEW."policy_id") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."opened_by_id" IS DISTINCT FROM (NEW."opened_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f356117a874c70efb3a82a343574795e6c1bae2f', operation='UPDATE', pgid='pgtrigger_board_opening_stands_f68cb', table='triage_board', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='board',
            trigger=pgtrigger.compiler.Trigger(name='board_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='c0b022bb8b43db43ea817bb6603d3da5e66ac22e', operation='DELETE', pgid='pgtrigger_board_stays_2ceb9', table='triage_board', when='BEFORE')),
        ),
    ]
