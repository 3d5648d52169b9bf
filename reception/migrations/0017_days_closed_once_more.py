import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Each of these stands beside the one of 0012 that it takes the place of.
VISIT = """
create or replace function reception_signed_visit() returns trigger language plpgsql as $$
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
            where n.value is distinct from to_jsonb(old) -> n.key and n.key <> 'version'
                -- An instant is the same however it is written.
                and case when n.key in ('arrived_at', 'entered_at', 'finished_at', 'left_at') and door ? n.key
                    then (n.value #>> '{}')::timestamptz is distinct from (door ->> n.key)::timestamptz
                    else n.value is distinct from door -> n.key end
                and not (n.key in ('visitor_id', 'friend_id', 'referrer_id') and exists (
                    select from reception_visitor v
                    where v.id = (to_jsonb(old) ->> n.key)::bigint and v.merged_into_id = (n.value #>> '{}')::bigint
                        or v.id = (n.value #>> '{}')::bigint and v.merged_into_id = (to_jsonb(old) ->> n.key)::bigint
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
"""

VISIT_BACK = """
create or replace function reception_signed_visit() returns trigger language plpgsql as $$
declare
    door jsonb;
begin
    if tg_op <> 'INSERT' and exists (
        select from reception_dayclose c
        where c.branch_id = old.branch_id and c.day = old.day and old.number <= c.last_number
    ) then
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
            where n.value is distinct from to_jsonb(old) -> n.key and n.key <> 'version'
                and n.value is distinct from door -> n.key
                and not (n.key in ('visitor_id', 'friend_id', 'referrer_id') and exists (
                    select from reception_visitor v
                    where v.id = (to_jsonb(old) ->> n.key)::bigint and v.merged_into_id = (n.value #>> '{}')::bigint
                        or v.id = (n.value #>> '{}')::bigint and v.merged_into_id = (to_jsonb(old) ->> n.key)::bigint
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
"""

WISH = """
create or replace function reception_signed_wish() returns trigger language plpgsql as $$
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
"""

WISH_BACK = """
create or replace function reception_signed_wish() returns trigger language plpgsql as $$
declare
    touched bigint;
begin
    foreach touched in array array_remove(array[
        case when tg_op <> 'INSERT' then old.visit_id end, case when tg_op <> 'DELETE' then new.visit_id end], null)
    loop
        if exists (
            select from reception_visit v
            join reception_dayclose c on c.branch_id = v.branch_id and c.day = v.day and v.number <= c.last_number
            where v.id = touched and not exists (
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
"""

CLOSED = """
create or replace function reception_day_closed() returns trigger language plpgsql as $$
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
"""

CLOSED_BACK = """
create or replace function reception_day_closed() returns trigger language plpgsql as $$
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
    return new;
end $$;
"""

KEPT = """
create or replace function reception_amendment_kept() returns trigger language plpgsql as $$
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
"""

KEPT_BACK = """
create or replace function reception_amendment_kept() returns trigger language plpgsql as $$
declare
    decided text[] := array['supervisor_id', 'supervisor_at', 'head_id', 'head_at', 'refused_by_id', 'refused_at',
                            'refused_reason', 'applied_at', 'sheet_id'];
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
    return new;
end $$;
"""

# Until now a day was closed once, so what was amended was amended under that closing.
CLOSINGS = """
alter table reception_amendment disable trigger amendment_kept;
alter table reception_amendment disable trigger amendment_applied;
update reception_amendment a set closing_id = c.id from reception_dayclose c
where a.applied_at is not null and c.branch_id = a.branch_id and c.day = a.day;
set constraints all immediate;
alter table reception_amendment enable trigger amendment_kept;
alter table reception_amendment enable trigger amendment_applied;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0006_outgoing_messages'),
        ('reception', '0016_requests_and_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='amendment',
            name='amendment_applied_when_approved',
        ),
        migrations.RemoveConstraint(
            model_name='dayclose',
            name='day_closed_once',
        ),
        migrations.RemoveConstraint(
            model_name='registersheet',
            name='register_sheet_of_a_content',
        ),
        migrations.AddField(
            model_name='amendment',
            name='closing',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='reception.dayclose'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='entered',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entered_by', to='reception.visit'),
        ),
        migrations.RunSQL(CLOSINGS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='registersheet',
            index=models.Index(fields=['branch', 'day', 'hash'], name='register_sheet_content'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.CheckConstraint(condition=models.Q(('applied_at', None), models.Q(('closing__isnull', False), ('head__isnull', False), ('refused_at', None), ('sheet__isnull', False), ('supervisor__isnull', False)), _connector='OR'), name='amendment_applied_when_approved'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.CheckConstraint(condition=models.Q(('entered', None), ('applied_at__isnull', False), _connector='OR'), name='amendment_enters_when_applied'),
        ),
        migrations.AddConstraint(
            model_name='dayclose',
            constraint=models.UniqueConstraint(fields=('branch', 'day', 'last_number'), name='day_closed_once_so_far'),
        ),
        migrations.RunSQL(VISIT, VISIT_BACK),
        migrations.RunSQL(WISH, WISH_BACK),
        migrations.RunSQL(CLOSED, CLOSED_BACK),
        migrations.RunSQL(KEPT, KEPT_BACK),
    ]
