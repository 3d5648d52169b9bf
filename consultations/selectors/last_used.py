"""When a visitor was last treated, or stayed in the house: her file is kept from then on."""

LAST_USED = """
select visitor_id, max(last_on) from (
    select visitor_id, treated_on as last_on from consultations_treatment
    union all
    select visitor_id, (coalesce(discharged_at, admitted_at) at time zone %(zone)s)::date
    from consultations_stay where withdrawn_at is null
) as used group by visitor_id
"""
