#!/bin/bash
# Holds the system calls of a node's whole life against the filter of foreshore.service: it starts with and
# without compiled plugins, scores, ingests, deploys, closes, stops, is killed and starts again. Takes the
# program and, as root, the folder of the plugins; prints every call that the unit forbids. Needs strace, curl
# and systemd-analyze; systemd need not run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-target/debug/foreshore}
plugins=$(cd "${2:-target/plugins}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

config="$work/node.toml"
sed -e "s|../../target/plugins|$plugins|; s|../../target/demo/store|store|; s|../../target/compiled|compiled|" \
    -e 's|127.0.0.1:8080|127.0.0.1:0|; s|127.0.0.1:9090|127.0.0.1:0|' \
    "$here/../../../examples/card-fraud/card-fraud.toml" > "$config"

node() {
    strace -f -qq -e signal=none -o "$work/trace.$1" "$program" serve --config "$config" > "$work/out" 2> "$work/err" &
    strace=$!
    until grep -q '^admin' "$work/out" 2> "$work/none"; do sleep 0.1; done
    data=$(sed -n 's/^data //p' "$work/out")
    admin=$(sed -n 's/^admin //p' "$work/out")
    until curl -sf "$admin/health/ready" > "$work/none"; do sleep 0.1; done
    pid=$(pgrep -P "$strace")
}

event() {
    printf '{"id":"%s","source":"till","type":"payment.%s","time":"2026-03-01T12:00:00Z","data":{"customer":"c","terminal":"t","payment":"p","amount":9.5,"country":"IT","online":true}}' "$1" "$2"
}

use() {
    local pipeline=v1/pipelines/card-fraud
    event "$1" attempted | curl -s "$data/$pipeline/score" -H 'content-type: application/json' -d @- > "$work/none"
    event "$1b" completed | curl -s "$data/$pipeline/events" -H 'content-type: application/x-ndjson' -d @- > "$work/none"
    curl -s "$admin/metrics" > "$work/none"
    curl -s -X POST "$admin/$pipeline/deploy" > "$work/none"
    curl -s "$admin/$pipeline/close" -d '{"time":"2026-03-01T11:00:00Z"}' > "$work/none"
}

node cold; use a; kill -KILL "$pid"; wait "$strace" || true
node killed; use b; kill -TERM "$pid"; wait "$strace" || true
node stopped; kill -TERM "$pid"; wait "$strace" || true

cat "$work"/trace.* | sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' | sort -u > "$work/used"

# The calls of a set, and of the sets in it.
expand() {
    local name
    for name in $(systemd-analyze syscall-filter "$1" | sed -nE 's/^ +([@a-z0-9_-]+)$/\1/p'); do
        case $name in @*) expand "$name" ;; *) echo "$name" ;; esac
    done
}
filters=$(sed -nE 's/^SystemCallFilter=//p' "$here/foreshore.service")
for set in $(echo "$filters" | grep -v '^~'); do expand "$set"; done | sort -u > "$work/allowed"
for set in $(echo "$filters" | sed -n 's/^~//p'); do expand "$set"; done | sort -u > "$work/denied"
forbidden=$(comm -23 "$work/used" <(comm -23 "$work/allowed" "$work/denied"))
echo "$(wc -l < "$work/used") system calls used; forbidden by the unit: ${forbidden:-none}"
echo "memory made executable: $(cat "$work"/trace.* | grep -cE 'mprotect\(.*PROT_EXEC' || true) calls; writable and executable at once: $(cat "$work"/trace.* | grep -cE '(mprotect|mmap)\(.*PROT_WRITE\|PROT_EXEC' || true)"
[ -z "$forbidden" ]
