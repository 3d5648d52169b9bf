from django.db import migrations

# Not by pgtrigger: a session can switch its triggers off by a setting, and the tables of visits have to stay writable
# for the application's role. These functions look at no setting.
SIGNED_DAYS = """
create function reception_signed_visit() returns trigger language plpgsql as $$
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


class Migration(migrations.Migration):

    dependencies = [
        ('reception', '0011_days_of_the_register'),
    ]

    operations = [
        migrations.RunSQL(SIGNED_DAYS, SIGNED_DAYS_BACK),
        migrations.RunSQL(AMENDMENTS, AMENDMENTS_BACK),
    ]
