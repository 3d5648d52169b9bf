"""A demo hospital: invented people, and weeks that obey the rules because the rules' own code played them."""
