from django.db import migrations, models

# Stands in the place of the one of 0017.
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
"""

VISIT_BACK = """
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

    dependencies = [
        ('reception', '0017_days_closed_once_more'),
    ]

    operations = [
        migrations.RunSQL(VISIT, VISIT_BACK),
        migrations.RunSQL(MERGES, MERGES_BACK),
        migrations.AddField(
            model_name='intakecard',
            name='request_content',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=64),
        ),
        migrations.AlterField(
            model_name='intakecard',
            name='request_key',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='intakecard',
            constraint=models.UniqueConstraint(fields=('request_key', 'request_content'), name='intake_card_once'),
        ),
        migrations.AddField(
            model_name='display',
            name='asked_from',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=64),
        ),
    ]
