-- Two roles: the owner runs migrations; the application reads and writes rows and can do nothing else,
-- so neither a bug nor a stolen password switches off a trigger of the ledger or the audit log.
-- Run by psql as a superuser, with OWNER_PASSWORD and APP_PASSWORD in the environment. May be run again.
\set ON_ERROR_STOP on
\set QUIET on
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
SET client_min_messages = warning;
SELECT 'CREATE ROLE frontdesk_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'frontdesk_owner') \gexec
SELECT 'CREATE ROLE frontdesk_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'frontdesk_app') \gexec
ALTER ROLE frontdesk_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE frontdesk_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app_password';
SELECT 'CREATE DATABASE frontdesk OWNER frontdesk_owner TEMPLATE template0 ENCODING ''UTF8''
        LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8'' LOCALE ''C'''
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'frontdesk') \gexec
REVOKE ALL ON DATABASE frontdesk FROM PUBLIC;
GRANT CONNECT ON DATABASE frontdesk TO frontdesk_app;
\connect frontdesk
SET client_min_messages = warning;
ALTER SCHEMA public OWNER TO frontdesk_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO frontdesk_app;
ALTER DEFAULT PRIVILEGES FOR ROLE frontdesk_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO frontdesk_app;
ALTER DEFAULT PRIVILEGES FOR ROLE frontdesk_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO frontdesk_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO frontdesk_app;
