#!/usr/bin/env bash
# Builds the reference programs into a temporary folder and checks what they promise. Exit code 0: all of it held.
[ -n "${CHECK_IS_BOUNDED:-}" ] || CHECK_IS_BOUNDED=1 exec timeout -k 5 180 bash "$0" "$@"
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
failures=0

cleanup() {
    for pid in $(jobs -pr); do kill -KILL "$pid"; done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'echo "ran out of time"; exit 1' TERM INT

check() { # description, expected, actual
    if [ "$2" = "$3" ]; then
        echo "ok      $1"
    else
        echo "FAILED  $1: expected '$2', got '$3'"
        failures=$((failures + 1))
    fi
}

start() { # url, further arguments: sets $server; false where the server ended instead of being ready
    : >"$work/out"
    "$work/refserver" --listen "$@" >"$work/out" 2>"$work/err" &
    server=$!
    for _ in $(seq 250); do
        [ "$(cat "$work/out")" = ready ] && return 0
        kill -0 "$server" 2>/dev/null || return 1
        sleep 0.02
    done
    return 1
}

start_on() { # tcp|unix|shm, further arguments: sets $url and $server
    local kind=$1
    shift
    url=$kind://$work/socket
    [ "$kind" != tcp ] && { start "$url" "$@"; return; }
    for _ in $(seq 20); do
        url=tcp://127.0.0.1:$((20000 + RANDOM % 12000))
        start "$url" "$@" && return 0
    done
    return 1
}

# Sets $code to the exit code of a process that is expected to end by itself, or to "still there".
await() {
    code="still there"
    for _ in $(seq 250); do
        kill -0 "$1" || { wait "$1"; code=$?; return; }
        sleep 0.02
    done 2>/dev/null
}

stop() { # signal
    kill "-$1" "$server"
    await "$server"
}

client() { timeout 20 "$work/refclient" "$@" >"$work/json" 2>"$work/client-err"; code=$?; }

lives() { # a process that nobody has reaped yet does not
    grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/${1:-none}/status"
}

wait_for_traffic() { sleep 0.3; }

make -s -C "$here" OUT="$work" || exit 1

figures='"p50_ns":[0-9]+,"p90_ns":[0-9]+,"p99_ns":[0-9]+,"p99_9_ns":[0-9]+,"max_ns":[0-9]+,"mean_ns":[0-9.]+,"requests_per_second":[0-9.]+'
for style in block spin epoll epoll-block; do
    for kind in tcp unix shm; do
        modes="ping-pong per-connection"
        [ $kind = shm ] && { [ $style = spin ] || continue; modes=ping-pong; }
        start_on $kind --style $style || { check "$style $kind starts" ready "$(cat "$work/err")"; continue; }
        for mode in $modes; do
            client "$url" --mode $mode --requests 100 --warmup 10
            check "$style $kind $mode" "0 1" "$code $(grep -cE "^\{\"requests\":100,$figures\}\$" "$work/json")"
        done

        "$work/refclient" "$url" --requests 10000000 >/dev/null 2>&1 &
        victim=$!
        wait_for_traffic
        client "$url" --requests 50 --warmup 0
        check "$style $kind serves two at a time" 0 "$code"
        kill -KILL "$victim"
        await "$victim"
        client "$url" --requests 50 --warmup 0
        check "$style $kind outlives its client's death" 0 "$code"

        "$work/refclient" "$url" --requests 10000000 >/dev/null 2>"$work/client-err" &
        orphan=$!
        wait_for_traffic
        [ $kind = tcp ] && stop INT || stop TERM
        check "$style $kind ends by a signal" 0 "$code"
        [ ! -e "$work/socket" ]
        check "$style $kind leaves no socket behind" 0 $?
        await "$orphan"
        check "$style $kind client notices the server's end, in one line" "1 1" "$code $(wc -l <"$work/client-err")"
    done

    # More than a socket takes at once: the rest must follow.
    start_on tcp --style $style --reply "$(printf 'r%.0s' $(seq 120000))"
    client "$url" --requests 50 --warmup 0 --reply "$(printf 'r%.0s' $(seq 120000))"
    check "$style long reply" 0 "$code"
    stop TERM
done

start_on shm --style spin
client "$url" --requests 6400 --pipeline 64
check "a batch" "0 1" "$code $(grep -cE "^\{\"requests\":6400,$figures,\"pipeline\":64,\"p50_ns_per_request\":[0-9.]+,\"mean_ns_per_request\":[0-9.]+\}\$" "$work/json")"
client "$url" --requests 1001 --warmup 0 --pipeline 1000
check "only whole batches" "0 1" "$code $(grep -c '"requests":2000,' "$work/json")"
for length in 55 56 57 16000 65528; do # one line, one line, two lines, a ring that must be larger, the longest
    client "$url" --requests 3000 --warmup 0 --pipeline 3 --request "$(printf "%${length}s" x)"
    check "request of $length bytes" "$([ $length = 65528 ] && echo 1 || echo 0)" "$code" # three of the longest have no room
    client "$url" --requests 1000 --warmup 0 --request "$(printf "%${length}s" x)"
    check "and alone" 0 "$code"
done
client "$url" --requests 10 --request "$(printf '%65529s' x)"
check "a request too long for the server" "1 1" "$code $(wc -l <"$work/client-err")"
client "$url" --requests 10 --reply other
check "a wrong reply in shared memory" "1 1" "$code $(wc -l <"$work/client-err")"
clients=
for i in 1 2 3 4; do "$work/refclient" "$url" --requests 20000 --pipeline $i >"$work/json" 2>&1 & clients="$clients $!"; done
for each in $clients; do await $each; check "one of four clients" 0 "$code"; done
client "unix://$work/socket" --requests 10
check "no hello is no service" "1 1" "$code $(wc -l <"$work/client-err")"
kill -STOP "$server"
client "$url" --requests 10
check "silence instead of a welcome" "1 1" "$code $(wc -l <"$work/client-err")"
kill -CONT "$server"
client "$url" --requests 10
check "and goes on" 0 "$code"
stop TERM
for length in 57 65528; do
    start_on shm --style spin --reply "$(printf "%${length}s" x)"
    client "$url" --requests 3000 --warmup 0 --reply "$(printf "%${length}s" x)"
    check "reply of $length bytes" 0 "$code"
    client "$url" --requests 9000 --warmup 0 --pipeline 9 --reply "$(printf "%${length}s" x)"
    check "and more of them than the ring holds" 0 "$code"
    stop TERM
done
start_on unix --style spin
client "shm://$work/socket" --requests 10
check "a server without shared memory" "1 1" "$code $(wc -l <"$work/client-err")"
stop TERM

start_on unix --style epoll-block
client "$url" --requests 10 --reply other
check "a wrong reply is a failure" 1 "$code"
before=$SECONDS
kill -STOP "$server"
client "$url" --requests 10
check "silence is a failure" 1 "$code"
check "and was waited for, not for ever" yes "$([ $((SECONDS - before)) -ge 4 ] && [ $((SECONDS - before)) -le 12 ] && echo yes)"
kill -CONT "$server"
first=$server
start "$url" --style block
await "$server"
check "a live server's path is not taken" 1 "$code"
server=$first
stop KILL
[ -S "$work/socket" ]
check "a killed server leaves its socket" 0 $?
start "$url" --style block
check "and the next one replaces it" 0 $?
stop TERM
echo precious >"$work/socket"
start "$url" --style block
await "$server"
check "a regular file is not replaced" "1 precious" "$code $(cat "$work/socket")"
rm "$work/socket"
client "$url"
check "nobody there" "1 1" "$code $(wc -l <"$work/client-err")"
start_on tcp --style block
first=$server
start "$url" --style block
await "$server"
check "a port in use" "1 1" "$code $(wc -l <"$work/err")"
server=$first
stop TERM

mkfifo "$work/stdin"
for style in block spin epoll epoll-block; do
    "$work/refserver" --listen "unix://$work/socket" --style $style --until-stdin-closes <"$work/stdin" >"$work/out" 2>&1 &
    server=$!
    exec 9>"$work/stdin"
    for _ in $(seq 250); do [ "$(cat "$work/out")" = ready ] && break; sleep 0.02; done
    client "unix://$work/socket" --requests 50 --warmup 0
    check "$style serves while stdin is open" 0 "$code"
    watcher=$(cat "/proc/$server/task/$server/children" 2>/dev/null)
    if [ $style = spin ]; then
        stop KILL
        for _ in $(seq 250); do lives $watcher || break; sleep 0.02; done
        check "$style killed takes its watcher along" "" "$(lives $watcher && echo alive)"
        exec 9>&-
    else
        exec 9>&-
        await "$server"
        check "$style ends with stdin" 0 "$code"
    fi
done

while read -r arguments; do
    timeout 5 "$work/"$arguments >"$work/out" 2>"$work/err"
    check "usage: $arguments" "2 0 1" "$? $(wc -l <"$work/out") $(wc -l <"$work/err")"
done <<'END'
refserver
refserver --listen tcp://127.0.0.1:8080
refserver --listen tcp://127.0.0.1:8080 --style fast
refserver --listen tcp://127.0.0.1:8080 --style spin extra
refserver --listen tcp://127.0.0.1:8080 --style spin --unknown
refserver --listen tcp://127.0.0.1:8080 --style spin --cpu
refserver --listen tcp://127.0.0.1:8080 --style spin --cpu x
refserver --listen tcp://127.0.0.1:8080 --style spin --cpu 1023
refserver --listen tcp://127.0.0.1:8080 --style spin --reply=
refserver --listen tcp://127.0.0.1:0 --style spin
refserver --listen tcp://127.0.0.1:70000 --style spin
refserver --listen tcp://localhost:8080 --style spin
refserver --listen tcp://127.0.0.1 --style spin
refserver --listen http://127.0.0.1:8080 --style spin
refserver --listen unix://relative --style spin
refserver --listen shm://relative --style spin
refserver --listen shm:///tmp/a --style epoll
refclient
refclient shm:///tmp/a --mode per-connection
refclient shm:///tmp/a --pipeline 0
refclient unix:///tmp/a --pipeline 2
refclient tcp://127.0.0.1:8080 --mode fast
refclient tcp://127.0.0.1:8080 --requests 0
refclient tcp://127.0.0.1:8080 --requests 1x
refclient tcp://127.0.0.1:8080 --cpu -1
refclient tcp://127.0.0.1:8080 unix:///tmp/a
END

[ $failures -eq 0 ] && echo "all held" || echo "$failures failed"
[ $failures -eq 0 ]
