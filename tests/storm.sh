#!/usr/bin/env bash
# A client's 99th percentile beside 500 slow senders, 100 peers that never read, and 1,000 resets a second: the service
# against the C epoll server, in turn; the median of the rounds' ratios. The service has messages of lines for those who are slow or
# do not read, so that they wait for the rest of a message, and for room; C answers whatever arrives. Exits with 1 where a bar was missed.
#   tests/storm.sh [rounds] [seconds]        (default: 9 rounds, 1 s a measurement)
# It needs a C compiler and make, and a quiet machine with two CPUs: server on CPU 1, clients on CPU 0.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-9}
seconds=${2:-1}
bar=1.2
resets=900
port=28910
sidecar=28911
lines=28912
dotnet build -c Release --nologo -v quiet tests/LowLatency.Soak >/dev/null

folder=$(mktemp -d)
pid=
trap '[[ -z $pid ]] || kill $pid 2>/dev/null || true; rm -rf "$folder"' EXIT
make -s -C loadtest/reference OUT="$folder"

# measure NAME PORT_OF_LINES COMMAND...: starts a server, binds all of it to its CPU, storms it, stops it. Bound from the start, the service would
# see one CPU, and not spin.
measure() {
    local name=$1 of_lines=$2
    shift 2
    "$@" >/dev/null &
    pid=$!
    until printf hola | timeout 5 nc -q1 127.0.0.1 $port | grep -q respuesta; do sleep 0.2; done

    # It answers while it warms up, and is no faster then than anybody who compiles.
    [[ $name != service ]] || until curl -s -o /dev/null --fail "http://127.0.0.1:$sidecar/health/ready"; do sleep 0.2; done
    taskset -a -c -p 1 $pid >/dev/null
    taskset -c 0 dotnet tests/LowLatency.Soak/bin/Release/net10.0/LowLatency.Soak.dll storm "127.0.0.1:$port" "127.0.0.1:$of_lines" "$seconds" | sed "s/^/$name /" >>"$folder/measured"
    kill $pid
    wait $pid 2>/dev/null || true
    pid=
}

for _ in $(seq "$rounds"); do
    measure service $lines dotnet src/LowLatency.Service/bin/Release/net10.0/LowLatency.Service.dll "--LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:$port" \
        "--LowLatency:Endpoints:Line:Url=tcp://127.0.0.1:$lines" --LowLatency:Endpoints:Line:Framing=Line --LowLatency:Endpoints:Unix:Url= --LowLatency:Endpoints:Shm:Url= "--LowLatency:Sidecar:Url=http://127.0.0.1:$sidecar" --LowLatency:Polling:Cpus=1
    measure reference $port "$folder/refserver" --listen "tcp://127.0.0.1:$port" --style epoll
done

column() { awk -v name="$1" -v what="$2" -v column="$3" '$1 == name && $2 == what { print $column }' "$folder/measured"; }
median() { sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

# The two of one round are compared with each other: a machine whose speed has phases lasts them about as long as a round.
printf '%-8s %14s %14s %7s %14s   (bar for the ratio of the p99: %s)\n' beside 'service p99 us' 'C epoll p99 us' ratio '[range]' $bar
missed=0
for what in alone slow unread resets; do
    # C answers whoever does not read as well, as it never fills what is between them: it is judged by itself alone.
    beside=$what
    [[ $what != unread ]] || beside=alone
    paste <(column service $what 4) <(column reference $beside 4) | awk '{ printf "%.2f\n", $1 / $2 }' | sort -g >"$folder/ratios"
    awk -v bar=$bar '{ all[NR] = $1 } END { exit all[int((NR + 1) / 2)] > bar }' "$folder/ratios" || missed=1
    printf '%-8s %14s %14s %7s %14s   p50 %s and %s\n' $what "$(column service $what 4 | median)" "$(column reference $beside 4 | median)" \
        "$(median <"$folder/ratios")" "[$(head -n 1 "$folder/ratios")..$(tail -n 1 "$folder/ratios")]" "$(column service $what 3 | median)" "$(column reference $beside 3 | median)"
done
blocked=$(awk '$1 == "service" && $2 == "unread" { print $5 }' "$folder/measured" | sort -g | tail -n 1)
echo "$blocked sends a second at most had room beside the service that nobody reads from (bar: 0)"
fewest=$(awk '$2 == "resets" { print $5 }' "$folder/measured" | sort -g | head -n 1)
echo "$fewest resets a second at least (bar: $resets)"
((missed == 0 && blocked == 0 && fewest >= resets))
