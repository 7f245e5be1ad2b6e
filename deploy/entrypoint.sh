#!/bin/sh
# Becomes one process of the desk. Roles: web, worker, beat (their commands stand in Procfile), prepare (brings
# the database up to date and ends), wait (until somebody has prepared), manage ARGUMENT... (one of Django's
# commands).
set -eu
cd "$(dirname "$0")/.."
mkdir -p "${VAR_DIR:-var}"

role=${1:-web}
[ $# -eq 0 ] || shift
case $role in
  web | worker | beat)
    # For the probe, which is started without arguments.
    printf '%s\n' "$role" >"${VAR_DIR:-var}/role"
    exec sh -c "$(sed -n "s/^$role: //p" Procfile)"
    ;;
  prepare) exec python manage.py migrate --noinput ;;
  wait) until python manage.py migrate --check >/dev/null 2>&1; do sleep 2; done ;;
  manage) exec python manage.py "$@" ;;
  *)
    echo "entrypoint: no role '$role'; there are web, worker, beat, prepare, wait, manage" >&2
    exit 2
    ;;
esac
