"""When a visitor was last treated: her file is kept from then on."""

LAST_USED = "select visitor_id, max(treated_on) from consultations_treatment group by visitor_id"
