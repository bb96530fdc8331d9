# The servers of one folder together: start, environment file, stop. Sourced.
# shellcheck shell=bash

FOLDER_MARK=.tongcha-services
OURS=

# A fresh folder that the service users can enter: below TMPDIR, else where everyone may.
temp_folder() {
  local base
  for base in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
    if as_user "$(is_root && echo postgres || id -un)" test -x "$base"; then
      DIR=$(mktemp -d "$base/tongcha.XXXXXX") && return 0
    fi
  done
  die 1 "no temporary folder" "TMPDIR names one that everyone may enter"
}

# Makes DIR ours: it must be new or empty, and the service users must be able to enter it.
servers_folder() {
  mkdir -p "$DIR" || die 1 "cannot create $DIR"
  DIR=$(cd "$DIR" && pwd -P)
  if [ ! -e "$DIR/$FOLDER_MARK" ] && [ -n "$(ls -A "$DIR")" ]; then
    die "$EXIT_USAGE" "$DIR is not empty" "name a new folder"
  fi
  [ ! -e "$DIR/pids" ] || die "$EXIT_USAGE" "servers were started in $DIR already" "tests/services stop $DIR"
  case $DIR in *[[:space:]\'\"\\]*) die "$EXIT_USAGE" "blanks and quotes in the path $DIR" "name a plain path" ;; esac
  OURS=yes
  RUN=$(random_hex 12)
  printf '%s\n' "$RUN" >"$DIR/$FOLDER_MARK"
  chmod 711 "$DIR"
  as_user "$(is_root && echo postgres || id -un)" test -x "$DIR" ||
    die 1 "the service users cannot enter $DIR" "name a folder below one that everyone may enter, such as /var/tmp"
}

# Chromium and its driver, where they are.
browser_paths() {
  local name
  TONGCHA_CHROMEDRIVER=
  TONGCHA_CHROMIUM=
  for name in chromedriver chromium.chromedriver; do
    TONGCHA_CHROMEDRIVER=${TONGCHA_CHROMEDRIVER:-$(command -v "$name")}
  done
  for name in chromium chromium-browser google-chrome; do
    TONGCHA_CHROMIUM=${TONGCHA_CHROMIUM:-$(command -v "$name")}
  done
  [ "${NO_BROWSER:-}" != yes ] || return 0
  [ -n "$TONGCHA_CHROMEDRIVER" ] || die 1 "chromedriver is not there" "install chromium-driver"
  [ -n "$TONGCHA_CHROMIUM" ] || die 1 "chromium is not there" "install chromium"
}

# The hub's configuration for these servers, for `--production`.
write_config() {
  TONGCHA_CONFIG=$DIR/production.toml
  (
    umask 077
    printf '%s\n' "$TONGCHA_PG_URL" >"$DIR/database.url"
    printf '%s\n' "$TONGCHA_AMQP_URL" >"$DIR/bus.url"
    cat >"$TONGCHA_CONFIG" <<TOML
# Written by tests/services: the servers of this folder.
[database]
url_file = "database.url"

[bus]
url_file = "bus.url"
rabbitmqctl = "$TONGCHA_RABBITMQCTL"
TOML
  )
}

# The environment file: `. DIR/env` gives a shell what tests/run gives the suite.
write_environment() {
  local name
  TONGCHA_REQUIRE_SERVICES=1
  (
    umask 077
    for name in TONGCHA_PG_URL TONGCHA_PG_TCP_URL TONGCHA_PG_ADMIN_URL TONGCHA_MYSQL_URL TONGCHA_MYSQL_CA TONGCHA_AMQP_URL \
      TONGCHA_RABBITMQCTL TONGCHA_AMQPS_ADDRESS TONGCHA_AMQPS_CA TONGCHA_CONFIG TONGCHA_CHROMEDRIVER TONGCHA_CHROMIUM TONGCHA_REQUIRE_SERVICES; do
      printf "export %s='%s'\n" "$name" "${!name}"
    done >"$DIR/env"
  )
}

servers_start() {
  servers_folder
  rabbit_programs
  browser_paths
  say "starting the servers in $DIR"
  rabbit_launch
  postgres_start
  TONGCHA_MYSQL_URL= TONGCHA_MYSQL_CA=
  [ "${NO_MARIADB:-}" = yes ] || maria_start
  rabbit_ready
  write_config
  write_environment
}

# Stops every server of DIR, youngest first, and only those: pid and start time must agree.
servers_stop() {
  local name pid time signal
  [ -e "$DIR/$FOLDER_MARK" ] || return 0
  if [ -e "$DIR/pids" ]; then
    while read -r name pid time; do
      [ "$(started "$pid")" = "$time" ] || continue
      case $name in postgres) signal=INT ;; *) signal=TERM ;; esac
      end_session "$pid" "$signal" 15
    done < <(sort -r -n -k3 "$DIR/pids")
  fi
  end_marked "$(cat "$DIR/$FOLDER_MARK")"
  rm -rf "$DIR"
}
