import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reception', '0007_keys_by_last_visit'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='visitorkey',
            name='visitor_key_once',
        ),
        migrations.RemoveIndex(
            model_name='visitorkey',
            name='visitor_key_visitor',
        ),
        migrations.AlterField(
            model_name='visitorkey',
            name='last_on',
            field=models.DateField(verbose_name='last visit, or first registered'),
        ),
        migrations.AddConstraint(
            model_name='visitorkey',
            constraint=models.UniqueConstraint(fields=('visitor', 'kind', 'key'), name='visitor_key_once'),
        ),
        migrations.AddIndex(
            model_name='visitorkey',
            index=models.Index(fields=['kind', 'key', '-last_on', '-visitor'], name='visitor_key_recent'),
        ),
        migrations.AddIndex(
            model_name='visitorkey',
            index=models.Index(condition=models.Q(('merged__isnull', False)), fields=['merged'], name='visitor_key_merged'),
        ),
        migrations.AddIndex(
            model_name='visitor',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='visitor_merged'),
        ),
        migrations.AddIndex(
            model_name='visitor',
            index=models.Index(condition=models.Q(('birth_on__isnull', False)), fields=['birth_on'], name='visitor_born'),
        ),
        migrations.AddConstraint(
            model_name='visitor',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='visitor_not_merged_into_herself'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visitor',
            trigger=pgtrigger.compiler.Trigger(name='keys_follow_last_visit', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.last_visit_on IS DISTINCT FROM NEW.last_visit_on)', func='UPDATE reception_visitorkey SET last_on = coalesce(NEW.last_visit_on, NEW.registered_at::date) WHERE visitor_id = NEW.id; RETURN NULL;', hash='54fe6b9fcc3abea7fae2546ddf2402fbef9ed922', operation='UPDATE OF "last_visit_on"', pgid='pgtrigger_keys_follow_last_visit_ff737', table='reception_visitor', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visitorkey',
            trigger=pgtrigger.compiler.Trigger(name='last_visit_of_a_key', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.last_on IS NULL)', func='SELECT coalesce(last_visit_on, registered_at::date) INTO NEW.last_on FROM reception_visitor WHERE id = NEW.visitor_id; RETURN NEW;', hash='4ff6255efe08c5fdb6bd38bbf4e854084383ecd5', operation='INSERT', pgid='pgtrigger_last_visit_of_a_key_61b33', table='reception_visitorkey', when='BEFORE')),
        ),
    ]
