# Shared by tests/run and tests/services: progress lines, users, ports, processes. Sourced, never run.
# shellcheck shell=bash

SYSTEM_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
EXIT_USAGE=64
STARTED_AT=$SECONDS
WHO=${WHO:-tests/services}
CHILD=

# One progress line on stderr, with the seconds since the start.
say() { printf '[%s %4d s] %s\n' "$WHO" "$((SECONDS - STARTED_AT))" "$*" >&2; }

# An error with what to do next, then the exit code.
die() {
  local code=$1
  shift
  printf '%s: error: %s\n' "$WHO" "$1" >&2
  [ -z "${2:-}" ] || printf 'hint: %s\n' "$2" >&2
  exit "$code"
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# Sets AS to the words that run a command as a service user when we are root, else to none.
become() {
  AS=()
  if is_root; then AS=(setpriv --reuid="$1" --regid="$(id -g "$1")" --init-groups --inh-caps=-all --); fi
}

# Runs a command as a service user when we are root, else as ourselves.
as_user() {
  become "$1"
  shift
  "${AS[@]}" "$@"
}

# Gives a path to a service user when we are root.
give_to() {
  local user=$1
  shift
  if is_root; then chown -R "$user:$(id -gn "$user")" "$@"; fi
}

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# A private authority and a server's certificate for localhost in a folder, as an office makes its own; the
# authority's certificate where everyone may read it.
certificates() {
  local home=$1 shown=$2
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=tests" \
    -keyout "$home/ca.key" -out "$home/ca.pem" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
    -keyout "$home/server.key" -out "$home/server.csr" 2>/dev/null
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' >"$home/server.ext"
  openssl x509 -req -in "$home/server.csr" -CA "$home/ca.pem" -CAkey "$home/ca.key" -CAcreateserial -days 30 \
    -extfile "$home/server.ext" -out "$home/server.pem" 2>/dev/null
  rm -f "$home/ca.key" "$home/server.csr" "$home/server.ext"
  cp "$home/ca.pem" "$shown"
  chmod 644 "$shown"
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port of the range below the kernel's ephemeral ports on which nothing answers.
free_port() {
  local port tries=0
  while [ "$tries" -lt 200 ]; do
    port=$((15000 + (RANDOM * 32768 + RANDOM) % 15000))
    tries=$((tries + 1))
    case " ${PORTS_TAKEN:-} " in *" $port "*) continue ;; esac
    if ! port_open "$port"; then
      FREE_PORT=$port
      PORTS_TAKEN="${PORTS_TAKEN:-} $port"
      return 0
    fi
  done
  die 1 "no free port between 15000 and 29999" "close some listeners and run again"
}

# Start time of a process in clock ticks: with the pid it names one process for good.
started() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  # shellcheck disable=SC2086
  set -- $stat
  echo "${20}"
}

# Pids of one session: those of a server that setsid started, and of its children.
session_pids() {
  local file stat pid
  for file in /proc/[0-9]*/stat; do
    stat=$(cat "$file" 2>/dev/null) || continue
    pid=${file#/proc/}
    pid=${pid%/stat}
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    [ "$1" = Z ] || [ "$4" != "$SESSION" ] || echo "$pid"
  done
}

# Pids of processes that carry our mark in their environment, wherever they have gone.
marked_pids() {
  local file pid
  for file in $(grep -lsz "^TONGCHA_RUN=$1\$" /proc/[0-9]*/environ 2>/dev/null); do
    pid=${file#/proc/}
    pid=${pid%/environ}
    [ "$pid" = "$$" ] || [ ! -e "/proc/$pid/exe" ] || echo "$pid"
  done
}

# Waits until the leader of a session has ended, at most $2 seconds.
gone_within() {
  local pid=$1 end=$((SECONDS + $2))
  while kill -0 "$pid" 2>/dev/null; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

# Ends one session: a signal to its leader, patience, then SIGKILL to whatever is left of it.
end_session() {
  local leader=$1 signal=$2 patience=$3
  kill "-$signal" "$leader" 2>/dev/null
  gone_within "$leader" "$patience"
  SESSION=$leader
  local left
  left=$(session_pids)
  # shellcheck disable=SC2086
  [ -z "$left" ] || kill -KILL $left 2>/dev/null
  wait "$leader" 2>/dev/null
  return 0
}

# Ends what carries the mark and is still there (a browser that left its session, say).
end_marked() {
  local left
  left=$(marked_pids "$1")
  [ -n "$left" ] || return 0
  # shellcheck disable=SC2086
  kill -TERM $left 2>/dev/null
  sleep 0.3
  left=$(marked_pids "$1")
  # shellcheck disable=SC2086
  [ -z "$left" ] || kill -KILL $left 2>/dev/null
  return 0
}

# Waits for the child; a signal to us is seen at once, because bash runs traps while it waits,
# not while a foreground child runs.
await_child() {
  local code
  wait "$CHILD"
  code=$?
  CHILD=
  return "$code"
}

# Runs a command in a session of its own.
in_session() {
  env --default-signal=INT,QUIT setsid "$@" </dev/null &
  CHILD=$!
  await_child
}

# The same with its output in a log.
in_session_logged() {
  local log=$1
  shift
  env --default-signal=INT,QUIT setsid "$@" </dev/null >>"$log" 2>&1 &
  CHILD=$!
  await_child
}

# Starts a server in a session of its own. Its pid is in SERVER afterwards, and in the folder's list.
start_server() {
  local name=$1 log=$2
  shift 2
  (
    cd "$DIR" || exit 1
    exec env --default-signal=INT,QUIT setsid "$@"
  ) </dev/null >>"$log" 2>&1 &
  SERVER=$!
  printf '%s %s %s\n' "$name" "$SERVER" "$(started "$SERVER")" >>"$DIR/pids"
}

# The end of a log, indented, for an error that explains itself.
show_log() {
  local file
  for file in "$@"; do
    [ -s "$file" ] || continue
    printf -- '--- end of %s\n' "$file" >&2
    tail -n 25 "$file" | sed 's/^/    /' >&2
  done
}

# Ends the command that in_session was waiting for. A package installation that has begun to unpack is
# waited for instead: a half-configured package would be worse than a minute.
end_child() {
  [ -n "$CHILD" ] || return 0
  if [ -n "${UNPACKING:-}" ]; then
    say "waiting until the packages are unpacked"
    wait "$CHILD"
  else
    kill -TERM -- "-$CHILD" 2>/dev/null
    end_session "$CHILD" TERM 20
  fi
  CHILD=
}
