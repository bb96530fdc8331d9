# A PostgreSQL of our own: data folder, port, socket, roles and passwords. Sourced.
# shellcheck shell=bash

PG_SECONDS=60

# The folder of the server's programs: version 15 (Debian 12) before any other.
postgres_bin() {
  local bin
  for bin in /usr/lib/postgresql/15/bin $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
    if [ -x "$bin/postgres" ] && [ -x "$bin/initdb" ]; then
      PG_BIN=$bin
      return 0
    fi
  done
  if command -v postgres >/dev/null 2>&1; then
    PG_BIN=$(dirname "$(command -v postgres)")
    return 0
  fi
  die 1 "no PostgreSQL server program found" "install postgresql"
}

# How the server compares texts: PG_LOCALE, else bytes alone. A locale that this machine lacks is compiled
# into the folder. Sets PG_ENV, the whole environment of the server's programs.
postgres_locale() {
  local home=$DIR/postgres name
  PG_LOCALE=${PG_LOCALE:-C.UTF-8}
  PG_ENV=(PATH="$SYSTEM_PATH" LC_ALL=C.UTF-8)
  for name in $(locale -a); do
    if [ "${name/%.utf8/.UTF-8}" = "$PG_LOCALE" ]; then return 0; fi
  done
  mkdir -p "$home/locale"
  localedef -c -i "${PG_LOCALE%.*}" -f "${PG_LOCALE#*.}" "$home/locale/$PG_LOCALE" >"$home/locale.log" 2>&1
  [ -s "$home/locale/$PG_LOCALE/LC_COLLATE" ] || {
    show_log "$home/locale.log"
    die 1 "the locale $PG_LOCALE cannot be made" "install locales, or set PG_LOCALE=C.UTF-8"
  }
  PG_ENV+=(LOCPATH="$home/locale")
}

postgres_init() {
  local home=$DIR/postgres
  mkdir -p "$home/socket"
  postgres_locale
  PG_SUPER_PASSWORD=$(random_hex 16)
  PG_PASSWORD=$(random_hex 16)
  (umask 077 && printf '%s\n' "$PG_SUPER_PASSWORD" >"$home/password")
  : >"$home/init.log"
  give_to postgres "$home"
  if ! (cd "$home" && as_user postgres env -i "${PG_ENV[@]}" "$PG_BIN/initdb" \
    --pgdata="$home/data" --username=postgres --pwfile="$home/password" --encoding=UTF8 \
    --locale="$PG_LOCALE" --lc-messages=C.UTF-8 --auth=scram-sha-256 --no-instructions) >"$home/init.log" 2>&1; then
    show_log "$home/init.log"
    die 1 "initdb failed" "is there room in $DIR, and may user postgres enter it?"
  fi
  cat >>"$home/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$home/socket'
max_connections = 300
shared_buffers = 256MB
jit = off
timezone = 'Asia/Shanghai'
log_line_prefix = '%m [%p] %u@%d '
log_timezone = 'UTC'
${PG_EXTRA:-}
CONF
}

postgres_start_once() {
  local home=$DIR/postgres end
  free_port
  PG_PORT=$FREE_PORT
  : >"$home/server.log"
  become postgres
  start_server postgres "$home/server.log" "${AS[@]}" env -i "${PG_ENV[@]}" \
    TONGCHA_RUN="$RUN" "$PG_BIN/postgres" -D "$home/data" -p "$PG_PORT"
  PG_PID=$SERVER
  end=$((SECONDS + PG_SECONDS))
  while ! "$PG_BIN/pg_isready" -q -t 1 -h 127.0.0.1 -p "$PG_PORT" -U postgres -d postgres; do
    kill -0 "$SERVER" 2>/dev/null || return 1
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
  kill -0 "$SERVER" 2>/dev/null
}

# SQL from stdin as the superuser of the own server.
postgres_sql() {
  env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE -u PGSERVICE PGPASSWORD="$PG_SUPER_PASSWORD" PSQLRC=/dev/null \
    psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U postgres -d "${1:-postgres}" \
    >>"$DIR/postgres.sql.log" 2>&1
}

# Starts the server and creates the role and the database of the tests.
postgres_start() {
  local home=$DIR/postgres tries=0
  postgres_bin
  postgres_init
  until postgres_start_once; do
    tries=$((tries + 1))
    if [ "$tries" -ge 3 ] || ! grep -q 'Address already in use' "$home/server.log"; then
      show_log "$home/server.log"
      die 1 "PostgreSQL did not get ready (limit: $PG_SECONDS s)" "see the lines of its log above"
    fi
  done
  if ! printf "create role tongcha login password '%s';\ncreate database tongcha owner tongcha;\n" \
    "$PG_PASSWORD" | postgres_sql; then
    show_log "$DIR/postgres.sql.log"
    die 1 "the role and the database of the tests could not be created" "see the lines above"
  fi
  postgres_urls
  say "PostgreSQL ($("$PG_BIN/postgres" --version | sed 's/.*) //;s/ .*//')) is ready on port $PG_PORT"
}

# The Unix socket where its path is short enough for the kernel (107 bytes), else loopback TCP.
postgres_urls() {
  local where="127.0.0.1:$PG_PORT" socket=$DIR/postgres/socket query=
  if [ "${#socket}" -le 85 ]; then
    where="localhost:$PG_PORT"
    query="?host=$socket"
  fi
  TONGCHA_PG_URL="postgres://tongcha:$PG_PASSWORD@$where/tongcha$query"
  TONGCHA_PG_TCP_URL="postgres://tongcha:$PG_PASSWORD@127.0.0.1:$PG_PORT/tongcha"
  TONGCHA_PG_ADMIN_URL="postgres://postgres:$PG_SUPER_PASSWORD@$where/tongcha$query"
}
