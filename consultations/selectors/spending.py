"""What every visitor has paid, less what was given back: her membership level follows it."""

SPENT = "select visitor_id, sum(received) as spent from consultations_dealaccount group by visitor_id"
