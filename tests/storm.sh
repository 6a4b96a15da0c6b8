#!/usr/bin/env bash
# A client's 99th percentile beside 500 slow senders, 100 peers that never read, and 1,000 resets a second: the service
# against the C epoll server, a tenth of a second each in turn, while the other is stopped; the median of the rounds' ratios. The service has
# messages of lines for those who are slow or do not read, so that they wait for the rest of a message, and for room. C answers whatever
# arrives, and is never full: beside it, those who never read ask a socket that takes nobody in, which costs all but the server the same.
# Exits with 1 where a bar was missed.
#   tests/storm.sh [rounds] [seconds]        (default: 9 rounds, 1 s a measurement)
# It needs gcc, make, curl, nc and taskset, and a quiet machine with two CPUs: servers on CPU 1, clients on CPU 0.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-9}
seconds=${2:-1}
bar=1.2
resets=900
port=28910
sidecar=28911
lines=28912
reference=28913
for program in gcc make curl nc taskset; do
    command -v $program >/dev/null || { echo "tests/storm.sh needs $program, which is not installed" >&2; exit 2; }
done
dotnet build -c Release --nologo -v quiet tests/LowLatency.Soak >/dev/null

folder=$(mktemp -d)
servers=()
stop_all() {
    for pid in "${servers[@]}"; do
        kill -CONT "$pid" 2>/dev/null || true
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    servers=()
}
trap 'stop_all; rm -rf "$folder"' EXIT
make -s -C loadtest/reference OUT="$folder"

# Within 30 s.
wait_until() {
    for _ in {1..150}; do
        ! "$@" || return 0
        sleep 0.2
    done
    echo "no server within 30 s: $*" >&2
    exit 1
}
is_ready() { curl -s -o /dev/null --fail "http://127.0.0.1:$sidecar/health/ready"; }
answers() { printf hola | timeout 5 nc -q1 127.0.0.1 $reference | grep -q respuesta; }

for _ in $(seq "$rounds"); do
    dotnet src/LowLatency.Service/bin/Release/net10.0/LowLatency.Service.dll "--LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:$port" \
        "--LowLatency:Endpoints:Line:Url=tcp://127.0.0.1:$lines" --LowLatency:Endpoints:Line:Framing=Line --LowLatency:Endpoints:Unix:Url= --LowLatency:Endpoints:Shm:Url= \
        "--LowLatency:Sidecar:Url=http://127.0.0.1:$sidecar" --LowLatency:Limits:MessageTimeout=00:10:00 --LowLatency:Limits:ReplyTimeout=00:10:00 \
        --LowLatency:Polling:Cpus=1 >/dev/null &
    servers=($!)

    # It answers while it warms up, and is no faster then than anybody who compiles. Bound from the start, it would see one CPU, and not spin.
    wait_until is_ready
    taskset -a -c -p 1 "${servers[0]}" >/dev/null
    taskset -c 1 "$folder/refserver" --listen "tcp://127.0.0.1:$reference" --style epoll >/dev/null &
    servers+=($!)
    wait_until answers
    taskset -c 0 dotnet tests/LowLatency.Soak/bin/Release/net10.0/LowLatency.Soak.dll storm "$seconds" \
        service "${servers[0]}" "127.0.0.1:$port" "127.0.0.1:$lines" "127.0.0.1:$lines" \
        reference "${servers[1]}" "127.0.0.1:$reference" "127.0.0.1:$reference" - >"$folder/round"

    # The first one warms the client up.
    tail -n +3 "$folder/round" >>"$folder/measured"
    stop_all
done

column() { awk -v name="$1" -v what="$2" -v column="$3" '$1 == name && $2 == what { print $column }' "$folder/measured"; }
median() { sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

printf '%-8s %14s %14s %7s %14s   (bar for the ratio of the p99: %s)\n' beside 'service p99 us' 'C epoll p99 us' ratio '[range]' $bar
missed=0
for what in alone slow unread resets; do
    paste <(column service $what 4) <(column reference $what 4) | awk '{ printf "%.2f\n", $1 / $2 }' | sort -g >"$folder/ratios"
    awk -v bar=$bar '{ all[NR] = $1 } END { exit all[int((NR + 1) / 2)] > bar }' "$folder/ratios" || missed=1
    printf '%-8s %14s %14s %7s %14s   p50 %s and %s\n' $what "$(column service $what 4 | median)" "$(column reference $what 4 | median)" \
        "$(median <"$folder/ratios")" "[$(head -n 1 "$folder/ratios")..$(tail -n 1 "$folder/ratios")]" "$(column service $what 3 | median)" "$(column reference $what 3 | median)"
done
blocked=$(awk '$1 == "service" && $2 == "unread" { print $5 }' "$folder/measured" | sort -g | tail -n 1)
echo "$blocked sends a second at most had room beside the service that nobody reads from (bar: 0)"
fewest=$(awk '$1 == "service" && $2 == "resets" { print $5 }' "$folder/measured" | sort -g | head -n 1)
echo "$fewest resets a second at least (bar: $resets)"
((missed == 0 && blocked == 0 && fewest >= resets))
