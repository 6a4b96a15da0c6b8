#!/usr/bin/env bash
# What takes hours: every fuzz target for an hour, an hour of mixed load, and 100 million requests over TCP.
#   tests/long.sh [fuzz] [soak] [requests]        (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."
hour=3600
millions=${MILLIONS:-100}

fuzz() { dotnet run -c Release --project tests/LowLatency.Fuzz -- all --seconds $hour --keep fuzz-findings/corpus; }

soak() { tests/soak.sh $hour; }

# Memory must not grow between the first million, in which the last compilations happen, and the end: what the process has made
# itself. Pages of its files come and go as the kernel sees fit.
requests() {
    local port=28930 sidecar=28931 pid part before half after collections
    dotnet build -c Release --nologo -v quiet loadtest >/dev/null
    dotnet src/LowLatency.Service/bin/Release/net10.0/LowLatency.Service.dll "--LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:$port" \
        --LowLatency:Endpoints:Unix:Url= "--LowLatency:Sidecar:Url=http://127.0.0.1:$sidecar" >/dev/null &
    pid=$!
    trap 'kill ${pid:-} 2>/dev/null || true' EXIT
    curl -s -o /dev/null --retry 100 --retry-delay 0 --retry-connrefused --retry-all-errors --retry-max-time 30 --fail "http://127.0.0.1:$sidecar/health/ready"
    dotnet loadtest/bin/Release/net10.0/loadtest.dll run "tcp://127.0.0.1:$port" -c 10 -n 1M --quiet >/dev/null
    # The first scrape compiles what answers it.
    collections=$(collections_of $sidecar)
    before=$(own_kibibytes $pid)
    for part in {1..10}; do
        dotnet loadtest/bin/Release/net10.0/loadtest.dll run "tcp://127.0.0.1:$port" -c 10 -n $((millions * 100))k --quiet --threshold errors==0 >/dev/null
        after=$(own_kibibytes $pid)
        [[ $part != 5 ]] || half=$after
        echo "$((millions * part / 10)) M requests: $((after - before)) KiB more resident"
    done
    part=$(collections_of $sidecar)
    collections=$((part - collections))
    echo "$((after - before)) KiB in all (bar: 1024), $((after - half)) of them in the second half (bar: 128), $collections collections (bar: 0)"
    kill $pid
    wait $pid
    trap - EXIT
    ((after - before <= 1024 && after - half <= 128 && collections == 0))
}

own_kibibytes() { awk '$1 == "RssAnon:" || $1 == "RssShmem:" { sum += $2 } END { print sum }' "/proc/$1/status"; }

collections_of() { curl -s --fail "http://127.0.0.1:$1/metrics" | awk 'index($1, "dotnet_gc_collections_total") == 1 { sum += $2; seen = 1 } END { if (!seen) exit 1; print sum }'; }

for each in "${@:-fuzz soak requests}"; do
    for part in $each; do
        case $part in
            fuzz | soak | requests) $part ;;
            *) echo "'$part': no such part; allowed: fuzz, soak, requests" >&2; exit 2 ;;
        esac
    done
done
