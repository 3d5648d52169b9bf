"""Live screens: topics, the bus they travel on, tickets, and the stream process."""
