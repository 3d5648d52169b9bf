"""Which visits are with somebody at a department, for the room on the left that ends what nobody ended."""

RECEIVED = "select visit_id from consultations_deskcase where state = 'with_staff'"
