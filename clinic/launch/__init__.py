"""Set-up and running of the system.

Works before Django can: nothing here imports Django or an application. What needs Django is
started as a child process (``manage.py …``), with the environment this package prepares.
"""
