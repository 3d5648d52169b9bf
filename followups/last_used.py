"""When a visitor was last called: her file is kept from then on."""

LAST_USED = """
select made.visitor_id, max((made.at at time zone %(zone)s)::date)
from (
    select call.visitor_id, attempt.at
    from followups_callattempt as attempt join followups_callback as call on call.id = attempt.call_back_id
    union all
    select call.visitor_id, attempt.at
    from followups_ownercalltry as attempt join followups_ownercall as call on call.id = attempt.call_id) as made
group by made.visitor_id
"""
