#!/bin/sh
# Writes the settings that the variables name, then becomes the pooler.
set -eu
umask 077

printf '"%s" "%s"\n' "$DB_USER" "$DB_PASSWORD" >/etc/pgbouncer/userlist.txt
cat >/etc/pgbouncer/pgbouncer.ini <<END
[databases]
$DB_NAME = host=$DB_HOST port=${DB_PORT:-5432} auth_user=$DB_USER
[pgbouncer]
listen_addr = 0.0.0.0
listen_port = 5432
unix_socket_dir =
auth_file = /etc/pgbouncer/userlist.txt
auth_type = ${AUTH_TYPE:-md5}
ignore_startup_parameters = extra_float_digits
pool_mode = ${POOL_MODE:-session}
max_client_conn = ${MAX_CLIENT_CONN:-100}
default_pool_size = ${DEFAULT_POOL_SIZE:-20}
max_prepared_statements = ${MAX_PREPARED_STATEMENTS:-0}
END
exec pgbouncer /etc/pgbouncer/pgbouncer.ini
