#!/bin/sh
# The hub's user and virtual host on a broker that runs. The password is read from stdin, one line:
#   head -c 24 /dev/urandom | base64 | sudo deploy/rabbitmq/setup.sh
# RABBITMQCTL names another command line; VHOST and HUB_USER other names. Running it again changes the password.
# 建立中心专用的虚拟主机和用户，口令从标准输入读取。
set -eu
ctl=${RABBITMQCTL:-rabbitmqctl}
vhost=${VHOST:-tongcha}
user=${HUB_USER:-tongcha}

IFS= read -r password || [ -n "$password" ]
if [ "${#password}" -lt 16 ]; then
  echo "setup.sh: the password on stdin has fewer than 16 characters" >&2
  exit 64
fi

if ! $ctl -q list_vhosts name --no-table-headers | grep -qx "$vhost"; then
  $ctl -q add_vhost "$vhost"
fi
if $ctl -q list_users --no-table-headers | cut -f 1 | grep -qx "$user"; then
  printf '%s\n' "$password" | $ctl -q change_password "$user"
else
  printf '%s\n' "$password" | $ctl -q add_user "$user"
fi
# No tag: this user administers nothing. It may declare, write and read what begins with "tongcha.".
$ctl -q set_user_tags "$user"
$ctl -q set_permissions --vhost "$vhost" "$user" '^tongcha\.' '^tongcha\.' '^tongcha\.'
# The publisher may only use routing keys of the partitions.
$ctl -q set_topic_permissions --vhost "$vhost" "$user" tongcha.records '^tongcha\.records\.' '^tongcha\.records\.'
if $ctl -q list_users --no-table-headers | cut -f 1 | grep -qx guest; then
  $ctl -q delete_user guest
fi
echo "setup.sh: user $user may use what begins with tongcha. in virtual host $vhost"
