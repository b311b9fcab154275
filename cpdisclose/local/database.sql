-- What every database of cpdisclose has before its first migration. Run by a superuser, connected to it;
-- the roles owner, app, sequencer and auditor exist. The launcher and docker/initdb.sh both run this file.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO owner;
GRANT USAGE ON SCHEMA public TO app, sequencer, auditor;
ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO app, sequencer;
-- One long writer must not stall the log, which is sequenced only up to the oldest open transaction.
ALTER ROLE app SET transaction_timeout = '60s';
