# A RabbitMQ of our own: epmd, node name, cookie, ports, folders and user. Sourced.
# shellcheck shell=bash
# Its Erlang port mapper is our own too (own port, loopback): one that runs already is neither used nor stopped.

RABBIT_SECONDS=120

# The programs behind Debian's wrapper, which would insist on the packaged folders.
rabbit_programs() {
  local bin
  for bin in /usr/lib/rabbitmq/bin /usr/local/lib/rabbitmq/bin; do
    if [ -x "$bin/rabbitmq-server" ] && [ -x "$bin/rabbitmqctl" ]; then
      RABBIT_BIN=$bin
      EPMD=$(PATH=$SYSTEM_PATH command -v epmd) || die 1 "epmd is not there" "install erlang-base"
      return 0
    fi
  done
  die 1 "no RabbitMQ server program found" "install rabbitmq-server"
}

# The environment of the server and of its command line, nothing inherited.
rabbit_environment() {
  local home=$DIR/rabbitmq
  RABBIT_ENV=(
    PATH="$SYSTEM_PATH" HOME="$home" LC_ALL=C.UTF-8 TONGCHA_RUN="$RUN"
    ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$EPMD_PORT" ERL_CRASH_DUMP="$home/erl_crash.dump"
    RABBITMQ_CONF_ENV_FILE="$home/no-env.conf" RABBITMQ_NODENAME="$RABBIT_NODE"
    RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" RABBITMQ_ADVANCED_CONFIG_FILE="$home/no-advanced.config"
    RABBITMQ_CONFIG_FILES="$home/no-conf.d" RABBITMQ_GENERATED_CONFIG_DIR="$home/generated"
    RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins"
    RABBITMQ_MNESIA_BASE="$home/mnesia" RABBITMQ_LOG_BASE="$home/log" RABBITMQ_PID_FILE="$home/pid"
    RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$RABBIT_PORT" RABBITMQ_DIST_PORT="$RABBIT_DIST_PORT"
    RABBITMQ_CTL_DIST_PORT_MIN="$RABBIT_CTL_PORT" RABBITMQ_CTL_DIST_PORT_MAX="$((RABBIT_CTL_PORT + 60))"
    "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}"
    "RABBITMQ_CTL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}"
  )
}

rabbit_files() {
  local home=$DIR/rabbitmq
  rm -rf "$home"
  mkdir -p "$home"/{mnesia,log,generated}
  chmod 755 "$home"
  : >"$home/server.log"
  printf '[].\n' >"$home/enabled_plugins"
  (
    umask 077
    random_hex 20 >"$home/.erlang.cookie"
    certificates "$home" "$DIR/broker-ca.pem"
    cat >"$home/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$RABBIT_PORT
listeners.ssl.1 = 127.0.0.1:$RABBIT_TLS_PORT
ssl_options.cacertfile = $home/ca.pem
ssl_options.certfile = $home/server.pem
ssl_options.keyfile = $home/server.key
ssl_options.verify = verify_none
ssl_options.fail_if_no_peer_cert = false
default_user = tongcha
default_pass = $RABBIT_PASSWORD
default_user_tags.administrator = true
default_vhost = /
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
loopback_users = none
disk_free_limit.absolute = 200MB
log.console = false
log.file.level = info
CONF
  )
  chmod 400 "$home/.erlang.cookie"
  give_to rabbitmq "$home"
  rabbitmqctl_script "$home"
}

# A command line that reaches our node with our cookie, for the product and for a person.
rabbitmqctl_script() {
  local item drop=
  if is_root; then drop="setpriv --reuid=rabbitmq --regid=$(id -g rabbitmq) --init-groups --inh-caps=-all -- "; fi
  {
    printf '#!/bin/sh\n# rabbitmqctl for the node of this folder.\ncd %q || exit 1\nexec %senv -i' "$1" "$drop"
    for item in "${RABBIT_ENV[@]}"; do printf " \\\\\n  '%s'" "$item"; done
    printf " \\\\\n  %q --node %q \"\$@\"\n" "$RABBIT_BIN/rabbitmqctl" "$RABBIT_NODE"
  } >"$DIR/rabbitmqctl"
  chmod 700 "$DIR/rabbitmqctl"
}

# Starts epmd and the node; the node needs some seconds, so nobody waits here.
rabbit_launch() {
  local home=$DIR/rabbitmq
  free_port && EPMD_PORT=$FREE_PORT
  free_port && RABBIT_PORT=$FREE_PORT
  free_port && RABBIT_TLS_PORT=$FREE_PORT
  free_port && RABBIT_DIST_PORT=$FREE_PORT
  free_port && RABBIT_CTL_PORT=$FREE_PORT
  RABBIT_NODE="tongcha_$(random_hex 4)@localhost"
  RABBIT_PASSWORD=$(random_hex 16)
  rabbit_environment
  rabbit_files
  become rabbitmq
  start_server epmd "$home/server.log" "${AS[@]}" env -i PATH="$SYSTEM_PATH" HOME="$home" \
    TONGCHA_RUN="$RUN" "$EPMD" -address 127.0.0.1 -port "$EPMD_PORT"
  EPMD_PID=$SERVER
  start_server rabbitmq "$home/server.log" "${AS[@]}" env -i "${RABBIT_ENV[@]}" "$RABBIT_BIN/rabbitmq-server"
  RABBIT_PID=$SERVER
}

rabbit_ready_once() {
  local end=$((SECONDS + RABBIT_SECONDS))
  while ! port_open "$RABBIT_PORT"; do
    kill -0 "$RABBIT_PID" 2>/dev/null || return 1
    kill -0 "$EPMD_PID" 2>/dev/null || return 1
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
  in_session_logged "$DIR/rabbitmqctl.log" timeout --foreground 90 \
    "$DIR/rabbitmqctl" -q await_startup --timeout 60
}

# Waits until the node answers its own command line; tries other ports when one was taken meanwhile.
rabbit_ready() {
  local home=$DIR/rabbitmq tries=0
  until rabbit_ready_once; do
    tries=$((tries + 1))
    if [ "$tries" -ge 3 ] || ! grep -qsiE 'eaddrinuse|address already in use|port.*in use' "$home"/server.log "$home"/log/*.log; then
      show_log "$home/server.log" "$home"/log/tongcha_*@localhost.log "$DIR/rabbitmqctl.log"
      die 1 "RabbitMQ did not get ready (limit: $RABBIT_SECONDS s)" "see the lines of its log above"
    fi
    end_session "$RABBIT_PID" KILL 5
    end_session "$EPMD_PID" KILL 5
    rabbit_launch
  done
  TONGCHA_AMQP_URL="amqp://tongcha:$RABBIT_PASSWORD@127.0.0.1:$RABBIT_PORT/%2f"
  TONGCHA_AMQPS_ADDRESS="amqps://localhost:$RABBIT_TLS_PORT"
  TONGCHA_AMQPS_CA="$DIR/broker-ca.pem"
  TONGCHA_RABBITMQCTL="$DIR/rabbitmqctl"
  say "RabbitMQ is ready on port $RABBIT_PORT (node $RABBIT_NODE)"
}
