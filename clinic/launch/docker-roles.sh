#!/bin/sh
# Run once by the official PostgreSQL image when its volume is empty: creates the database and its two roles.
psql -X -U "$POSTGRES_USER" -d postgres -f /roles.sql
