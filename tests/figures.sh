#!/usr/bin/env bash
# The figures that `loadtest reference` does not measure, on a quiet machine with two CPUs or more:
#   tests/figures.sh [first] [idle] [steady] [wrk]        (default: all)
# first   worst first request after ready, over 20 fresh processes
# idle    CPU of an adaptive service without traffic, and that the first message after it is answered
# steady  collections and memory over 10 million requests on one connection
# wrk     HTTP/1.1 by wrk: the polled transport against Kestrel's default, interleaved
# It needs gcc, make, curl, jq, nc, taskset and, for the last, wrk. All traffic is on loopback; every load ends by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
for program in gcc make curl jq nc taskset; do
    command -v $program >/dev/null || { echo "tests/figures.sh needs $program, which is not installed" >&2; exit 2; }
done
dotnet build -c Release --nologo -v quiet >/dev/null

service=src/LowLatency.Service/bin/Release/net10.0/LowLatency.Service.dll
tester=loadtest/bin/Release/net10.0/loadtest.dll
port=28800
sidecar=28801
pid=
programs=$(mktemp -d)
trap '[[ -z $pid ]] || kill $pid 2>/dev/null || true; rm -rf "$programs"' EXIT

start_service() {
    dotnet $service "--LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:$port" --LowLatency:Endpoints:Unix:Url= --LowLatency:Endpoints:Shm:Url= \
        "--LowLatency:Sidecar:Url=http://127.0.0.1:$sidecar" "$@" >/dev/null &
    pid=$!
    curl -s -o /dev/null --retry 100 --retry-delay 0 --retry-connrefused --retry-all-errors --retry-max-time 30 --fail "http://127.0.0.1:$sidecar/health/ready"
}

stop_service() {
    kill $pid
    wait $pid
    pid=
}

metric() {
    curl -s "http://127.0.0.1:$sidecar/metrics" | awk -v name="$1" 'index($1, name) == 1 { sum += $2 } END { printf "%.0f\n", sum }'
}

processor_milliseconds() {
    awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / tick }' "/proc/$pid/stat"
}

first() {
    local worst=0 each
    make -s -C loadtest/reference OUT="$programs"
    for _ in $(seq 20); do
        start_service --LowLatency:Polling:Cpus=1
        taskset -a -p -c 1 $pid >/dev/null
        # Whoever reads the answer starts behind it: a third process would take one of the two CPUs for milliseconds.
        "$programs/refclient" "tcp://127.0.0.1:$port" --mode per-connection --requests 1 --warmup 0 --cpu 0 >"$programs/first"
        each=$(jq .max_ns "$programs/first")
        ((each <= worst)) || worst=$each
        stop_service
    done
    echo "first request after ready, connect included, worst of 20 processes: $((worst / 1000)) us (bar: < 1000)"
}

idle() {
    start_service
    printf hola | nc -q1 127.0.0.1 $port >/dev/null
    local before after answer
    before=$(processor_milliseconds)
    sleep 5
    after=$(processor_milliseconds)
    answer=$(printf hola | nc -q1 127.0.0.1 $port)
    echo "adaptive without traffic: $(((${after%.*} - ${before%.*}) / 50)) % of one CPU over 5 s (bar: < 2), then: $answer"
    stop_service
}

steady() {
    start_service
    # The first million is for the last compilations.
    dotnet $tester run "tcp://127.0.0.1:$port" -n 1M --quiet >/dev/null
    local collections memory
    collections=$(metric dotnet_gc_collections_total)
    memory=$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status")
    dotnet $tester run "tcp://127.0.0.1:$port" -n 10M --quiet >/dev/null
    echo "10 M requests: $(($(metric dotnet_gc_collections_total) - collections)) collections (bar: 0)," \
        "$(($(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status") - memory)) KiB more resident," \
        "requests counted $(metric lowlatency_requests_total)"
    stop_service
}

http_server() {
    dotnet $tester reference-server --transport "$1" --app http --tcp "tcp://127.0.0.1:$port" >/dev/null &
    pid=$!
    curl -s -o /dev/null --retry 100 --retry-delay 0 --retry-connrefused --retry-all-errors --retry-max-time 30 "http://127.0.0.1:$port/"
    wrk -c8 -t1 -d2s "http://127.0.0.1:$port/" >/dev/null
}

wrk_rounds() {
    local round transport
    for round in 1 2 3 4 5; do
        for transport in default busypoll busypoll-inline; do
            http_server $transport
            echo "$transport c1-p50-us $(wrk --latency -c1 -t1 -d2s "http://127.0.0.1:$port/" | awk '$1 == "50%" { print $2 * ($2 ~ /ms$/ ? 1000 : 1) }')" \
                "c64-rate $(wrk -c64 -t1 -d2s "http://127.0.0.1:$port/" | awk '$1 == "Requests/sec:" { print $2 }')"
            stop_service
        done
    done | sort | tee "$programs/wrk"
    for transport in default busypoll busypoll-inline; do
        echo "$transport, medians: c1-p50-us $(column $transport 3 | median) c64-rate $(column $transport 5 | median)"
    done
}

column() { awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$programs/wrk"; }

median() { sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

for figure in "${@:-first idle steady wrk}"; do
    for each in $figure; do
        case $each in
            first | idle | steady) $each ;;
            wrk) wrk_rounds ;;
            *) echo "'$each': no such figure; allowed: first, idle, steady, wrk" >&2; exit 2 ;;
        esac
    done
done
