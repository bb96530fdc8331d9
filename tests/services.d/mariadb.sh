# A MariaDB of our own, as a department's database: data folder, port, user and password. Sourced.
# The package with the programs alone makes no data folder and no user: it runs as the user of PostgreSQL.
# shellcheck shell=bash

MARIA_SECONDS=60

# The folder of the server's programs.
maria_programs() {
  MARIADBD=$(PATH=$SYSTEM_PATH command -v mariadbd) || die 1 "no MariaDB server program found" "install mariadb-server-core"
  MARIA_INSTALL=$(PATH=$SYSTEM_PATH command -v mariadb-install-db) || die 1 "mariadb-install-db is not there" "install mariadb-server-core"
}

# Nothing of /etc/mysql is read; the server knows our folder only.
maria_init() {
  local home=$DIR/mariadb
  mkdir -p "$home/data"
  MARIA_PASSWORD=$(random_hex 16)
  : >"$home/init.log"
  : >"$home/server.log"
  (
    umask 077
    cat >"$home/users.sql" <<SQL
create database department character set utf8mb4;
create user 'tongcha'@'127.0.0.1' identified by '$MARIA_PASSWORD';
grant all on \`department%\`.* to 'tongcha'@'127.0.0.1' with grant option;
grant create user on *.* to 'tongcha'@'127.0.0.1';
SQL
  )
  (umask 077 && certificates "$home" "$DIR/mariadb-ca.pem")
  give_to postgres "$home"
  if ! (cd "$home" && as_user postgres env -i PATH="$SYSTEM_PATH" LC_ALL=C.UTF-8 "$MARIA_INSTALL" --no-defaults \
    --datadir="$home/data" --auth-root-authentication-method=socket --skip-test-db) >"$home/init.log" 2>&1; then
    show_log "$home/init.log"
    die 1 "mariadb-install-db failed" "is there room in $DIR, and may user mysql enter it?"
  fi
}

maria_start_once() {
  local home=$DIR/mariadb end
  free_port
  MARIA_PORT=$FREE_PORT
  : >"$home/server.log"
  become postgres
  start_server mariadb "$home/server.log" "${AS[@]}" env -i PATH="$SYSTEM_PATH" LC_ALL=C.UTF-8 \
    TONGCHA_RUN="$RUN" "$MARIADBD" --no-defaults --datadir="$home/data" --socket="$home/socket" \
    --port="$MARIA_PORT" --bind-address=127.0.0.1 --pid-file="$home/pid" --skip-name-resolve \
    --character-set-server=utf8mb4 --ssl-cert="$home/server.pem" --ssl-key="$home/server.key" \
    --init-file="$home/users.sql"
  end=$((SECONDS + MARIA_SECONDS))
  until grep -q 'ready for connections' "$home/server.log" && port_open "$MARIA_PORT"; do
    kill -0 "$SERVER" 2>/dev/null || return 1
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

maria_start() {
  local tries=0
  maria_programs
  maria_init
  until maria_start_once; do
    tries=$((tries + 1))
    if [ "$tries" -ge 3 ] || ! grep -qi 'address already in use' "$DIR/mariadb/server.log"; then
      show_log "$DIR/mariadb/server.log"
      die 1 "MariaDB did not get ready (limit: $MARIA_SECONDS s)" "see the lines of its log above"
    fi
  done
  TONGCHA_MYSQL_CA=$DIR/mariadb-ca.pem
  TONGCHA_MYSQL_URL="mysql://tongcha:$MARIA_PASSWORD@127.0.0.1:$MARIA_PORT/department"
  say "MariaDB is ready on port $MARIA_PORT"
}
