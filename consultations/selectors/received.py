"""What departments and rooms know of visits, for the room on the left: selects of visits."""

# Who is with somebody at a department: that visit has not been left.
RECEIVED = "select visit_id from consultations_deskcase where state = 'with_staff'"

# Which visits came to something that stands: a deal, or a treatment that was filed in the room or done on the visit.
CAME_TO = """
    select talk.visit_id from consultations_deal as deal
    join consultations_consultation as talk on talk.id = deal.consultation_id
    where not deal.void and not exists (select from consultations_deal as later where later.corrects_id = deal.id)
    union all
    select talk.visit_id from consultations_treatment as treatment
    join consultations_consultation as talk on talk.id = treatment.consultation_id
    where treatment.state <> 'cancelled'
    union all
    select visit_id from consultations_treatment where state = 'done' and visit_id is not null
"""
