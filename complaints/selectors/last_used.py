"""When a visitor last complained: her file is kept from then on."""

LAST_USED = """
select visitor_id, max((received_at at time zone %(zone)s)::date) from complaints_complaint
where visitor_id is not null group by visitor_id
"""
