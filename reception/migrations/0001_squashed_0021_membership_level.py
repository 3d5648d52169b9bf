import clinic.tables
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import phonenumber_field.modelfields
from django.conf import settings
from django.db import migrations, models

# Not by pgtrigger: a session can switch its triggers off by a setting, and the tables of visits have to stay writable
# for the application's role. These functions look at no setting.
SIGNED_DAYS = """
create function reception_signed_visit() returns trigger language plpgsql as $$
declare
    door jsonb;
begin
    if tg_op <> 'INSERT' and (exists (
        select from reception_dayclose c
        where c.branch_id = old.branch_id and c.day = old.day and old.number <= c.last_number
    ) or exists (
        -- What two have approved to be entered again for a void entry is signed by them.
        select from reception_amendment a where a.entered_id = old.id
    )) then
        if tg_op = 'DELETE' then
            raise exception 'visit % stands on the signed sheet of %', old.number, old.day
                using errcode = 'restrict_violation';
        end if;
        -- The one way in: an amendment that two have approved and that is being applied in this transaction.
        select a.after into door from reception_amendment a
        where a.visit_id = old.id and a.supervisor_id is not null and a.head_id is not null
            and a.applied_at is null and a.refused_at is null;
        -- And a record that is merged into another, or taken out of it again, takes its visits along.
        if exists (
            select from jsonb_each(to_jsonb(new)) as n
            where n.value is distinct from to_jsonb(old) -> n.key
                and not (n.key = 'version' and door is not null and new.version = old.version + 1)
                -- An instant is the same however it is written.
                and case when n.key in ('arrived_at', 'entered_at', 'finished_at', 'left_at') and door ? n.key
                    then (n.value #>> '{}')::timestamptz is distinct from (door ->> n.key)::timestamptz
                    else n.value is distinct from door -> n.key end
                and not (n.key in ('visitor_id', 'friend_id', 'referrer_id') and exists (
                    select from reception_merge m join reception_visitor v on v.id = m.other_id
                    where m.taken_back_at is null and v.merged_into_id = m.survivor_id
                        and (m.other_id = (to_jsonb(old) ->> n.key)::bigint
                            and m.survivor_id = (n.value #>> '{}')::bigint
                            or m.survivor_id = (to_jsonb(old) ->> n.key)::bigint
                            and m.other_id = (n.value #>> '{}')::bigint
                            -- Only what came with the record goes back with it.
                            and m.moved -> ('reception.Visit.' || left(n.key, -3)) @> to_jsonb(old.id))
                ))
        ) then
            raise exception 'visit % stands on the signed sheet of %', old.number, old.day
                using errcode = 'restrict_violation';
        end if;
        return new;
    end if;
    if tg_op <> 'DELETE' and exists (
        select from reception_dayclose c
        where c.branch_id = new.branch_id and c.day = new.day and new.number <= c.last_number
    ) then
        raise exception 'no visit % can be added to the signed sheet of %', new.number, new.day
            using errcode = 'restrict_violation';
    end if;
    return coalesce(new, old);
end $$;

create trigger signed_visit_added before insert on reception_visit
    for each row execute function reception_signed_visit();
-- A day with visits that are not over is not closed, so what moves through the house all day is not looked at.
create trigger signed_visit_changed before update on reception_visit for each row
    when (old.state in ('finished', 'left', 'void') or old.branch_id <> new.branch_id or old.day <> new.day
          or old.number <> new.number)
    execute function reception_signed_visit();
create trigger signed_visit_deleted before delete on reception_visit
    for each row execute function reception_signed_visit();

create function reception_signed_wish() returns trigger language plpgsql as $$
declare
    touched bigint;
begin
    foreach touched in array array_remove(array[
        case when tg_op <> 'INSERT' then old.visit_id end, case when tg_op <> 'DELETE' then new.visit_id end], null)
    loop
        if exists (
            select from reception_visit v
            where v.id = touched and (exists (
                select from reception_dayclose c
                where c.branch_id = v.branch_id and c.day = v.day and v.number <= c.last_number
            ) or exists (
                select from reception_amendment a where a.entered_id = v.id
            )) and not exists (
                select from reception_amendment a
                where a.visit_id = v.id and a.supervisor_id is not null and a.head_id is not null
                    and a.applied_at is null and a.refused_at is null and a.after ? 'projects')
        ) then
            raise exception 'the projects of visit % stand on a signed sheet', touched
                using errcode = 'restrict_violation';
        end if;
    end loop;
    return coalesce(new, old);
end $$;

create trigger signed_wish before insert or update or delete on reception_visitproject
    for each row execute function reception_signed_wish();

create function reception_signed_table() returns trigger language plpgsql as $$
begin
    if exists (select from reception_dayclose) then
        raise exception '% holds signed days and cannot be emptied', tg_table_name using errcode = 'restrict_violation';
    end if;
    return null;
end $$;

create trigger signed_visit_table before truncate on reception_visit
    for each statement execute function reception_signed_table();
create trigger signed_wish_table before truncate on reception_visitproject
    for each statement execute function reception_signed_table();

create function reception_day_closed() returns trigger language plpgsql as $$
begin
    if (select count(distinct s.party) < 4 or count(distinct s.staff_id) < 4
        from reception_daysignature s where s.sheet_id = new.sheet_id) then
        raise exception 'four parties have not signed the sheet of %', new.day using errcode = 'check_violation';
    end if;
    if not exists (
        select from reception_registersheet s
        where s.id = new.sheet_id and s.branch_id = new.branch_id and s.day = new.day
            and s.last_number = new.last_number
    ) or exists (
        select from reception_visit v where v.branch_id = new.branch_id and v.day = new.day
            and v.number <= new.last_number and v.state not in ('finished', 'left', 'void')
    ) then
        raise exception 'this sheet does not close %', new.day using errcode = 'check_violation';
    end if;
    if exists (
        select from reception_dayclose c
        where c.branch_id = new.branch_id and c.day = new.day and c.last_number >= new.last_number
    ) then
        raise exception '% is closed up to this number already', new.day using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger day_closed before insert on reception_dayclose
    for each row execute function reception_day_closed();

create function reception_day_signed() returns trigger language plpgsql as $$
begin
    if exists (
        select from reception_daysignature s
        where s.branch_id = new.branch_id and s.day = new.day and s.staff_id = new.staff_id and s.party <> new.party
    ) then
        raise exception 'one person signs a day for one party' using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger day_signed before insert on reception_daysignature
    for each row execute function reception_day_signed();
"""

SIGNED_DAYS_BACK = """
drop trigger signed_visit_added on reception_visit;
drop trigger signed_visit_changed on reception_visit;
drop trigger signed_visit_deleted on reception_visit;
drop trigger signed_visit_table on reception_visit;
drop trigger signed_wish on reception_visitproject;
drop trigger signed_wish_table on reception_visitproject;
drop trigger day_closed on reception_dayclose;
drop trigger day_signed on reception_daysignature;
drop function reception_signed_visit();
drop function reception_signed_wish();
drop function reception_signed_table();
drop function reception_day_closed();
drop function reception_day_signed();
"""

AMENDMENTS = """
create function reception_amendment_kept() returns trigger language plpgsql as $$
declare
    decided text[] := array['supervisor_id', 'supervisor_at', 'head_id', 'head_at', 'refused_by_id', 'refused_at',
                            'refused_reason', 'applied_at', 'closing_id', 'sheet_id', 'entered_id'];
begin
    if tg_op = 'INSERT' then
        if new.supervisor_id is not null or new.head_id is not null or new.refused_at is not null
            or new.applied_at is not null then
            raise exception 'an amendment begins undecided' using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if tg_op = 'DELETE' or old.applied_at is not null or old.refused_at is not null
        or to_jsonb(new) - decided is distinct from to_jsonb(old) - decided
        or (old.supervisor_id is not null and old.supervisor_id is distinct from new.supervisor_id)
        or (old.head_id is not null and old.head_id is distinct from new.head_id) then
        raise exception 'an amendment stays as it was proposed and decided' using errcode = 'restrict_violation';
    end if;
    if old.supervisor_id is null and new.supervisor_id is not null and old.head_id is null
        and new.head_id is not null then
        raise exception 'two approvals are two steps' using errcode = 'check_violation';
    end if;
    if new.entered_id is not null and not exists (
        select from reception_visit v where v.id = new.entered_id and v.replaces_id = new.visit_id
            and v.branch_id = new.branch_id and v.day = new.day and new.after ? 'visitor'
            and v.visitor_id = (new.after ->> 'visitor')::bigint
    ) then
        raise exception 'what is entered again is what was approved' using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger amendment_kept before insert or update or delete on reception_amendment
    for each row execute function reception_amendment_kept();
create trigger amendment_table before truncate on reception_amendment
    for each statement execute function reception_signed_table();

create function reception_amendment_applied() returns trigger language plpgsql as $$
begin
    if exists (
        select from reception_amendment a where a.id = new.id and a.supervisor_id is not null
            and a.head_id is not null and a.applied_at is null and a.refused_at is null
    ) then
        raise exception 'what two have approved is applied in the same transaction' using errcode = 'check_violation';
    end if;
    return null;
end $$;

create constraint trigger amendment_applied after update on reception_amendment
    deferrable initially deferred for each row execute function reception_amendment_applied();
"""

AMENDMENTS_BACK = """
drop trigger amendment_kept on reception_amendment;
drop trigger amendment_table on reception_amendment;
drop trigger amendment_applied on reception_amendment;
drop function reception_amendment_kept();
drop function reception_amendment_applied();
"""

# That two records were merged lets visits of signed days change hands, so it cannot be made to never have been.
MERGES = """
create function reception_merge_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.taken_back_at is not null
        or (new.survivor_id, new.other_id, new.merged_at, new.merged_by_id)
            is distinct from (old.survivor_id, old.other_id, old.merged_at, old.merged_by_id) then
        raise exception 'merging % stays as it was done', old.id using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

create trigger merge_kept before update or delete on reception_merge
    for each row execute function reception_merge_kept();
"""

MERGES_BACK = """
drop trigger merge_kept on reception_merge;
drop function reception_merge_kept();
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('reception', '0001_initial'),
        ('reception', '0002_request_key'),
        ('reception', '0003_circumstances'),
        ('reception', '0004_one_counter'),
        ('reception', '0005_request_content'),
        ('reception', '0006_days_of_desks'),
        ('reception', '0007_keys_by_last_visit'),
        ('reception', '0008_recent_keys_first'),
        ('reception', '0009_merging'),
        ('reception', '0010_day_log_rounds_and_archive_requests'),
        ('reception', '0011_days_of_the_register'),
        ('reception', '0012_signed_days_stay_as_they_are'),
        ('reception', '0013_imports_and_screens'),
        ('reception', '0014_cards_consents_pre_checks'),
        ('reception', '0015_appointments_and_pre_reports'),
        ('reception', '0016_requests_and_indexes'),
        ('reception', '0017_days_closed_once_more'),
        ('reception', '0018_what_holds'),
        ('reception', '0019_retention'),
        ('reception', '0020_called_again'),
        ('reception', '0021_membership_level'),
    ]

    # By the names of what was replaced, so that a database which is on its way there is understood as well.
    dependencies = [
        ('clinic', '0011_stored_files'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        clinic.tables.MakeTables(
            operations=[migrations.CreateModel(
                name='Visitor',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('file_number', models.CharField(db_collation='C', max_length=20, unique=True, verbose_name='file number')),
                    ('name', models.CharField(max_length=50, verbose_name='name')),
                    ('phone', phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region=None, verbose_name='phone')),
                    ('gender', models.CharField(choices=[('female', 'Female'), ('male', 'Male'), ('other', 'Other'), ('unknown', 'Not told')], default='unknown', max_length=7, verbose_name='gender')),
                    ('birth_on', models.DateField(blank=True, null=True, verbose_name='birth date')),
                    ('heard_from', models.CharField(blank=True, max_length=60, verbose_name='how they heard of us')),
                    ('medical_notes', models.TextField(blank=True, max_length=2000, verbose_name='health and allergies')),
                    ('card_declined', models.BooleanField(default=False, verbose_name='declined to fill in the card')),
                    ('vip', models.BooleanField(default=False, verbose_name='VIP')),
                    ('standing', models.CharField(choices=[('new', 'Never consulted'), ('no_deal', 'Consulted, no deal'), ('deposit', 'Deposit paid'), ('paid', 'Paid'), ('treated', 'Treated')], default='new', max_length=8, verbose_name='standing')),
                    ('consulted_by', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name='consulted by')),
                    ('registered_at', models.DateTimeField(verbose_name='first registered')),
                    ('last_visit_on', models.DateField(blank=True, null=True, verbose_name='last visit')),
                    ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='owned_visitors', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                    ('registered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('registered_in', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('merged_into', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_records', to='reception.visitor', verbose_name='merged into')),
                    ('birth_year', models.PositiveSmallIntegerField(blank=True, help_text='From the age she gave, when the birth date is not known.', null=True, verbose_name='born about')),
                    ('called_before', models.CharField(choices=[('yes', 'Yes, she called before'), ('no', 'No, this is the first contact'), ('unknown', 'Not told')], db_default='unknown', default='unknown', max_length=7, verbose_name='called before')),
                    ('occupation', models.CharField(blank=True, db_default='', default='', max_length=60, verbose_name='occupation')),
                    ('referred_by', models.CharField(blank=True, db_default='', default='', max_length=50, verbose_name='referrer')),
                    ('wishes', models.TextField(blank=True, db_default='', default='', max_length=500, verbose_name='wishes')),
                    ('level', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='clinic.membershiplevel', verbose_name='membership level')),
                ],
                options={
                    'verbose_name': 'visitor',
                    'verbose_name_plural': 'visitors',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['owner', '-last_visit_on'], name='visitor_owner_recent'), models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='visitor_merged'), models.Index(condition=models.Q(('birth_on__isnull', False)), fields=['birth_on'], name='visitor_born')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='visitor_not_merged_into_herself'), models.CheckConstraint(condition=models.Q(('birth_on', None), ('birth_year', None), _connector='OR'), name='visitor_born_on_or_about')],
                },
            ), migrations.CreateModel(
                name='Visit',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('number', models.PositiveIntegerField(verbose_name='queue number')),
                    ('purpose', models.CharField(choices=[('consult', 'Consultation'), ('review', 'Review')], default='consult', max_length=7, verbose_name='purpose')),
                    ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                    ('arrived_at', models.DateTimeField(verbose_name='arrived')),
                    ('state', models.CharField(choices=[('registered', 'Registered'), ('waiting', 'Waiting'), ('accepted', 'Accepted'), ('in_room', 'In the room'), ('finished', 'Finished'), ('left', 'Left'), ('void', 'Void')], default='registered', max_length=10, verbose_name='state')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('visit_type', models.CharField(blank=True, choices=[('first', 'First visit'), ('return', 'Return visit'), ('review', 'Review visit'), ('repurchase', 'Repurchase'), ('other', 'Other')], max_length=10, verbose_name='visit type')),
                    ('type_rule', models.CharField(blank=True, max_length=4)),
                    ('rule', models.CharField(blank=True, max_length=4)),
                    ('turn', models.CharField(blank=True, choices=[('counted', 'Counted turn'), ('make_up', 'Make-up turn'), ('free', 'No turn used')], max_length=7, verbose_name='turn')),
                    ('allocated_at', models.DateTimeField(null=True, verbose_name='allocated')),
                    ('accepted_at', models.DateTimeField(null=True, verbose_name='accepted')),
                    ('entered_at', models.DateTimeField(null=True, verbose_name='entered the room')),
                    ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                    ('left_at', models.DateTimeField(null=True, verbose_name='left')),
                    ('void_reason', models.CharField(blank=True, max_length=200, verbose_name='why void')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='clinic.branch')),
                    ('consultant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='consultant')),
                    ('registered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visitor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='reception.visitor')),
                    ('projects', models.ManyToManyField(related_name='+', through='reception.VisitProject', to='clinic.project')),
                    ('request_key', models.UUIDField(editable=False, null=True, unique=True)),
                    ('after_review', models.BooleanField(default=False, verbose_name='came for a review, wants a consultation')),
                    ('announced_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='announced by')),
                    ('claims_history', models.BooleanField(default=False, verbose_name='says she was here before')),
                    ('designated', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asks for')),
                    ('designated_by', models.CharField(blank=True, choices=[('visitor', 'The visitor'), ('management', 'Management'), ('division', 'A business division'), ('third_party', 'A phone or online agent, a channel'), ('staff', 'A colleague'), ('department', 'Another department')], max_length=11, verbose_name='asked for by')),
                    ('designated_turn', models.CharField(blank=True, choices=[('free', 'free'), ('counted', 'counted')], max_length=7)),
                    ('emergency', models.BooleanField(default=False, verbose_name='emergency')),
                    ('friend', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.visitor', verbose_name='absent friend')),
                    ('group_lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='companions', to='reception.visit', verbose_name='came with')),
                    ('group_wants', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='the group asks for')),
                    ('other_reason', models.CharField(blank=True, choices=[('for_friend', 'Enquires for a friend who is absent'), ('minor', 'Minor without a guardian'), ('elder', 'Elder'), ('free_trial', 'Free experience'), ('paid_treatment', 'Fully paid, only to be treated'), ('refund', 'Refund'), ('companion', 'Companion'), ('not_offered', 'Project not offered here'), ('cannot_do', 'Cannot be done here'), ('product', 'Collects a product')], max_length=14, verbose_name='other reason')),
                    ('owner', models.ForeignKey(blank=True, help_text='Whose visitor she is by the newest decision.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner after this visit')),
                    ('referral_by', models.CharField(blank=True, choices=[('visitor', 'The visitor says so'), ('pre_report', 'The owner announced it'), ('slip', "A colleague's slip")], max_length=10, verbose_name='how we know')),
                    ('referrer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='referred', to='reception.visitor', verbose_name='referrer')),
                    ('without_guardian', models.BooleanField(default=False, verbose_name='minor without a guardian')),
                    ('request_content', models.CharField(blank=True, editable=False, max_length=64)),
                    ('replaces', models.OneToOneField(blank=True, help_text='The void entry that this one is entered again for (R2).', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='reception.visit', verbose_name='entered again for')),
                    ('isolated_at', models.DateTimeField(blank=True, help_text='A suspected infection: she is not queued while this stands.', null=True, verbose_name='set apart')),
                    ('called_at', models.DateTimeField(null=True, verbose_name='called again')),
                ],
                options={
                    'verbose_name': 'visit',
                    'verbose_name_plural': 'visits',
                    'ordering': ['-day', '-number'],
                    'indexes': [models.Index(fields=['branch', 'day', 'state'], name='visit_day_state'), models.Index(fields=['visitor', '-day'], name='visit_visitor_recent'), models.Index(fields=['consultant', 'day'], name='visit_consultant_day'), models.Index(condition=models.Q(('friend__isnull', False)), fields=['friend'], name='visit_of_a_friend')],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'day', 'number'), name='visit_number_once_a_day'), models.UniqueConstraint(condition=models.Q(('state__in', ['registered', 'waiting', 'accepted', 'in_room'])), fields=('visitor',), name='visit_one_open_per_visitor'), models.CheckConstraint(condition=models.Q(models.Q(('designated', None), ('designated_by', '')), models.Q(models.Q(('designated_by', ''), _negated=True), ('designated__isnull', False)), _connector='OR'), name='visit_designated_by_somebody')],
                },
            ), migrations.CreateModel(
                name='VisitorEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.BigIntegerField()),
                    ('file_number', models.CharField(db_collation='C', max_length=20, verbose_name='file number')),
                    ('name', models.CharField(max_length=50, verbose_name='name')),
                    ('phone', phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region=None, verbose_name='phone')),
                    ('gender', models.CharField(choices=[('female', 'Female'), ('male', 'Male'), ('other', 'Other'), ('unknown', 'Not told')], default='unknown', max_length=7, verbose_name='gender')),
                    ('birth_on', models.DateField(blank=True, null=True, verbose_name='birth date')),
                    ('heard_from', models.CharField(blank=True, max_length=60, verbose_name='how they heard of us')),
                    ('medical_notes', models.TextField(blank=True, max_length=2000, verbose_name='health and allergies')),
                    ('card_declined', models.BooleanField(default=False, verbose_name='declined to fill in the card')),
                    ('vip', models.BooleanField(default=False, verbose_name='VIP')),
                    ('standing', models.CharField(choices=[('new', 'Never consulted'), ('no_deal', 'Consulted, no deal'), ('deposit', 'Deposit paid'), ('paid', 'Paid'), ('treated', 'Treated')], default='new', max_length=8, verbose_name='standing')),
                    ('consulted_by', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name='consulted by')),
                    ('registered_at', models.DateTimeField(verbose_name='first registered')),
                    ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reception.visitor')),
                    ('registered_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('registered_in', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='clinic.branch')),
                    ('birth_year', models.PositiveSmallIntegerField(blank=True, help_text='From the age she gave, when the birth date is not known.', null=True, verbose_name='born about')),
                    ('called_before', models.CharField(choices=[('yes', 'Yes, she called before'), ('no', 'No, this is the first contact'), ('unknown', 'Not told')], db_default='unknown', default='unknown', max_length=7, verbose_name='called before')),
                    ('occupation', models.CharField(blank=True, db_default='', default='', max_length=60, verbose_name='occupation')),
                    ('referred_by', models.CharField(blank=True, db_default='', default='', max_length=50, verbose_name='referrer')),
                    ('wishes', models.TextField(blank=True, db_default='', default='', max_length=500, verbose_name='wishes')),
                ],
                options={
                    'abstract': False,
                },
            ), migrations.CreateModel(
                name='VisitorKey',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('phone', 'Phone digits'), ('phone_end', 'Phone digits from the end'), ('last_four', 'Last four digits'), ('name', 'Name'), ('given_name', 'Given name'), ('pinyin', 'Pinyin'), ('initials', 'Initials'), ('start', 'Beginning of a name'), ('file', 'File number')], db_collation='C', max_length=10)),
                    ('key', models.CharField(db_collation='C', max_length=200)),
                    ('visitor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='reception.visitor')),
                    ('last_on', models.DateField(verbose_name='last visit, or first registered')),
                    ('merged', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reception.visitor')),
                ],
                options={
                    'verbose_name': 'search key',
                    'verbose_name_plural': 'search keys',
                    'indexes': [models.Index(fields=['kind', 'key', '-last_on', '-visitor'], name='visitor_key_recent'), models.Index(condition=models.Q(('merged__isnull', False)), fields=['merged'], name='visitor_key_merged')],
                    'constraints': [models.UniqueConstraint(fields=('visitor', 'kind', 'key'), name='visitor_key_once')],
                },
            ), migrations.CreateModel(
                name='VisitProject',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.project')),
                    ('visit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wishes', to='reception.visit')),
                ],
                options={
                    'verbose_name': 'project of a visit',
                    'verbose_name_plural': 'projects of a visit',
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('visit', 'project'), name='visit_project_once')],
                },
            ), migrations.CreateModel(
                name='DeskDay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('max_wait_minutes', models.PositiveSmallIntegerField(verbose_name='longest wait')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                ],
                options={
                    'verbose_name': 'day of a desk',
                    'verbose_name_plural': 'days of desks',
                    'ordering': ['branch', 'day'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'day'), name='desk_day_once')],
                },
            ), migrations.CreateModel(
                name='Merge',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('merged_at', models.DateTimeField(verbose_name='merged')),
                    ('before', models.JSONField()),
                    ('after', models.JSONField()),
                    ('moved', models.JSONField()),
                    ('taken_back_at', models.DateTimeField(null=True, verbose_name='taken back')),
                    ('merged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='merged by')),
                    ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='reception.visitor', verbose_name='merged into it')),
                    ('survivor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.visitor', verbose_name='stays')),
                    ('taken_back_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'merging of two records',
                    'verbose_name_plural': 'mergings of records',
                    'ordering': ['-id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('taken_back_at', None)), fields=('other',), name='merge_one_at_a_time'), models.CheckConstraint(condition=models.Q(('survivor', models.F('other')), _negated=True), name='merge_of_two')],
                },
            ), migrations.CreateModel(
                name='PossibleDuplicate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(choices=[('phone', 'Same phone'), ('person', 'Same name and birth date')], max_length=6, verbose_name='why')),
                    ('noticed_at', models.DateTimeField(verbose_name='noticed')),
                    ('dismissed_at', models.DateTimeField(null=True, verbose_name='two persons since')),
                    ('dismissed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reception.visitor', verbose_name='earlier record')),
                    ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reception.visitor', verbose_name='later record')),
                ],
                options={
                    'verbose_name': 'possible duplicate',
                    'verbose_name_plural': 'possible duplicates',
                    'ordering': ['-id'],
                    'indexes': [models.Index(condition=models.Q(('dismissed_at', None)), fields=['-id'], name='possible_duplicate_open')],
                    'constraints': [models.UniqueConstraint(fields=('first', 'second'), name='possible_duplicate_once'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='possible_duplicate_earlier_first'), models.CheckConstraint(condition=models.Q(models.Q(('dismissed_at', None), ('dismissed_by', None)), models.Q(('dismissed_at__isnull', False), ('dismissed_by__isnull', False)), _connector='OR'), name='possible_duplicate_dismissed_by_somebody')],
                },
            ), migrations.CreateModel(
                name='LogEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('at', models.DateTimeField(verbose_name='time')),
                    ('kind', models.CharField(choices=[('call', 'Call'), ('parcel', 'Parcel in'), ('letter', 'Letter in'), ('outgoing', 'Sent out'), ('applicant', 'Job applicant'), ('caller', 'Other caller'), ('errand', 'Errand'), ('parking', 'Parking')], db_collation='C', max_length=9, verbose_name='kind')),
                    ('errand', models.CharField(blank=True, choices=[('taxi', 'Taxi'), ('meal', 'Meal'), ('child_care', 'Child care'), ('other', 'Other')], max_length=10, verbose_name='errand')),
                    ('name', models.CharField(blank=True, max_length=50, verbose_name='who')),
                    ('phone', phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region=None, verbose_name='call-back number')),
                    ('for_name', models.CharField(blank=True, max_length=50, verbose_name='for somebody else')),
                    ('text', models.CharField(blank=True, max_length=500, verbose_name='about what')),
                    ('carrier', models.CharField(blank=True, max_length=30, verbose_name='carrier')),
                    ('number', models.CharField(blank=True, max_length=40, verbose_name='tracking or ticket number')),
                    ('plate', models.CharField(blank=True, max_length=12, verbose_name='number plate')),
                    ('pieces', models.PositiveSmallIntegerField(default=1, verbose_name='pieces')),
                    ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), default=list, size=None, verbose_name='search keys')),
                    ('request_key', models.UUIDField(editable=False, null=True, unique=True)),
                    ('request_content', models.CharField(blank=True, editable=False, max_length=64)),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch', verbose_name='branch')),
                    ('for_department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.department', verbose_name='for which department')),
                    ('for_staff', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='for whom')),
                    ('visitor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.visitor', verbose_name='visitor')),
                    ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                ],
                options={
                    'verbose_name': 'entry of the day log',
                    'verbose_name_plural': 'entries of the day log',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['branch', 'day', '-id'], name='log_entry_day'), models.Index(fields=['branch', 'kind', '-id'], name='log_entry_kind'), models.Index(fields=['branch', '-id'], name='log_entry_newest'), models.Index(fields=['for_staff', '-id'], name='log_entry_for_staff'), django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['keys'], name='log_entry_keys'), models.Index(condition=models.Q(('kind', 'call')), fields=['for_staff', '-id'], name='log_entry_slips')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('pieces__gte', 1)), name='log_entry_pieces'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'errand'), models.Q(('errand', ''), _negated=True)), models.Q(models.Q(('kind', 'errand'), _negated=True), ('errand', '')), _connector='OR'), name='log_entry_errand')],
                },
            ), migrations.CreateModel(
                name='FileRequest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('asked', 'Asked for'), ('found', 'Found'), ('brought', 'On its way'), ('delivered', 'Delivered'), ('not_found', 'Not found'), ('returned', 'Back in the file room'), ('not_needed', 'Not needed')], default='asked', max_length=10, verbose_name='state')),
                    ('where_to', models.CharField(blank=True, max_length=40, verbose_name='needed where')),
                    ('asked_at', models.DateTimeField(verbose_name='asked')),
                    ('changed_at', models.DateTimeField(verbose_name='last step')),
                    ('asked_by', models.ForeignKey(help_text='Nobody: the visit asked by itself.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('visit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='file_request', to='reception.visit')),
                    ('visitor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.visitor')),
                ],
                options={
                    'verbose_name': 'archive request',
                    'verbose_name_plural': 'archive requests',
                    'ordering': ['asked_at', 'id'],
                    'indexes': [models.Index(condition=models.Q(('state__in', ['asked', 'found', 'brought', 'not_found', 'delivered'])), fields=['branch', 'asked_at'], name='file_request_open'), models.Index(fields=['branch', '-changed_at'], name='file_request_recent')],
                },
            ), migrations.CreateModel(
                name='FileStep',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('asked', 'Asked for'), ('found', 'Found'), ('brought', 'On its way'), ('delivered', 'Delivered'), ('not_found', 'Not found'), ('returned', 'Back in the file room'), ('not_needed', 'Not needed')], max_length=10, verbose_name='state')),
                    ('note', models.CharField(blank=True, max_length=100, verbose_name='note')),
                    ('at', models.DateTimeField(verbose_name='time')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='reception.filerequest')),
                ],
                options={
                    'verbose_name': 'step of an archive request',
                    'verbose_name_plural': 'steps of archive requests',
                    'ordering': ['id'],
                },
            ), migrations.CreateModel(
                name='LogOpen',
                fields=[
                    ('entry', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='open', serialize=False, to='reception.logentry')),
                    ('kind', models.CharField(choices=[('call', 'Call'), ('parcel', 'Parcel in'), ('letter', 'Letter in'), ('outgoing', 'Sent out'), ('applicant', 'Job applicant'), ('caller', 'Other caller'), ('errand', 'Errand'), ('parking', 'Parking')], db_collation='C', max_length=9)),
                    ('seen_at', models.DateTimeField(null=True, verbose_name='seen')),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinic.branch')),
                    ('for_staff', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'open entry of the day log',
                    'verbose_name_plural': 'open entries of the day log',
                    'indexes': [models.Index(fields=['branch', 'kind', 'entry'], name='log_open_kind'), models.Index(fields=['for_staff', 'kind', 'entry'], name='log_open_for_staff')],
                },
            ), migrations.CreateModel(
                name='LogStep',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('what', models.CharField(choices=[('seen', 'Seen'), ('done', 'Done'), ('answered', 'Answered'), ('handed_out', 'Handed out'), ('returned', 'Returned unopened'), ('picked_up', 'Picked up'), ('validated', 'Validated'), ('void', 'Void')], max_length=10, verbose_name='step')),
                    ('at', models.DateTimeField(verbose_name='time')),
                    ('taker', models.CharField(blank=True, max_length=50, verbose_name='taken by')),
                    ('text', models.CharField(blank=True, max_length=500, verbose_name='answer or reason')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ('entry', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='reception.logentry')),
                ],
                options={
                    'verbose_name': 'step of an entry',
                    'verbose_name_plural': 'steps of entries',
                    'ordering': ['id'],
                    'constraints': [models.UniqueConstraint(fields=('entry', 'what'), name='log_step_once'), models.UniqueConstraint(condition=models.Q(('what__in', ['done', 'answered', 'handed_out', 'returned', 'picked_up', 'validated'])), fields=('entry',), name='log_step_one_end'), models.CheckConstraint(condition=models.Q(models.Q(('what', 'handed_out'), _negated=True), models.Q(('taker', ''), _negated=True), _connector='OR'), name='log_step_taken_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('what__in', ['void', 'answered']), _negated=True), models.Q(('text', ''), _negated=True), _connector='OR'), name='log_step_says_why')],
                },
            ), migrations.CreateModel(
                name='RoundList',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('opening', 'Opening round'), ('closing', 'Closing round')], max_length=7, verbose_name='kind')),
                    ('version', models.PositiveIntegerField(verbose_name='version')),
                    ('starts_on', models.DateField(verbose_name='in force from')),
                    ('written_at', models.DateTimeField(verbose_name='written')),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'check list of a round',
                    'verbose_name_plural': 'check lists of rounds',
                    'ordering': ['branch', 'kind', '-version'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'kind', 'version'), name='round_list_version_once')],
                },
            ), migrations.CreateModel(
                name='RoundItem',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                    ('text', models.CharField(max_length=80, verbose_name='what to look at')),
                    ('list', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='reception.roundlist')),
                ],
                options={
                    'verbose_name': 'item of a check list',
                    'verbose_name_plural': 'items of check lists',
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('list', 'position'), name='round_item_position_once')],
                },
            ), migrations.CreateModel(
                name='RoundTick',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('state', models.CharField(choices=[('done', 'In order'), ('wrong', 'Something is wrong'), ('taken_back', 'Taken back')], max_length=10, verbose_name='state')),
                    ('remark', models.CharField(blank=True, max_length=200, verbose_name='remark')),
                    ('at', models.DateTimeField(verbose_name='time')),
                    ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.rounditem')),
                ],
                options={
                    'verbose_name': 'tick of a round',
                    'verbose_name_plural': 'ticks of rounds',
                    'ordering': ['id'],
                    'indexes': [models.Index(fields=['branch', 'day', 'item'], name='round_tick_day')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'wrong'), _negated=True), models.Q(('remark', ''), _negated=True), _connector='OR'), name='round_tick_remark')],
                },
            ), migrations.CreateModel(
                name='RegisterSheet',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('number', models.PositiveIntegerField(verbose_name='version')),
                    ('rows', models.JSONField()),
                    ('hash', models.CharField(db_collation='C', max_length=64)),
                    ('last_number', models.PositiveIntegerField()),
                    ('taken_at', models.DateTimeField(verbose_name='taken')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                ],
                options={
                    'verbose_name': 'register sheet',
                    'verbose_name_plural': 'register sheets',
                    'ordering': ['branch', 'day', 'number'],
                    'indexes': [models.Index(fields=['branch', 'day', 'hash'], name='register_sheet_content')],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'day', 'number'), name='register_sheet_once')],
                },
            ), migrations.CreateModel(
                name='DaySignature',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('party', models.CharField(choices=[('consultants', 'On-site consultants'), ('phone', 'Phone and online'), ('desk', 'Front desk'), ('marketing', 'Marketing')], max_length=11, verbose_name='party')),
                    ('signed_at', models.DateTimeField(verbose_name='signed')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='reception.registersheet')),
                ],
                options={
                    'verbose_name': 'signature of a day',
                    'verbose_name_plural': 'signatures of days',
                    'ordering': ['branch', 'day', 'id'],
                    'indexes': [models.Index(fields=['branch', 'day'], name='day_signature_day')],
                    'constraints': [models.UniqueConstraint(fields=('sheet', 'party'), name='day_signed_once_for_a_party'), models.UniqueConstraint(fields=('sheet', 'staff'), name='day_signed_by_four_people')],
                },
            ), migrations.CreateModel(
                name='DayClose',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('last_number', models.PositiveIntegerField()),
                    ('closed_at', models.DateTimeField(verbose_name='closed')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('closed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('sheet', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='closing', to='reception.registersheet')),
                ],
                options={
                    'verbose_name': 'closing of a day',
                    'verbose_name_plural': 'closings of days',
                    'ordering': ['branch', 'day'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'day', 'last_number'), name='day_closed_once_so_far')],
                },
            ), migrations.CreateModel(
                name='Amendment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('before', models.JSONField()),
                    ('after', models.JSONField()),
                    ('words', models.JSONField(default=dict)),
                    ('reason', models.CharField(max_length=300, verbose_name='reason')),
                    ('proposed_at', models.DateTimeField(verbose_name='proposed')),
                    ('supervisor_at', models.DateTimeField(null=True)),
                    ('head_at', models.DateTimeField(null=True)),
                    ('refused_at', models.DateTimeField(null=True, verbose_name='refused')),
                    ('refused_reason', models.CharField(blank=True, max_length=300)),
                    ('applied_at', models.DateTimeField(null=True, verbose_name='applied')),
                    ('request_key', models.UUIDField(editable=False, null=True, unique=True)),
                    ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.department', verbose_name='department concerned')),
                    ('head', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='head of department')),
                    ('refused_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('supervisor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='supervisor')),
                    ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='reception.visit')),
                    ('sheet', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amendment', to='reception.registersheet')),
                    ('request_content', models.CharField(blank=True, db_default='', default='', editable=False, max_length=64)),
                    ('closing', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='reception.dayclose')),
                    ('entered', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entered_by', to='reception.visit')),
                ],
                options={
                    'verbose_name': 'amendment',
                    'verbose_name_plural': 'amendments',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['branch', '-id'], name='amendment_branch'), models.Index(fields=['branch', 'day'], name='amendment_day'), models.Index(condition=models.Q(('applied_at', None), ('refused_at', None)), fields=['branch'], name='amendment_waiting')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('supervisor', None), models.Q(('supervisor', models.F('author')), _negated=True), _connector='OR'), name='amendment_supervisor_is_not_the_author'), models.CheckConstraint(condition=models.Q(('head', None), models.Q(('head', models.F('author')), _negated=True), _connector='OR'), name='amendment_head_is_not_the_author'), models.CheckConstraint(condition=models.Q(('head', None), ('supervisor', None), models.Q(('head', models.F('supervisor')), _negated=True), _connector='OR'), name='amendment_approved_by_two'), models.CheckConstraint(condition=models.Q(models.Q(('supervisor__isnull', True), ('supervisor_at__isnull', True)), models.Q(('supervisor__isnull', False), ('supervisor_at__isnull', False)), _connector='OR'), name='amendment_supervisor_with_time'), models.CheckConstraint(condition=models.Q(models.Q(('head__isnull', True), ('head_at__isnull', True)), models.Q(('head__isnull', False), ('head_at__isnull', False)), _connector='OR'), name='amendment_head_with_time'), models.CheckConstraint(condition=models.Q(models.Q(('refused_at__isnull', True), ('refused_by__isnull', True), ('refused_reason', '')), models.Q(('refused_at__isnull', False), ('refused_by__isnull', False), models.Q(('refused_reason', ''), _negated=True)), _connector='OR'), name='amendment_refused_with_reason'), models.UniqueConstraint(condition=models.Q(('applied_at', None), ('refused_at', None)), fields=('visit',), name='amendment_one_waits_for_a_visit'), models.CheckConstraint(condition=models.Q(('applied_at', None), models.Q(('closing__isnull', False), ('head__isnull', False), ('refused_at', None), ('sheet__isnull', False), ('supervisor__isnull', False)), _connector='OR'), name='amendment_applied_when_approved'), models.CheckConstraint(condition=models.Q(('entered', None), ('applied_at__isnull', False), _connector='OR'), name='amendment_enters_when_applied')],
                },
            ), migrations.CreateModel(
                name='Interference',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('kind', models.CharField(choices=[('operated', "Operated the desk's computer"), ('order', 'Pressed for another order or consultant'), ('visitor', 'Took a visitor away from the desk'), ('register', 'Wrote or wanted something changed in the register'), ('other', 'Something else')], max_length=8, verbose_name='what was done')),
                    ('note', models.CharField(max_length=300, verbose_name='what happened')),
                    ('count', models.PositiveIntegerField(verbose_name='times so far')),
                    ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                    ('request_key', models.UUIDField(editable=False, null=True, unique=True)),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who interfered')),
                    ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('request_content', models.CharField(blank=True, db_default='', default='', editable=False, max_length=64)),
                ],
                options={
                    'verbose_name': 'interference at the desk',
                    'verbose_name_plural': 'interference at the desk',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['branch', 'day'], name='interference_day')],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'person', 'count'), name='interference_counted_once'), models.CheckConstraint(condition=models.Q(('person', models.F('recorded_by')), _negated=True), name='interference_by_another')],
                },
            ), migrations.CreateModel(
                name='WaitingRoom',
                fields=[
                    ('branch', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='clinic.branch')),
                    ('names', models.CharField(choices=[('masked', 'Masked: 王*美'), ('full', 'In full'), ('none', 'The number alone')], default='masked', max_length=6, verbose_name='names on the screen')),
                ],
                options={
                    'verbose_name': 'waiting room',
                    'verbose_name_plural': 'waiting rooms',
                },
            ), migrations.CreateModel(
                name='ImportBatch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('file_name', models.CharField(max_length=200, verbose_name='file')),
                    ('size', models.PositiveIntegerField(verbose_name='size')),
                    ('sha256', models.CharField(db_collation='C', max_length=64)),
                    ('encoding', models.CharField(max_length=10, verbose_name='encoding')),
                    ('header', models.JSONField(default=list)),
                    ('samples', models.JSONField(default=list)),
                    ('fields', models.JSONField(default=list)),
                    ('identify_by', models.CharField(choices=[('file_number', 'The file number'), ('phone_name', 'Phone and name')], default='file_number', max_length=11, verbose_name='who is the same person')),
                    ('on_duplicate', models.CharField(choices=[('skip', 'Leave who is on file as she is'), ('fill', 'Fill in only what is empty on her card'), ('new', 'Take her as a new person')], default='skip', max_length=4, verbose_name='what with duplicates')),
                    ('state', models.CharField(choices=[('uploaded', 'Columns to be matched'), ('matched', 'Being checked'), ('checked', 'Checked'), ('importing', 'Being imported'), ('done', 'Imported'), ('undoing', 'Being taken back'), ('undone', 'Taken back'), ('discarded', 'Discarded')], default='uploaded', max_length=10, verbose_name='state')),
                    ('rows', models.PositiveIntegerField(default=0, verbose_name='rows')),
                    ('rows_wrong', models.PositiveIntegerField(default=0, verbose_name='rows with mistakes')),
                    ('mistakes_found', models.PositiveIntegerField(default=0, verbose_name='mistakes')),
                    ('new', models.PositiveIntegerField(default=0, verbose_name='new people')),
                    ('filled', models.PositiveIntegerField(default=0, verbose_name='filled in')),
                    ('skipped', models.PositiveIntegerField(default=0, verbose_name='left as they are')),
                    ('problem', models.CharField(blank=True, choices=[('stopped', 'The work was stopped. Nothing was written.'), ('rows', 'The file has too many rows. Split it.'), ('mistakes', 'Too many mistakes: probably a column holds something else. Match the columns again.'), ('unreadable', 'The file cannot be read to its end. Export it again from the old system.'), ('changed', 'Somebody on file was changed or taken in since the check. Check the file once more.'), ('kept', 'Some of its rows have been used since, so it cannot be taken back.'), ('failed', 'The work broke off, and nothing was written. Try it again.')], max_length=10)),
                    ('last_event', models.BigIntegerField(default=0)),
                    ('uploaded_at', models.DateTimeField(verbose_name='uploaded')),
                    ('imported_at', models.DateTimeField(null=True, verbose_name='imported')),
                    ('undone_at', models.DateTimeField(null=True, verbose_name='taken back')),
                    ('request_key', models.UUIDField(editable=False, unique=True)),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.job')),
                    ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='imported by')),
                    ('request_content', models.CharField(blank=True, db_default='', default='', editable=False, max_length=64)),
                ],
                options={
                    'verbose_name': 'import',
                    'verbose_name_plural': 'imports',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['branch', '-id'], name='import_branch'), models.Index(fields=['sha256'], name='import_sha256')],
                },
            ), migrations.CreateModel(
                name='ImportedRow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('row', models.PositiveIntegerField()),
                    ('is_new', models.BooleanField()),
                    ('filled', models.JSONField(default=dict)),
                    ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='imported', to='reception.importbatch')),
                    ('visitor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reception.visitor')),
                ],
                options={
                    'verbose_name': 'imported row',
                    'verbose_name_plural': 'imported rows',
                    'ordering': ['row'],
                    'constraints': [models.UniqueConstraint(fields=('batch', 'row'), name='imported_row_once')],
                },
            ), migrations.CreateModel(
                name='ImportMapping',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('headers_key', models.CharField(db_collation='C', max_length=64)),
                    ('fields', models.JSONField(default=dict)),
                    ('changed_at', models.DateTimeField(verbose_name='changed')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinic.branch')),
                ],
                options={
                    'verbose_name': 'matching of columns',
                    'verbose_name_plural': 'matchings of columns',
                    'constraints': [models.UniqueConstraint(fields=('branch', 'headers_key'), name='import_mapping_once')],
                },
            ), migrations.CreateModel(
                name='ImportMistake',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('row', models.PositiveIntegerField()),
                    ('column', models.PositiveSmallIntegerField(null=True)),
                    ('kind', models.CharField(max_length=20)),
                    ('value', models.CharField(max_length=200)),
                    ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mistakes', to='reception.importbatch')),
                ],
                options={
                    'verbose_name': 'mistake in a file',
                    'verbose_name_plural': 'mistakes in files',
                    'ordering': ['row', 'id'],
                    'indexes': [models.Index(fields=['batch', 'row', 'id'], name='import_mistake_row')],
                },
            ), migrations.CreateModel(
                name='ImportPiece',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('content', models.BinaryField()),
                    ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='reception.importbatch')),
                ],
                options={
                    'verbose_name': 'piece of a file',
                    'verbose_name_plural': 'pieces of files',
                    'constraints': [models.UniqueConstraint(fields=('batch', 'position'), name='import_piece_once')],
                },
            ), migrations.CreateModel(
                name='PastVisit',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('projects', models.CharField(blank=True, max_length=200, verbose_name='projects')),
                    ('project_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                    ('consultant_name', models.CharField(blank=True, max_length=60, verbose_name='consultant')),
                    ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='past_visits', to='reception.importbatch')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('consultant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visitor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='past_visits', to='reception.visitor')),
                ],
                options={
                    'verbose_name': 'visit of before',
                    'verbose_name_plural': 'visits of before',
                    'ordering': ['-day', '-id'],
                    'indexes': [models.Index(fields=['visitor', '-day'], name='past_visit_visitor')],
                },
            ), migrations.CreateModel(
                name='StagedRow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('row', models.PositiveIntegerField()),
                    ('decision', models.CharField(choices=[('new', 'New person'), ('fill', 'Filled in'), ('skip', 'Left as she is')], default='new', max_length=4)),
                    ('new_id', models.BigIntegerField(null=True)),
                    ('name', models.CharField(max_length=50)),
                    ('name_key', models.CharField(db_collation='C', max_length=200)),
                    ('phone', models.CharField(max_length=20)),
                    ('phone_key', models.CharField(db_collation='C', max_length=20)),
                    ('gender', models.CharField(choices=[('female', 'Female'), ('male', 'Male'), ('other', 'Other'), ('unknown', 'Not told')], max_length=7)),
                    ('birth_on', models.DateField(null=True)),
                    ('file_number', models.CharField(db_collation='C', max_length=20)),
                    ('heard_from', models.CharField(max_length=60)),
                    ('medical_notes', models.TextField()),
                    ('standing', models.CharField(max_length=8)),
                    ('consulted_by', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                    ('first_visit_on', models.DateField(null=True)),
                    ('last_visit_on', models.DateField(null=True)),
                    ('visits', models.JSONField(default=list)),
                    ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), size=None)),
                    ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), size=None)),
                    ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='staged', to='reception.importbatch')),
                    ('matched', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reception.visitor')),
                    ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'row to be imported',
                    'verbose_name_plural': 'rows to be imported',
                    'ordering': ['row'],
                    'constraints': [models.UniqueConstraint(fields=('batch', 'row'), name='staged_row_once')],
                },
            ), migrations.CreateModel(
                name='Display',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('token_hash', models.CharField(db_collation='C', max_length=64, unique=True)),
                    ('code', models.CharField(blank=True, db_collation='C', max_length=6)),
                    ('asked_at', models.DateTimeField()),
                    ('name', models.CharField(blank=True, max_length=60, verbose_name='where it hangs')),
                    ('paired_at', models.DateTimeField(null=True, verbose_name='paired')),
                    ('revoked_at', models.DateTimeField(null=True, verbose_name='taken off')),
                    ('seen_at', models.DateTimeField(null=True, verbose_name='last seen')),
                    ('branch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('paired_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('asked_from', models.CharField(blank=True, db_default='', default='', editable=False, max_length=64)),
                ],
                options={
                    'verbose_name': 'waiting-room screen',
                    'verbose_name_plural': 'waiting-room screens',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['branch', '-id'], name='display_branch')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('code',), name='display_code_once'), models.CheckConstraint(condition=models.Q(models.Q(('branch', None), ('paired_at', None)), models.Q(('branch__isnull', False), ('code', ''), ('paired_at__isnull', False)), _connector='OR'), name='display_paired_to_a_branch')],
                },
            ), migrations.CreateModel(
                name='ConsentText',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('data', 'Handling of personal data'), ('sensitive', 'Handling of sensitive data: health, id number'), ('photographs', 'Photographs for the file'), ('messages', 'Messages after the visit')], max_length=11, verbose_name='consent')),
                    ('version', models.PositiveSmallIntegerField(verbose_name='version')),
                    ('text', models.TextField(max_length=4000, verbose_name='Chinese text')),
                    ('text_en', models.TextField(max_length=4000, verbose_name='English text')),
                    ('starts_on', models.DateField(verbose_name='valid from')),
                    ('made_at', models.DateTimeField(verbose_name='written on')),
                    ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                ],
                options={
                    'verbose_name': 'text of a consent',
                    'verbose_name_plural': 'texts of consents',
                    'ordering': ['kind', '-version'],
                    'constraints': [models.UniqueConstraint(fields=('kind', 'version'), name='consent_text_version_once')],
                },
            ), migrations.CreateModel(
                name='Consent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('answer', models.CharField(choices=[('given', 'Agreed'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], max_length=9, verbose_name='answer')),
                    ('via', models.CharField(choices=[('desk', 'at the desk'), ('phone', 'on her own phone'), ('kiosk', 'at the kiosk')], max_length=5, verbose_name='how it was said')),
                    ('at', models.DateTimeField(verbose_name='time')),
                    ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visitor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='reception.visitor')),
                    ('text', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.consenttext')),
                ],
                options={
                    'verbose_name': 'consent',
                    'verbose_name_plural': 'consents',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['visitor', '-id'], name='consent_visitor')],
                },
            ), migrations.CreateModel(
                name='IdPaper',
                fields=[
                    ('visitor', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='id_paper', serialize=False, to='reception.visitor')),
                    ('kind', models.CharField(blank=True, choices=[('resident', 'Resident identity card'), ('passport', 'Passport'), ('hk_macau', 'Travel permit of Hong Kong or Macau residents'), ('taiwan', 'Travel permit of Taiwan residents'), ('foreigner', "Foreigner's permanent residence card"), ('other', 'Another paper')], max_length=9, verbose_name='kind of paper')),
                    ('number', models.CharField(blank=True, db_collation='C', max_length=30, verbose_name='id number')),
                    ('masked', models.CharField(blank=True, max_length=30, verbose_name='id number, masked')),
                    ('refused', models.BooleanField(default=False, verbose_name='would not give it, signed')),
                    ('changed_at', models.DateTimeField(verbose_name='changed')),
                ],
                options={
                    'verbose_name': 'id paper',
                    'verbose_name_plural': 'id papers',
                    'constraints': [models.UniqueConstraint(condition=models.Q(('number', ''), _negated=True), fields=('kind', 'number'), name='id_paper_of_one_visitor'), models.CheckConstraint(condition=models.Q(('number', ''), models.Q(models.Q(('kind', ''), _negated=True), ('refused', False)), _connector='OR'), name='id_paper_or_refused')],
                },
            ), migrations.CreateModel(
                name='IdPaperChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(verbose_name='time')),
                    ('kind', models.CharField(blank=True, choices=[('resident', 'Resident identity card'), ('passport', 'Passport'), ('hk_macau', 'Travel permit of Hong Kong or Macau residents'), ('taiwan', 'Travel permit of Taiwan residents'), ('foreigner', "Foreigner's permanent residence card"), ('other', 'Another paper')], max_length=9, verbose_name='kind of paper')),
                    ('masked', models.CharField(blank=True, max_length=30, verbose_name='id number, masked')),
                    ('refused', models.BooleanField(default=False, verbose_name='would not give it, signed')),
                    ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visitor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='id_paper_changes', to='reception.visitor')),
                ],
                options={
                    'verbose_name': 'change of an id paper',
                    'verbose_name_plural': 'changes of id papers',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['visitor', '-id'], name='id_paper_change_visitor')],
                },
            ), migrations.CreateModel(
                name='IntakeInvitation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code_hash', models.CharField(max_length=64, unique=True)),
                    ('made_at', models.DateTimeField(verbose_name='made')),
                    ('expires_at', models.DateTimeField(verbose_name='expires')),
                    ('used_at', models.DateTimeField(null=True, verbose_name='used')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'invitation to a card',
                    'verbose_name_plural': 'invitations to cards',
                    'indexes': [models.Index(fields=['expires_at'], name='invitation_expires')],
                },
            ), migrations.CreateModel(
                name='Isolation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reported_at', models.DateTimeField(verbose_name='reported at')),
                    ('seen_at', models.DateTimeField(null=True, verbose_name='seen by the supervisor')),
                    ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                    ('ended_because', models.CharField(blank=True, max_length=200, verbose_name='why ended')),
                    ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('reported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('seen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='isolations', to='reception.visit')),
                ],
                options={
                    'verbose_name': 'isolation',
                    'verbose_name_plural': 'isolations',
                    'ordering': ['-id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('visit',), name='isolation_one_open_a_visit'), models.CheckConstraint(condition=models.Q(('ended_at', None), models.Q(('ended_by__isnull', False), models.Q(('ended_because', ''), _negated=True)), _connector='OR'), name='isolation_ended_by_somebody')],
                },
            ), migrations.CreateModel(
                name='KioskDevice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('label', models.CharField(max_length=40, verbose_name='where it stands')),
                    ('token_hash', models.CharField(max_length=64, unique=True)),
                    ('started_at', models.DateTimeField(verbose_name='started')),
                    ('used_at', models.DateTimeField(null=True, verbose_name='last used')),
                    ('revoked_at', models.DateTimeField(null=True, verbose_name='ended')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'kiosk',
                    'verbose_name_plural': 'kiosks',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['branch', '-id'], name='kiosk_branch')],
                },
            ), migrations.CreateModel(
                name='IntakeCard',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('request_key', models.UUIDField(editable=False, null=True)),
                    ('submitted_at', models.DateTimeField(verbose_name='sent')),
                    ('answers', models.JSONField(default=dict)),
                    ('state', models.CharField(choices=[('waiting', 'Waiting at the desk'), ('taken', 'Taken over'), ('registered', 'Registered'), ('dropped', 'Put aside')], default='waiting', max_length=10, verbose_name='state')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('taken_at', models.DateTimeField(null=True, verbose_name='taken over')),
                    ('emptied_at', models.DateTimeField(null=True, verbose_name='emptied')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visit', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.visit')),
                    ('invitation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='card', to='reception.intakeinvitation')),
                    ('kiosk', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.kioskdevice')),
                    ('request_content', models.CharField(blank=True, db_default='', default='', editable=False, max_length=64)),
                ],
                options={
                    'verbose_name': 'card filled in by a visitor',
                    'verbose_name_plural': 'cards filled in by visitors',
                    'ordering': ['id'],
                    'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'taken'])), fields=['branch', 'id'], name='intake_card_open'), models.Index(condition=models.Q(('emptied_at', None)), fields=['submitted_at'], name='intake_card_to_empty')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('invitation__isnull', False), ('kiosk', None)), models.Q(('invitation', None), ('kiosk__isnull', False)), _connector='OR'), name='intake_card_from_phone_or_kiosk'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'registered'), ('visit__isnull', False)), models.Q(models.Q(('state', 'registered'), _negated=True), ('visit', None)), _connector='OR'), name='intake_card_registered_with_visit'), models.CheckConstraint(condition=models.Q(('emptied_at', None), ('answers', {}), _connector='OR'), name='intake_card_emptied_is_empty'), models.UniqueConstraint(fields=('request_key', 'request_content'), name='intake_card_once')],
                },
            ), migrations.CreateModel(
                name='PreCheck',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(verbose_name='time')),
                    ('via', models.CharField(choices=[('desk', 'at the desk'), ('phone', 'on her own phone'), ('kiosk', 'at the kiosk')], max_length=5, verbose_name='how it was said')),
                    ('temperature', models.DecimalField(blank=True, decimal_places=1, max_digits=3, null=True, verbose_name='temperature')),
                    ('fever', models.BooleanField(default=False, verbose_name='fever in the last 14 days')),
                    ('cough', models.BooleanField(default=False, verbose_name='cough, sore throat or diarrhoea')),
                    ('contact', models.BooleanField(default=False, verbose_name='contact with somebody infected')),
                    ('travel', models.BooleanField(default=False, verbose_name='was where an infection spreads')),
                    ('suspected', models.BooleanField(default=False, verbose_name='suspected case')),
                    ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='pre_checks', to='reception.visit')),
                ],
                options={
                    'verbose_name': 'pre-check',
                    'verbose_name_plural': 'pre-checks',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['visit', '-id'], name='pre_check_visit')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('temperature', None), models.Q(('temperature__gte', 30), ('temperature__lte', 45)), _connector='OR'), name='pre_check_temperature')],
                },
            ), migrations.CreateModel(
                name='PublicRequests',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('subject', models.CharField(max_length=64)),
                    ('span_at', models.DateTimeField()),
                    ('number', models.PositiveIntegerField()),
                ],
                options={
                    'verbose_name': 'requests from outside',
                    'verbose_name_plural': 'requests from outside',
                    'indexes': [models.Index(fields=['span_at'], name='public_requests_span')],
                    'constraints': [models.UniqueConstraint(fields=('subject', 'span_at'), name='public_requests_once_a_span')],
                },
            ), migrations.CreateModel(
                name='MessageRefusal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('phone', phonenumber_field.modelfields.PhoneNumberField(max_length=128, region=None, unique=True, verbose_name='phone')),
                    ('refused_at', models.DateTimeField(verbose_name='said at')),
                    ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'refusal of messages',
                    'verbose_name_plural': 'refusals of messages',
                },
            ), migrations.CreateModel(
                name='PreReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=50, verbose_name='name')),
                    ('phone', phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region=None, verbose_name='phone')),
                    ('said', models.CharField(blank=True, max_length=500, verbose_name='what was said')),
                    ('promised', models.CharField(blank=True, max_length=200, verbose_name='promised answer')),
                    ('promise_due_at', models.DateTimeField(blank=True, null=True, verbose_name='promised by')),
                    ('answered_at', models.DateTimeField(null=True, verbose_name='answered')),
                    ('state', models.CharField(choices=[('lead', 'Not booked yet'), ('booked', 'Booked'), ('came', 'Came'), ('closed', 'Given up')], default='lead', max_length=6, verbose_name='state')),
                    ('made_at', models.DateTimeField(verbose_name='recorded')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('request_key', models.UUIDField(editable=False, null=True, unique=True)),
                    ('request_content', models.CharField(blank=True, editable=False, max_length=64)),
                    ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='agent')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visitor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.visitor', verbose_name='visitor')),
                    ('projects', models.ManyToManyField(related_name='+', through='reception.PreReportProject', to='clinic.project')),
                ],
                options={
                    'verbose_name': 'pre-report',
                    'verbose_name_plural': 'pre-reports',
                    'ordering': ['-id'],
                    'indexes': [models.Index(fields=['branch', 'agent', 'state', '-id'], name='pre_report_agent'), models.Index(fields=['branch', 'state', '-id'], name='pre_report_branch'), models.Index(fields=['visitor'], name='pre_report_visitor'), models.Index(condition=models.Q(('visitor', None), models.Q(('phone', ''), _negated=True)), fields=['phone'], name='pre_report_phone'), models.Index(condition=models.Q(('answered_at', None), ('promise_due_at__isnull', False), ('state__in', ['lead', 'booked'])), fields=['agent', 'promise_due_at'], name='pre_report_promised'), models.Index(condition=models.Q(('answered_at', None), ('promise_due_at__isnull', False), ('state__in', ['lead', 'booked'])), fields=['branch', 'promise_due_at', '-id'], name='pre_report_due'), models.Index(fields=['branch', 'state', 'promise_due_at', '-id'], name='pre_report_by_promise')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('promise_due_at', None), ('promised', '')), models.Q(models.Q(('promised', ''), _negated=True), ('promise_due_at__isnull', False)), _connector='OR'), name='pre_report_promise_has_a_deadline'), models.CheckConstraint(condition=models.Q(('answered_at', None), models.Q(('promised', ''), _negated=True), _connector='OR'), name='pre_report_answers_a_promise')],
                },
            ), migrations.CreateModel(
                name='Appointment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=50, verbose_name='name')),
                    ('phone', phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region=None, verbose_name='phone')),
                    ('day', models.DateField(verbose_name='day')),
                    ('starts', models.TimeField(verbose_name='time')),
                    ('minutes', models.PositiveSmallIntegerField(verbose_name='minutes')),
                    ('group', models.CharField(choices=[('surgery', 'Surgery'), ('laser', 'Laser'), ('non_invasive', 'Non-invasive'), ('consulting', 'Consulting')], max_length=12, verbose_name='project group')),
                    ('weight', models.PositiveSmallIntegerField(verbose_name='weight')),
                    ('urgent', models.BooleanField(default=False, verbose_name='urgent')),
                    ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                    ('state', models.CharField(choices=[('booked', 'Booked'), ('confirmed', 'Confirmed'), ('arrived', 'Arrived'), ('no_show', 'Did not come'), ('cancelled', 'Cancelled'), ('moved', 'Moved')], default='booked', max_length=9, verbose_name='state')),
                    ('late_minutes', models.PositiveSmallIntegerField(default=0, verbose_name='minutes late')),
                    ('not_reached', models.PositiveSmallIntegerField(default=0, verbose_name='times not reached')),
                    ('messaged_at', models.DateTimeField(null=True, verbose_name='message asked for')),
                    ('overbooked_because', models.CharField(blank=True, max_length=200, verbose_name='why overbooked')),
                    ('made_at', models.DateTimeField(verbose_name='booked at')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('request_key', models.UUIDField(editable=False, null=True, unique=True)),
                    ('request_content', models.CharField(blank=True, editable=False, max_length=64)),
                    ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='agent')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                    ('instead_of', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed_by', to='reception.appointment', verbose_name='replaces')),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visit', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.visit', verbose_name='visit')),
                    ('visitor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.visitor', verbose_name='visitor')),
                    ('projects', models.ManyToManyField(related_name='+', through='reception.AppointmentProject', to='clinic.project')),
                    ('pre_report', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reception.prereport', verbose_name='pre-report')),
                ],
                options={
                    'verbose_name': 'appointment',
                    'verbose_name_plural': 'appointments',
                    'ordering': ['day', 'starts', 'id'],
                    'indexes': [models.Index(fields=['branch', 'day', 'starts'], name='appointment_day'), models.Index(fields=['agent', 'state', '-day'], name='appointment_agent'), models.Index(fields=['branch', 'state', '-day'], name='appointment_state'), models.Index(fields=['visitor', 'day'], name='appointment_visitor'), models.Index(fields=['pre_report'], name='appointment_pre_report'), models.Index(condition=models.Q(('visitor', None), models.Q(('phone', ''), _negated=True)), fields=['phone', 'day'], name='appointment_phone'), models.Index(condition=models.Q(('state__in', ['booked', 'confirmed'])), fields=['branch', 'day'], name='appointment_open')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'arrived'), ('visit__isnull', False)), models.Q(models.Q(('state', 'arrived'), _negated=True), ('visit', None)), _connector='OR'), name='appointment_arrived_with_a_visit'), models.CheckConstraint(condition=models.Q(('minutes__in', [30, 60, 90, 120, 150, 180, 210, 240])), name='appointment_takes_half_hours'), models.CheckConstraint(condition=models.Q(('weight__gte', 1)), name='appointment_has_weight'), models.UniqueConstraint(condition=models.Q(('state__in', ['booked', 'confirmed']), ('visitor__isnull', False)), fields=('visitor', 'day', 'starts'), name='appointment_one_at_a_time')],
                },
            ), migrations.CreateModel(
                name='AppointmentProject',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wishes', to='reception.appointment')),
                    ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.project')),
                ],
                options={
                    'verbose_name': 'project of an appointment',
                    'verbose_name_plural': 'projects of appointments',
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('appointment', 'project'), name='appointment_project_once')],
                },
            ), migrations.CreateModel(
                name='PreReportEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(verbose_name='time')),
                    ('kind', models.CharField(choices=[('follow_up', 'Spoke with her again'), ('answered', 'Gave the promised answer'), ('promised', 'Promised an answer'), ('passed', 'Passed on'), ('closed', 'Given up')], max_length=9, verbose_name='kind')),
                    ('text', models.CharField(blank=True, max_length=500, verbose_name='text')),
                    ('passed_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pre_report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='reception.prereport')),
                    ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'entry of a pre-report',
                    'verbose_name_plural': 'entries of pre-reports',
                    'ordering': ['id'],
                    'indexes': [models.Index(fields=['pre_report', 'kind', '-at'], name='pre_report_entry_latest')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'passed'), ('passed_to__isnull', False)), models.Q(models.Q(('kind', 'passed'), _negated=True), ('passed_to', None)), _connector='OR'), name='pre_report_entry_passed_to_somebody')],
                },
            ), migrations.CreateModel(
                name='PreReportProject',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('pre_report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wishes', to='reception.prereport')),
                    ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.project')),
                ],
                options={
                    'verbose_name': 'project of a pre-report',
                    'verbose_name_plural': 'projects of pre-reports',
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('pre_report', 'project'), name='pre_report_project_once')],
                },
            ), migrations.CreateModel(
                name='SlotCapacity',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('group', models.CharField(choices=[('surgery', 'Surgery'), ('laser', 'Laser'), ('non_invasive', 'Non-invasive'), ('consulting', 'Consulting')], max_length=12, verbose_name='project group')),
                    ('weekday', models.PositiveSmallIntegerField(verbose_name='weekday')),
                    ('starts', models.TimeField(verbose_name='half hour from')),
                    ('capacity', models.PositiveSmallIntegerField(verbose_name='capacity')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinic.branch')),
                ],
                options={
                    'verbose_name': 'capacity of a half hour',
                    'verbose_name_plural': 'capacities of half hours',
                    'ordering': ['branch', 'group', 'weekday', 'starts'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'group', 'weekday', 'starts'), name='slot_capacity_once'), models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='slot_capacity_weekday'), models.CheckConstraint(condition=models.Q(('capacity__lte', 99)), name='slot_capacity_sensible')],
                },
            ), migrations.CreateModel(
                name='AppointmentEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(verbose_name='time')),
                    ('kind', models.CharField(choices=[('booked', 'Booked'), ('confirmed', 'Confirmed'), ('not_reached', 'Not reached'), ('messaged', 'Message asked for'), ('arrived', 'Arrived'), ('released', 'The visit was made void'), ('no_show', 'Did not come'), ('cancelled', 'Cancelled'), ('moved', 'Moved')], max_length=11, verbose_name='kind')),
                    ('text', models.CharField(blank=True, max_length=200, verbose_name='text')),
                    ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='reception.appointment')),
                    ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'entry of an appointment',
                    'verbose_name_plural': 'entries of appointments',
                    'ordering': ['id'],
                    'indexes': [models.Index(fields=['appointment'], name='appointment_entry_of')],
                },
            ), migrations.CreateModel(
                name='RetentionList',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('month_on', models.DateField(verbose_name='month')),
                    ('made_at', models.DateTimeField(verbose_name='made')),
                    ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch')),
                ],
                options={
                    'verbose_name': 'list of what is due',
                    'verbose_name_plural': 'lists of what is due',
                    'ordering': ['-month_on'],
                    'constraints': [models.UniqueConstraint(fields=('branch', 'month_on'), name='retention_list_once_a_month')],
                },
            ), migrations.CreateModel(
                name='RetentionItem',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('files', 'Files of visitors, since the last visit'), ('appointments', 'Appointments of people who never came'), ('pre_reports', 'Pre-reports of people who never came'), ('day_log', 'Day log'), ('import_rows', 'Raw rows of imported files'), ('messages', 'Texts of messages'), ('audit_log', 'Audit log, by months')], max_length=12, verbose_name='kind')),
                    ('months', models.PositiveSmallIntegerField(verbose_name='months kept')),
                    ('before_on', models.DateField(verbose_name='due when older than')),
                    ('number', models.PositiveIntegerField(verbose_name='due')),
                    ('decision', models.CharField(blank=True, choices=[('destroy', 'Destruction approved'), ('keep', 'Kept on')], max_length=7, verbose_name='decision')),
                    ('reason', models.CharField(blank=True, max_length=200, verbose_name='why')),
                    ('keep_until_on', models.DateField(null=True, verbose_name='kept until')),
                    ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                    ('emptied', models.PositiveIntegerField(null=True, verbose_name='emptied at once')),
                    ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='reception.retentionlist')),
                ],
                options={
                    'verbose_name': 'kind on a list of what is due',
                    'verbose_name_plural': 'kinds on lists of what is due',
                    'ordering': ['id'],
                    'indexes': [models.Index(condition=models.Q(('decision', '')), fields=['list'], name='retention_item_open')],
                    'constraints': [models.UniqueConstraint(fields=('list', 'kind'), name='retention_item_once'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('decision', ''), ('keep_until_on', None)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='retention_item_decided_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('decision', 'keep'), _negated=True), models.Q(('keep_until_on__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='retention_item_kept_until_and_why')],
                },
            ), migrations.CreateModel(
                name='RetentionPeriod',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('files', 'Files of visitors, since the last visit'), ('appointments', 'Appointments of people who never came'), ('pre_reports', 'Pre-reports of people who never came'), ('day_log', 'Day log'), ('import_rows', 'Raw rows of imported files'), ('messages', 'Texts of messages'), ('audit_log', 'Audit log, by months')], max_length=12, verbose_name='kind')),
                    ('version', models.PositiveSmallIntegerField(verbose_name='version')),
                    ('months', models.PositiveSmallIntegerField(verbose_name='months kept')),
                    ('reason', models.CharField(max_length=200, verbose_name='why')),
                    ('written_at', models.DateTimeField(verbose_name='written')),
                    ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'retention period',
                    'verbose_name_plural': 'retention periods',
                    'ordering': ['kind', '-version'],
                    'constraints': [models.UniqueConstraint(fields=('kind', 'version'), name='retention_period_version_once'), models.CheckConstraint(condition=models.Q(('months__gte', 1), models.Q(models.Q(('kind', 'files'), _negated=True), ('months__gte', 180), _connector='OR'), models.Q(models.Q(('kind', 'audit_log'), _negated=True), ('months__gte', 7), _connector='OR')), name='retention_period_lawful')],
                },
            ), migrations.CreateModel(
                name='RetentionLine',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('object_id', models.BigIntegerField()),
                    ('reference', models.CharField(max_length=80, verbose_name='reference')),
                    ('last_on', models.DateField(verbose_name='last used')),
                    ('item', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='reception.retentionitem')),
                ],
                options={
                    'verbose_name': 'line of a list of what is due',
                    'verbose_name_plural': 'lines of lists of what is due',
                    'ordering': ['item', 'id'],
                    'indexes': [models.Index(fields=['item', 'id'], name='retention_line_item')],
                    'constraints': [models.UniqueConstraint(fields=('item', 'object_id'), name='retention_line_once')],
                },
            ), pgtrigger.migrations.AddTrigger(
                model_name='visitor',
                trigger=pgtrigger.compiler.Trigger(name='keys_follow_last_visit', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.last_visit_on IS DISTINCT FROM NEW.last_visit_on)', func='UPDATE reception_visitorkey SET last_on = coalesce(NEW.last_visit_on, NEW.registered_at::date) WHERE visitor_id = NEW.id; RETURN NULL;', hash='54fe6b9fcc3abea7fae2546ddf2402fbef9ed922', operation='UPDATE OF "last_visit_on"', pgid='pgtrigger_keys_follow_last_visit_ff737', table='reception_visitor', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='visitor',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reception_visitorevent" ("birth_on", "birth_year", "called_before", "card_declined", "consulted_by", "file_number", "gender", "heard_from", "id", "medical_notes", "name", "occupation", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "referred_by", "registered_at", "registered_by_id", "registered_in_id", "standing", "vip", "wishes") VALUES (NEW."birth_on", NEW."birth_year", NEW."called_before", NEW."card_declined", NEW."consulted_by", NEW."file_number", NEW."gender", NEW."heard_from", NEW."id", NEW."medical_notes", NEW."name", NEW."occupation", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."referred_by", NEW."registered_at", NEW."registered_by_id", NEW."registered_in_id", NEW."standing", NEW."vip", NEW."wishes"); RETURN NULL;', hash='6e11458ed755404bfbcc842669532d4751375d15', operation='INSERT', pgid='pgtrigger_insert_insert_ef0d6', table='reception_visitor', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='visitor',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."birth_on" IS DISTINCT FROM (NEW."birth_on") OR OLD."birth_year" IS DISTINCT FROM (NEW."birth_year") OR OLD."called_before" IS DISTINCT FROM (NEW."called_before") OR OLD."card_declined" IS DISTINCT FROM (NEW."card_declined") OR OLD."consulted_by" IS DISTINCT FROM (NEW."consulted_by") OR OLD."file_number" IS DISTINCT FROM (NEW."file_number") OR OLD."gender" IS DISTINCT FROM (NEW."gender") OR OLD."heard_from" IS DISTINCT FROM (NEW."heard_from") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."medical_notes" IS DISTINCT FROM (NEW."medical_notes") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."occupation" IS DISTINCT FROM (NEW."occupation") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."referred_by" IS DISTINCT FROM (NEW."referred_by") OR OLD."registered_at" IS DISTINCT FROM (NEW."registered_at") OR OLD."registered_by_id" IS DISTINCT FROM (NEW."registered_by_id") OR OLD."registered_in_id" IS DISTINCT FROM (NEW."registered_in_id") OR OLD."standing" IS DISTINCT FROM (NEW."standing") OR OLD."vip" IS DISTINCT FROM (NEW."vip") OR OLD."wishes" IS DISTINCT FROM (NEW."wishes"))', func='INSERT INTO "reception_visitorevent" ("birth_on", "birth_year", "called_before", "card_declined", "consulted_by", "file_number", "gender", "heard_from", "id", "medical_notes", "name", "occupation", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "referred_by", "registered_at", "registered_by_id", "registered_in_id", "standing", "vip", "wishes") VALUES (NEW."birth_on", NEW."birth_year", NEW."called_before", NEW."card_declined", NEW."consulted_by", NEW."file_number", NEW."gender", NEW."heard_from", NEW."id", NEW."medical_notes", NEW."name", NEW."occupation", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."referred_by", NEW."registered_at", NEW."registered_by_id", NEW."registered_in_id", NEW."standing", NEW."vip", NEW."wishes"); RETURN NULL;', hash='43107611514053044f234445007fb0feff018115', operation='UPDATE', pgid='pgtrigger_update_update_f74e5', table='reception_visitor', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='visitorevent',
                trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='341937e84e754468868336e4a273a6df8f3fff31', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7df4d', table='reception_visitorevent', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='visitorkey',
                trigger=pgtrigger.compiler.Trigger(name='last_visit_of_a_key', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.last_on IS NULL)', func='SELECT coalesce(last_visit_on, registered_at::date) INTO NEW.last_on FROM reception_visitor WHERE id = NEW.visitor_id; RETURN NEW;', hash='4ff6255efe08c5fdb6bd38bbf4e854084383ecd5', operation='INSERT', pgid='pgtrigger_last_visit_of_a_key_61b33', table='reception_visitorkey', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='logentry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b0b50efcd2642e6333d97a97ba0c636c0ae1b9b7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_45cb1', table='reception_logentry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='logentry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_logentry cannot be emptied';", hash='8dfb10f3fa3bd85f547123bf83d773d416e998b8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_1b458', table='reception_logentry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='filestep',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9b8cb696d836c145559ecab9727b8a0b841d3594', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_a67d0', table='reception_filestep', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='filestep',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_filestep cannot be emptied';", hash='d0a6bf532d3d8698442c2cb284307c28c44e0641', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_83a80', table='reception_filestep', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='logstep',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c870a721171ef867031b262cbcf894ac030cc267', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_fc671', table='reception_logstep', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='logstep',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_logstep cannot be emptied';", hash='65dbae2469df5a3ec5d8042385e6f1764b9908ad', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_8b42d', table='reception_logstep', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='roundlist',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='aa34687bc64d473bed3edb630eca40d8bab3f09f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_e8ade', table='reception_roundlist', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='roundlist',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_roundlist cannot be emptied';", hash='722e63f1999056112914502202a99d9a6442cb7f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_2d780', table='reception_roundlist', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='rounditem',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='94195c438bdb88f1c46289723ad4c5c370d40a04', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_a1390', table='reception_rounditem', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='rounditem',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_rounditem cannot be emptied';", hash='4ea6e1fa9b466da518807f5cd2e66291fafc7030', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_3c6d6', table='reception_rounditem', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='roundtick',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='015be25ea4e58a79921a8dfc41e9a8e936d5f756', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_98ac7', table='reception_roundtick', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='roundtick',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_roundtick cannot be emptied';", hash='f690e278525d9e115591c0e3410b3763aad0c100', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_f0ffb', table='reception_roundtick', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='registersheet',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d5c35d581a0897a5b666914d4aac1b6d5ab65486', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_5dafa', table='reception_registersheet', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='registersheet',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_registersheet cannot be emptied';", hash='04b1df824b988a3c8436c9ecc8d5326361f6c3dd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_e62e9', table='reception_registersheet', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='daysignature',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7c0bc9fd5ed27534032abbd81e15c062587f74de', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_6a995', table='reception_daysignature', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='daysignature',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_daysignature cannot be emptied';", hash='1c79d205cd52dde32ba51b28c5ece8b4c79789f7', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_dae0c', table='reception_daysignature', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='dayclose',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bfee175c42c981520020585b1f9c2ffd886157ed', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_ded3c', table='reception_dayclose', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='dayclose',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_dayclose cannot be emptied';", hash='ab313e0fbb1d0a52efdb04e2fc45e5dad1208eb0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_55a0c', table='reception_dayclose', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='interference',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='830762057f2fa8da369eb528fd6ca7128c472d1a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_c677c', table='reception_interference', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='interference',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_interference cannot be emptied';", hash='bae796a48fde409ac42260bc5b5c305abdf1c0cc', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_cbfce', table='reception_interference', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='consenttext',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ff0d7bd5e3b26505de1e9fdf62e2681f22fabc0f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_4845b', table='reception_consenttext', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='consenttext',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_consenttext cannot be emptied';", hash='c09c4b71cbaeae3b69cdf4c4995628177d5f5742', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_213da', table='reception_consenttext', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='consent',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='563ce1981718df30265d8448ab10706fba4b3df9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_73ee5', table='reception_consent', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='consent',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_consent cannot be emptied';", hash='ec47c7e95505959b7e37b566761aef4cc2ceb5e8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_7a205', table='reception_consent', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='idpaperchange',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0e9f1cb5e08daefa4f53bf788d01bac2beed1b8f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_a3403', table='reception_idpaperchange', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='idpaperchange',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_idpaperchange cannot be emptied';", hash='e83de912b39b25763ad3989ca81a71d6d8d2b9e9', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_3948a', table='reception_idpaperchange', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='precheck',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='77f9eee118e979dcf17e5693904c1662c75d7aa4', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_722ca', table='reception_precheck', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='precheck',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_precheck cannot be emptied';", hash='7de843240fe96f51b636987164de758637ca62b1', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_83fba', table='reception_precheck', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='prereportentry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='17783997f955583680e7f16685f20fed0fcdd4b0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_bc3c6', table='reception_prereportentry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='prereportentry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_prereportentry cannot be emptied';", hash='f315fb81bf9f7bf38d40db80c95d011ea097b4b9', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_4e406', table='reception_prereportentry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='appointmententry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c48e047b566889634d679b0155eb501e81ac80b0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_ea0e6', table='reception_appointmententry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='appointmententry',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_appointmententry cannot be emptied';", hash='ee4eb499310d335471c6704c9d17167fe5d36a88', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_f1070', table='reception_appointmententry', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='retentionlist',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='33a004faa37c967df4c582fe2cbd541e6a383f06', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_a3d77', table='reception_retentionlist', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='retentionlist',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_retentionlist cannot be emptied';", hash='ff4b35b04e6f23c8c3d073e93bbc190676adb939', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_70811', table='reception_retentionlist', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='retentionitem',
                trigger=pgtrigger.compiler.Trigger(name='retention_item_stands', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."list_id" IS DISTINCT FROM (NEW."list_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."months" IS DISTINCT FROM (NEW."months") OR OLD."before_on" IS DISTINCT FROM (NEW."before_on") OR OLD."number" IS DISTINCT FROM (NEW."number"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='324ef3e5c3e8ccf8e03759b2c055fd3e693f6b60', operation='UPDATE', pgid='pgtrigger_retention_item_stands_4b81c', table='reception_retentionitem', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='retentionitem',
                trigger=pgtrigger.compiler.Trigger(name='retention_item_decided_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.decision <> '')", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b8c59cd92545d51d72f39d482da74c8576bec44b', operation='UPDATE', pgid='pgtrigger_retention_item_decided_once_01622', table='reception_retentionitem', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='retentionitem',
                trigger=pgtrigger.compiler.Trigger(name='retention_item_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='afa2ce0eba3a02765b4fffe75eac283f03fc36c5', operation='DELETE', pgid='pgtrigger_retention_item_stays_5dca5', table='reception_retentionitem', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='retentionperiod',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0ed53b68f1c502fdd6a777ffdad0f738bcf8e506', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_1f1a1', table='reception_retentionperiod', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='retentionperiod',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_retentionperiod cannot be emptied';", hash='ca38a8a6440da6deada61c40ac4756042d547aa0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_4f82a', table='reception_retentionperiod', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='retentionline',
                trigger=pgtrigger.compiler.Trigger(name='append_only_rows', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b3649eef88640ed4176bee7c3df1fe3f1ebfab28', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_rows_e9360', table='reception_retentionline', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='retentionline',
                trigger=pgtrigger.compiler.Trigger(name='append_only_table', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: reception_retentionline cannot be emptied';", hash='0331a63c50eca18f8cd068ed0bce3e2d7e83dd32', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_append_only_table_c7af2', table='reception_retentionline', when='BEFORE')),
            )],
        ),
        migrations.RunSQL(SIGNED_DAYS, SIGNED_DAYS_BACK),
        migrations.RunSQL(AMENDMENTS, AMENDMENTS_BACK),
        migrations.RunSQL(MERGES, MERGES_BACK),
    ]
