"""What is typed in the consultation room, turned into arguments of services."""
