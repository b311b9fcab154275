#!/bin/bash
# Run once by the postgres image, as superuser, on an empty data folder: the four roles and their database.
set -euo pipefail
secrets=${SECRETS:-/run/secrets}
common=${DATABASE_SQL:-/opt/cpdisclose/database.sql}

psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v name="$POSTGRES_DB" <<SQL
\\set owner \`cat "$secrets/postgres_owner_password"\`
\\set app \`cat "$secrets/postgres_app_password"\`
\\set sequencer \`cat "$secrets/postgres_sequencer_password"\`
\\set auditor \`cat "$secrets/postgres_auditor_password"\`
CREATE ROLE owner LOGIN PASSWORD :'owner';
CREATE ROLE app LOGIN PASSWORD :'app';
CREATE ROLE sequencer LOGIN PASSWORD :'sequencer';
CREATE ROLE auditor LOGIN PASSWORD :'auditor';
ALTER DATABASE :"name" OWNER TO owner;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO app, sequencer, auditor;
SQL
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -f "$common"
