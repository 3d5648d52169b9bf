"""When a visitor was last called: her file is kept from then on."""

LAST_USED = """
select call.visitor_id, max((attempt.at at time zone %(zone)s)::date)
from followups_callattempt as attempt join followups_callback as call on call.id = attempt.call_back_id
group by call.visitor_id
"""
