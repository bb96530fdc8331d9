#!/bin/sh
# An authority of the office's own, and a certificate for a hub from it. Runs again for another hub with the same
# authority; never overwrites a key.
#   deploy/nginx/certificates.sh FOLDER NAME [NAME|ADDRESS ..]
# 建立本单位自己的证书机构，并签发中心的证书；ca.pem 发给各部门，ca.key 不得离开本机。
set -eu
[ "$#" -ge 2 ] || { sed -n '4s/^# *//p' "$0" >&2; exit 64; }
folder=$1; shift
name=$1
if [ -e "$folder/hub.key" ]; then
  echo "certificates.sh: $folder/hub.key is there already; move it away to have another" >&2
  exit 64
fi
umask 077
mkdir -p "$folder"
if [ ! -e "$folder/ca.key" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 \
    -keyout "$folder/ca.key" -out "$folder/ca.pem" -subj "/CN=Tongcha authority of $name" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
fi
names=
for one in "$@"; do
  case $one in
    *[!0-9.]*) kind=DNS ;;
    *) kind=IP ;;
  esac
  case $one in *:*) kind=IP ;; esac
  names=${names:+$names,}$kind:$one
done
request=$(mktemp "$folder/request.XXXXXX")
trap 'rm -f "$request" "$request.ext"' EXIT
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 \
  -keyout "$folder/hub.key" -out "$request" -subj "/CN=$name" 2>/dev/null
printf 'subjectAltName=%s\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n' \
  "$names" >"$request.ext"
openssl x509 -req -in "$request" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -sha256 -days 825 \
  -set_serial "0x$(openssl rand -hex 16)" -extfile "$request.ext" -out "$folder/hub.pem" 2>/dev/null
chmod 644 "$folder/ca.pem" "$folder/hub.pem"
openssl verify -CAfile "$folder/ca.pem" "$folder/hub.pem"
