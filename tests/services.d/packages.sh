# Installs what tests/packages.txt names and this machine lacks, and lets no package start anything. Sourced.
# shellcheck shell=bash
# Two files are changed while apt runs and put back afterwards, also after an error or a signal:
#   POLICY   denies a package's own start of a service (Debian policy, invoke-rc.d)
#   CLUSTER  keeps postgresql from creating the cluster "main"

PACKAGES=${TONGCHA_PACKAGES:-$HERE/packages.txt}
POLICY=/usr/sbin/policy-rc.d
CLUSTER=/etc/postgresql-common/createcluster.conf
SAVED=.tongcha-saved
MARK_LINE="# placed by tests/services while it installs packages; put back at its end"
LOCK=/run/lock/tongcha-packages.lock
APT_SECONDS=${TONGCHA_APT_SECONDS:-1800}
UNPACKING=
APT_LOG=
PACKAGES_LOCKED=

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Every package line without its remark: NAME or FIRST|SECOND.
package_lines() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$PACKAGES"; }

# Names to install: the first alternative of each line of which none is there. With "candidates",
# the first that apt knows.
packages_missing() {
  local line name chosen
  for line in $(package_lines); do
    chosen=
    for name in ${line//|/ }; do
      if installed "$name"; then continue 2; fi
      if [ -z "$chosen" ]; then
        if [ "${1:-}" != candidates ] || apt-cache show "$name" >/dev/null 2>&1; then chosen=$name; fi
      fi
    done
    echo "${chosen:-${line%%|*}}"
  done
}

restore_file() {
  local file=$1
  if [ -e "$file$SAVED" ]; then
    mv -f "$file$SAVED" "$file"
  elif [ -e "$file" ] && grep -qxF "$MARK_LINE" "$file"; then
    rm -f "$file"
  fi
}

packages_restore() {
  is_root || return 0
  [ "$PACKAGES_LOCKED" = yes ] || return 0
  rm -f "$APT_LOG"
  restore_file "$POLICY"
  restore_file "$CLUSTER"
}

deny_starts() {
  if [ -e "$POLICY" ]; then
    if "$POLICY" postgresql start >/dev/null 2>&1; [ $? -eq 101 ]; then return 0; fi
    cp -p "$POLICY" "$POLICY$SAVED"
    rm -f "$POLICY"
  fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$MARK_LINE" >"$POLICY"
  chmod 755 "$POLICY"
}

deny_cluster() {
  mkdir -p "$(dirname "$CLUSTER")"
  [ ! -e "$CLUSTER" ] || cp -p "$CLUSTER" "$CLUSTER$SAVED"
  printf '%s\ncreate_main_cluster = false\n' "$MARK_LINE" >"$CLUSTER"
}

# apt-get in a session of its own, so that Ctrl-C at the terminal does not hit dpkg in the middle.
apt() {
  in_session_logged "$APT_LOG" timeout --foreground --kill-after=60 "$APT_SECONDS" env DEBIAN_FRONTEND=noninteractive \
    NEEDRESTART_SUSPEND=1 LC_ALL=C.UTF-8 \
    apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confold "$@"
}

apt_or_die() {
  local code
  apt "$@" && return 0
  code=$?
  show_log "$APT_LOG"
  packages_restore
  die 1 "apt-get $1 ended with $code" "see the lines above; is a package mirror reachable from this machine?"
}

# Services that a package enabled for the next boot of the machine are disabled again.
disable_units() {
  command -v systemctl >/dev/null 2>&1 || return 0
  local unit
  for unit in "$@"; do
    if [ -e "/lib/systemd/system/$unit" ]; then systemctl disable "$unit" >/dev/null 2>&1; fi
  done
  return 0
}

packages_unlock() {
  PACKAGES_LOCKED=
  exec 9>&-
}

# Installs what is missing. Needs root.
packages_install() {
  local missing units=()
  mkdir -p "$(dirname "$LOCK")"
  exec 9>"$LOCK"
  flock -w 1800 9 || die 1 "another installation holds $LOCK" "wait for it to end"
  PACKAGES_LOCKED=yes
  packages_restore
  missing=$(packages_missing)
  if [ -z "$missing" ]; then
    packages_unlock
    return 0
  fi
  APT_LOG=$(mktemp "${TMPDIR:-/tmp}/tongcha-apt.XXXXXX")
  say "installing:" $missing
  apt_or_die update
  say "package lists are up to date"
  missing=$(packages_missing candidates)
  installed rabbitmq-server || units+=(rabbitmq-server.service)
  installed erlang-base || units+=(epmd.service epmd.socket)
  installed postgresql-common || units+=(postgresql.service)
  deny_starts
  case $missing in
    *postgresql*)
      # Its own post-installation writes CLUSTER, so it goes first.
      installed postgresql-common || apt_or_die install --no-install-recommends postgresql-common
      deny_cluster
      ;;
  esac
  # shellcheck disable=SC2086
  apt_or_die install --no-install-recommends --download-only $missing
  say "packages are fetched"
  UNPACKING=yes
  # shellcheck disable=SC2086
  apt_or_die install --no-install-recommends $missing
  UNPACKING=
  packages_restore
  disable_units "${units[@]}"
  packages_unlock
  missing=$(packages_missing)
  [ -z "$missing" ] || die 1 "still missing after the installation: $missing" "install them by hand"
  say "packages are installed"
}

# Makes sure that every package is there: as root, through sudo without a password, or not at all.
packages_ready() {
  local missing
  if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    say "no apt here: the programs themselves are looked for"
    return 0
  fi
  missing=$(packages_missing)
  if [ -z "$missing" ]; then
    say "every package of $(basename "$PACKAGES") is there"
  elif is_root; then
    packages_install
  elif sudo -n true 2>/dev/null; then
    say "installing through sudo:" $missing
    env --default-signal=INT,QUIT sudo -n env TONGCHA_PACKAGES="$PACKAGES" "$BASH" "$HERE/services" install &
    CHILD=$!
    UNPACKING=yes
    await_child || die 1 "the installation through sudo failed" "run: sudo tests/services install"
    UNPACKING=
  else
    printf '%s: packages are missing, and neither root nor sudo without a password is at hand. Run once:\n' "$WHO" >&2
    printf 'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends %s\n' \
      "$(echo $missing)" >&2
    exit "$EXIT_USAGE"
  fi
}
