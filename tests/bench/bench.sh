# Shared by the benches that start servers of their own: settings, the way out, tools, numbers. Sourced.
# shellcheck shell=bash

BENCH_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
HERE=$(dirname "$BENCH_HERE")
ROOT=$(dirname "$HERE")
NO_BROWSER=yes
NO_MARIADB=yes
# Offices' servers run in this locale: a key of text is compared by its collation, for all contenders alike.
PG_LOCALE=${PG_LOCALE:-zh_CN.UTF-8}
# Room in memory, no vacuum in the middle, and every commit on disk, for all contenders alike.
PG_EXTRA="shared_buffers = 1GB
max_wal_size = 8GB
checkpoint_timeout = 30min
autovacuum = off"
for part in common packages postgres rabbitmq servers; do
  # shellcheck source=/dev/null
  . "$HERE/services.d/$part.sh"
done
export TONGCHA_BENCH=${TONGCHA_BENCH:-$ROOT/../shared/bench}
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
export TONGCHA_BENCH_WORK=${TONGCHA_BENCH_WORK:-$TARGET/bench}
WORK=$TONGCHA_BENCH_WORK
BENCH=$TONGCHA_BENCH
DIR=

leave() {
  local code=$?
  trap '' INT TERM HUP
  end_child
  packages_restore
  if [ -n "$DIR" ] && [ -d "$DIR" ]; then
    servers_stop
    rm -rf "$DIR"
  fi
  exit "$code"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# The comment at the head of the script that was started, up to its first line of code.
usage() {
  awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0" >&2
  exit "$EXIT_USAGE"
}

# A number behind a key of one line of JSON; empty where there is none.
number() { sed -n "s/.*\"$1\":\([0-9][0-9.]*\).*/\1/p" <<<"$2"; }

median() { printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"; }

divide() { awk -v a="$1" -v b="$2" -v form="$3" 'BEGIN { printf form, (b > 0 ? a / b : 0) }'; }

load() { cut -d ' ' -f 1 /proc/loadavg; }

# The lines of packages.txt of one purpose: the word before a colon in the remark; "all": those without one.
packages_for() {
  awk -F '#' -v want="$1" '!/^#/ && NF { tag = $2; sub(/^ +/, "", tag)
    tag = tag ~ /^[a-z]+: / ? substr(tag, 1, index(tag, ":") - 1) : "all"
    if (tag == want) print }' "$BENCH_HERE/packages.txt"
}

# Makes sure of the packages of one purpose. Those that all need are insisted on; with others it fails where they
# are missing and cannot be installed, and puts back what an installation changed.
packages_of() {
  mkdir -p "$WORK" || die 1 "cannot create $WORK"
  PACKAGES=$WORK/packages-$1.txt
  export TONGCHA_PACKAGES=$PACKAGES
  packages_for "$1" >"$PACKAGES"
  if [ "$1" = all ]; then
    packages_ready
    return
  fi
  (
    trap 'end_child; packages_restore' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    packages_ready
  )
}

# Servers of this run's own.
bench_servers() {
  temp_folder
  servers_start
  printf 'grant pg_checkpoint to tongcha;\n' | postgres_sql ||
    { show_log "$DIR/postgres.sql.log"; die 1 "the role tongcha may not checkpoint"; }
}

# A fresh database of that name, with a schema from a file where one is named, and nothing left to write.
fresh_database() {
  printf 'drop database if exists %s with (force);\ncreate database %s owner tongcha;\n' "$1" "$1" | postgres_sql &&
    { [ -z "${2:-}" ] || { printf 'set role tongcha;\n' && cat "$2"; } | postgres_sql "$1"; } &&
    printf 'checkpoint;\n' | postgres_sql ||
    { show_log "$DIR/postgres.sql.log"; die 1 "no fresh database $1"; }
}
