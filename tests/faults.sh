#!/usr/bin/env bash
# Faults that a test program cannot make by itself, thrown at the service in a process of its own:
#   tests/faults.sh [inject] [network] [descriptors] [stopped] [hostile] [balancer]        (default: all)
# inject       errors of the kernel (strace): every request is answered or counted, and the service goes on
# network      loss, a slow link, a link that goes down, in a network namespace of its own that ends with the script
# descriptors  none left (prlimit), clients wait at an endpoint or at the sidecar: no spin, one line a second, recovery; SIGTERM ends it
# stopped      for 5 s, and while thousands connect
# hostile      what comes in where something else was expected, and 1 GB from a peer that never reads
# balancer     one of three behind HAProxy is killed, drained, stopped: only what was in flight fails, and what a stopped one holds
# Ends with "N passed, N failed, N skipped". What needs root or a program that is not there is skipped, and says so.
# With LOWLATENCY_REQUIRE_EXTERNALS=1 a missing program is a failure. All loads are short and end by themselves.
set -uo pipefail
cd "$(dirname "$0")/.."

service=src/LowLatency.Service/bin/Release/net10.0/LowLatency.Service.dll
tester=loadtest/bin/Release/net10.0/loadtest.dll
dotnet build -c Release --nologo -v quiet loadtest >/dev/null || exit 1

passed=0
failed=0
skipped=0
pid=
address=127.0.0.1
port=28900
sidecar=28901
# A command in front of every client and server, such as one that enters a namespace.
inside=()
folder=$(mktemp -d)

finish() {
    stop_service
    rm -rf "$folder"
    echo "$passed passed, $failed failed, $skipped skipped"
    ((failed == 0)) || exit 1
}
trap finish EXIT

start_service() {
    "${inside[@]}" dotnet $service "--LowLatency:Endpoints:Tcp:Url=tcp://0.0.0.0:$port" "--LowLatency:Endpoints:Prefix:Url=tcp://0.0.0.0:$((port + 2))" \
        --LowLatency:Endpoints:Prefix:Framing=LengthPrefix --LowLatency:Endpoints:Unix:Url= "--LowLatency:Sidecar:Url=http://$address:$sidecar" \
        --LowLatency:Polling:SpinFor=00:00:00.005 --LowLatency:Limits:ReplyTimeout=00:00:03 "$@" >"$folder/service.log" 2>&1 &
    pid=$!
    "${inside[@]}" curl -s -o /dev/null --retry 200 --retry-delay 0 --retry-connrefused --retry-all-errors --retry-max-time 60 --fail "http://$address:$sidecar/health/ready"
}

stop_service() {
    if [[ -n $pid ]]; then
        kill -CONT $pid 2>/dev/null
        kill $pid 2>/dev/null
        wait $pid 2>/dev/null
        pid=
    fi
}

# metric NAME [LABEL]: its sum. Fails where nobody answers or there is no such metric, which is not the same as 0.
metric() {
    local page
    page=$("${inside[@]}" curl -s -m 5 --fail "http://$address:$sidecar/metrics") || return 1
    awk -v name="$1" -v label="${2:-}" 'index($0, name) == 1 && index($0, label) { sum += $2; seen = 1 } END { if (!seen) exit 1; printf "%.0f\n", sum }' <<<"$page"
}

# Waits until something holds: within 20 s, which is far more than anything here takes.
until_true() {
    local attempt
    for attempt in $(seq 200); do
        ! "$@" || return 0
        sleep 0.1
    done
    return 1
}

are_connected() {
    local active
    active=$(metric lowlatency_connections_active) && ((active == $1))
}

nobody_is_connected() { are_connected 0; }

# has_counted LEAST ERROR_TYPE
has_counted() {
    local errors
    errors=$(metric lowlatency_errors_total "error_type=\"$2\"") && ((errors >= $1))
}

check() {
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok      $name"
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
    fi
}

# needs PROGRAM...: whether they are all there.
needs() {
    local program
    for program in "$@"; do
        if ! command -v "$program" >/dev/null; then
            if [[ ${LOWLATENCY_REQUIRE_EXTERNALS:-} == 1 ]]; then
                failed=$((failed + 1))
                echo "FAILED  ${FUNCNAME[1]}: $program is missing"
            else
                skipped=$((skipped + 1))
                echo "skipped ${FUNCNAME[1]}: $program is missing"
            fi
            return 1
        fi
    done
}

# load ARGUMENTS...: runs the tester, and keeps its sums in $folder/load.
load() {
    timeout 60 "${inside[@]}" dotnet $tester run "tcp://$address:$port" --warmup 0 --idle block --quiet --json - "$@" 2>"$folder/load.err" \
        | jq -r '.runs[0].outcomes | "\(.attempted) \(.ok)"' >"$folder/load"
    read -r attempted ok <"$folder/load" || { attempted=0; ok=0; }
}

# What the service has counted as answered is what the clients have received, give or take the replies that were cut off.
answered_once() {
    local counted
    until_true nobody_is_connected || return 1
    counted=$(metric lowlatency_requests_total) || return 1
    counted=$((counted - before))
    echo "        $attempted attempted, $ok ok, $counted counted as answered" >&2
    ((attempted > 0 && counted >= ok && counted - ok <= attempted - ok))
}

# Nobody is without a reply but those whom an error was given to.
cuts_off_no_more() { answered_once && ((attempted - ok <= $(grep -c INJECTED "$folder/trace"))); }

# What has cut a connection off is counted.
cuts_off_and_counts() { cuts_off_no_more && has_counted $((errors_before + 1)) transport; }

all_answered() { answered_once && ((ok == attempted)); }

serves() {
    [[ $(printf hola | timeout 5 "${inside[@]}" nc -q1 "$address" $port) == respuesta ]]
}

inject_one() {
    local fault=$1 expectation=$2
    shift 2
    before=$(metric lowlatency_requests_total)
    errors_before=$(metric lowlatency_errors_total 'error_type="transport"')
    strace -f -qq -o "$folder/trace" -e "trace=${fault%%:*}" -e "inject=$fault" -p $pid 2>/dev/null &
    local tracer=$!
    until_true grep -q '^TracerPid:[[:space:]]*[1-9]' /proc/$pid/status
    load "$@"
    kill $tracer 2>/dev/null
    wait $tracer 2>/dev/null
    check "inject $fault: $(grep -c INJECTED "$folder/trace") times" grep -q INJECTED "$folder/trace"
    check "inject $fault: $expectation" $expectation
    check "inject $fault: serves afterwards" serves
}

inject() {
    needs strace jq curl nc || return
    start_service --LowLatency:Polling:WaitStrategy=Blocking
    inject_one recvfrom:error=EINTR:when=3+5 all_answered -c 4 -n 400
    inject_one sendto:error=EINTR:when=3+5 all_answered -c 4 -n 400
    inject_one sendto:error=EAGAIN:when=3+5 all_answered -c 4 -n 400
    inject_one epoll_wait,epoll_pwait:error=EINTR:when=2+3 all_answered -c 4 -n 400
    inject_one accept4:error=EINTR:when=1+2 all_answered --mode per-connection -n 50
    inject_one accept4:error=ECONNABORTED:when=1+2 all_answered --mode per-connection -n 50
    inject_one accept4:error=ENFILE:when=2+20 all_answered --mode per-connection -n 50
    inject_one accept4:error=ENOBUFS:when=2+20 all_answered --mode per-connection -n 50
    inject_one accept4:error=ENOMEM:when=2+20 all_answered --mode per-connection -n 50
    inject_one recvfrom:error=ECONNRESET:when=10+10 cuts_off_and_counts --mode per-connection -n 50
    inject_one sendto:error=ENOBUFS:when=10+10 cuts_off_and_counts --mode per-connection -n 50
    inject_one sendto:error=EPIPE:when=10+10 cuts_off_and_counts --mode per-connection -n 50
    # Only who waits for its first message is watched, so there is one: the clients send seldom.
    inject_one epoll_ctl:error=ENOMEM:when=1+2 cuts_off_no_more --mode open-loop -c 20 -n 400 --rate 400
    inject_forbidden
    stop_service
    inject_fatal EBADF tcp "$port"
    inject_fatal ENOTSOCK unix -U "$folder/unix.sock"
    inject_fatal EINVAL shm -U "$folder/shm.sock"
}

# Whoever comes while every accept is forbidden waits until they no longer are. The sidecar's is forbidden as well: nobody can scrape.
inject_forbidden() {
    strace -f -qq -o "$folder/trace" -e trace=accept4 -e inject=accept4:error=EACCES -p $pid 2>/dev/null &
    local tracer=$!
    until_true grep -q '^TracerPid:[[:space:]]*[1-9]' /proc/$pid/status
    nc -d 127.0.0.1 $port >/dev/null 2>&1 &
    local waiting=$!
    check "inject accept4:error=EACCES: said" until_true says_that_it_cannot_accept $port
    waits_quietly "inject accept4:error=EACCES"
    kill $tracer 2>/dev/null
    wait $tracer 2>/dev/null
    check "inject accept4:error=EACCES: $(grep -c INJECTED "$folder/trace") times" grep -q INJECTED "$folder/trace"
    check "inject accept4:error=EACCES: whoever waited gets in" until_true are_connected 1
    check "inject accept4:error=EACCES: serves afterwards" serves
    kill $waiting 2>/dev/null
    wait $waiting 2>/dev/null
}

# inject_fatal ERROR NAME NC_ADDRESS: an accept that fails for good ends the service as a failure, in one line.
inject_fatal() {
    local error=$1 name=$2
    shift 2
    start_service "--LowLatency:Endpoints:Unix:Url=unix://$folder/unix.sock" "--LowLatency:Endpoints:Shm:Url=shm://$folder/shm.sock"
    strace -f -qq -o "$folder/trace" -e trace=accept4 -e "inject=accept4:error=$error" -p $pid 2>/dev/null &
    local tracer=$!
    until_true grep -q '^TracerPid:[[:space:]]*[1-9]' /proc/$pid/status
    if [[ $1 == -U ]]; then nc -d "$@" >/dev/null 2>&1 & else nc -d 127.0.0.1 "$@" >/dev/null 2>&1 & fi
    local client=$!
    check "inject accept4:error=$error on $name: ends within 20 s" until_true has_ended
    kill -KILL $pid 2>/dev/null
    wait $pid
    check "inject accept4:error=$error on $name: as a failure" test $? -eq 1
    pid=
    # The others, which find the same when they stop, say it of themselves.
    check "inject accept4:error=$error on $name: in one line" test "$(grep -c "FTL.*${*: -1}: cannot accept any more" "$folder/service.log")" -eq 1
    kill $tracer $client 2>/dev/null
    wait $tracer $client 2>/dev/null
}

has_ended() { [[ ! -e /proc/$pid/stat || $(awk '{ print $3 }' /proc/$pid/stat) == Z ]]; }

# ---- A namespace with a pair of links: the service at one end, clients at the other ----

network() {
    needs ip nft tc unshare jq curl nc nsenter || return
    if ! unshare -n true 2>/dev/null; then
        skipped=$((skipped + 1))
        echo "skipped network: no privilege to make a network namespace"
        return
    fi

    # Each namespace lives as long as its holder, which the script ends.
    unshare -n sleep 300 &
    local near=$!
    unshare -n sleep 300 &
    local far=$!
    check "network: two namespaces" until_true both_are_separate $near $far
    local -a at_near=(nsenter -t $near -n) at_far=(nsenter -t $far -n)
    "${at_near[@]}" ip link add near type veth peer name far netns $far
    "${at_near[@]}" ip address add 10.77.0.1/24 dev near
    "${at_far[@]}" ip address add 10.77.0.2/24 dev far
    local each
    for each in near far; do
        local -n at=at_$each
        "${at[@]}" ip link set lo up
        "${at[@]}" ip link set $each up
    done

    inside=("${at_near[@]}")
    address=10.77.0.1
    start_service --LowLatency:Limits:VanishedPeerTimeout=00:00:04
    # The scrapes come from the service's side, the load from the other.
    before=$(metric lowlatency_requests_total)
    check "network, 5 % loss: made" \
        "${at_far[@]}" nft -f - <<<'table inet loss { chain in { type filter hook input priority 0; numgen random mod 100 < 5 counter drop; }; }'
    load_from_far -c 4 -n 400 --timeout 20s
    check "network, 5 % loss: packets were dropped" has_dropped
    check "network, 5 % loss: all_answered" all_answered
    check "network, 5 % loss: taken away" "${at_far[@]}" nft delete table inet loss

    before=$(metric lowlatency_requests_total)
    check "network, 1 Mbit/s: made" "${at_near[@]}" tc qdisc add dev near root tbf rate 1mbit burst 4kb latency 1s
    load_from_far -c 20 -n 4000 --timeout 20s
    check "network, 1 Mbit/s: packets had to wait" has_held_back
    check "network, 1 Mbit/s: all_answered" all_answered
    check "network, 1 Mbit/s: taken away" "${at_near[@]}" tc qdisc del dev near root

    errors_before=$(metric lowlatency_errors_total 'error_type="transport"')
    "${at_far[@]}" nc 10.77.0.1 $port </dev/zero >/dev/null 2>&1 &
    local vanished=$!
    "${at_far[@]}" nc -d 10.77.0.1 $port >/dev/null 2>&1 &
    local silent=$!
    check "network, link down: two were connected" until_true are_connected 2
    check "network, link down: made" "${at_far[@]}" ip link set far down
    check "network, link down: keep-alive and the reply's deadline free the slots" until_true nobody_is_connected
    check "network, link down: counted" has_counted $((errors_before + 1)) transport
    kill $vanished $silent 2>/dev/null
    "${at_far[@]}" ip link set far up
    load_from_far -c 1 -n 10 --timeout 20s
    check "network, link up again: serves" test "$ok" -eq 10
    stop_service
    kill $near $far
    wait $near $far 2>/dev/null
    inside=()
    address=127.0.0.1
}

both_are_separate() { separate "$1" && separate "$2"; }

separate() { [[ $(readlink /proc/"$1"/ns/net) != $(readlink /proc/$$/ns/net) ]]; }

has_dropped() { "${at_far[@]}" nft list table inet loss | grep -E 'counter packets [1-9]' >/dev/null; }

has_held_back() { "${at_near[@]}" tc -s -j qdisc show dev near | jq -e '.[0].kind == "tbf" and .[0].bytes > 0 and .[0].overlimits > 0' >/dev/null; }

load_from_far() {
    inside=("${at_far[@]}")
    load "$@"
    inside=("${at_near[@]}")
}

descriptors() {
    needs prlimit jq curl nc ss || return
    local -a crowd=()
    start_service
    take_descriptors
    crowd_at $port 50
    check "descriptors: none are left, said" until_true says_that_it_cannot_accept $port
    waits_quietly descriptors
    give_descriptors
    check "descriptors: whoever waited gets in" until_true are_connected 50
    check "descriptors: serves, and is scraped" serves
    end_crowd
    check "descriptors: nobody is left" until_true nobody_is_connected
    stop_service

    # A new one each time: what an old one holds may have numbers above the new limit, which are of no use to it when it gives them up.
    start_service
    take_descriptors
    crowd_at $sidecar 30
    check "descriptors, sidecar: none are left, said" until_true says_that_it_cannot_accept $sidecar
    waits_quietly "descriptors, sidecar"
    give_descriptors
    end_crowd
    check "descriptors, sidecar: is scraped" until_true nobody_is_connected
    check "descriptors, sidecar: serves" serves
    stop_service

    start_service
    take_descriptors
    crowd_at $port 50
    check "descriptors, SIGTERM: none are left, said" until_true says_that_it_cannot_accept $port
    kill -TERM $pid
    check "descriptors, SIGTERM: ends within 20 s" until_true has_ended
    kill -KILL $pid 2>/dev/null
    wait $pid
    check "descriptors, SIGTERM: ends well" test $? -eq 0
    pid=
    end_crowd
}

# All but a few, so that some clients get in and the others wait.
take_descriptors() { prlimit --pid $pid --nofile=$(($(find /proc/$pid/fd -mindepth 1 2>/dev/null | wc -l) + 5)):; }

give_descriptors() { prlimit --pid $pid --nofile=4096:; }

# crowd_at PORT HOW_MANY: the kernel connects them, whether or not anybody accepts.
crowd_at() {
    local connected
    connected=$(connected_to "$1")
    for _ in $(seq "$2"); do
        nc -d 127.0.0.1 "$1" >/dev/null 2>&1 &
        crowd+=($!)
    done
    check "$2 have connected to port $1" until_true have_connected $((connected + $2)) "$1"
}

end_crowd() {
    kill "${crowd[@]}" 2>/dev/null
    wait "${crowd[@]}" 2>/dev/null
    crowd=()
}

says_that_it_cannot_accept() { grep -q ":$1: cannot accept" "$folder/service.log"; }

refusals_said() { grep -c 'cannot accept' "$folder/service.log"; }

# waits_quietly NAME: neither spins nor fills a disk, and does not keep silent either, while it cannot accept.
waits_quietly() {
    local said elapsed=$EPOCHREALTIME
    said=$(refusals_said)
    uses_little_cpu "$1"
    said=$(($(refusals_said) - said))
    elapsed=$(((${EPOCHREALTIME/[.,]/} - ${elapsed/[.,]/}) / 1000000))
    echo "        $said lines in $elapsed s" >&2
    check "$1: a line a second at most, and one at least" test "$said" -ge 1 -a "$said" -le $((elapsed + 1))
}

uses_little_cpu() {
    local before_cpu after_cpu used elapsed=$EPOCHREALTIME
    before_cpu=$(processor_ticks)
    sleep 3
    after_cpu=$(processor_ticks)
    elapsed=$(((${EPOCHREALTIME/[.,]/} - ${elapsed/[.,]/}) / 1000))
    used=$(((after_cpu - before_cpu) * 1000 / $(getconf CLK_TCK)))
    echo "        $used ms of CPU in $elapsed ms" >&2
    # A process that has ended uses none.
    check "$1: less than a fifth of a CPU meanwhile" test -n "$after_cpu" -a "$used" -lt $((elapsed / 5))
}

processor_ticks() { awk '{ print $14 + $15 }' /proc/$pid/stat 2>/dev/null; }

stopped() {
    needs jq curl ss || return
    start_service
    before=$(metric lowlatency_requests_total)
    (until_true are_connected 8 && kill -STOP $pid && sleep 5 && kill -CONT $pid) &
    local stopper=$!
    load -c 8 -d 8s --timeout 20s
    wait $stopper
    check "stopped for 5 s while 8 were connected" test $? -eq 0
    check "stopped for 5 s and continued: active clients survive" all_answered

    before=$(metric lowlatency_requests_total)
    kill -STOP $pid
    (until_true have_connected 3000 $port; seen=$?; kill -CONT $pid; exit $seen) &
    stopper=$!
    load -c 3000 -n 3000 --timeout 20s
    wait $stopper
    check "stopped while 3,000 connect: all had connected" test $? -eq 0
    check "stopped while 3,000 connect: all are served" test "$attempted" -eq 3000 -a "$ok" -eq 3000
    check "stopped while 3,000 connect: nobody is left" until_true nobody_is_connected
    stop_service
}

# have_connected LEAST PORT: the kernel has made their connections, whether or not anybody has accepted them.
have_connected() { (($(connected_to "$2") >= $1)); }

connected_to() { ss -Htn state established "( dport = :$1 )" | wc -l; }

answers_with() {
    local expected=$1 to=$2
    [[ $(timeout 10 nc -q1 127.0.0.1 "$to" | head -c 4096 | tr -d '\0') == "$expected" ]]
}

# is_ended_after OPTION... PORT: it answers nothing and ends the connection, which is not left to the client.
is_ended_after() {
    local answer status
    answer=$(timeout 10 nc "${@:1:$#-1}" 127.0.0.1 "${@: -1}" | tr -d '\0'; exit "${PIPESTATUS[0]}")
    status=$?
    ((status != 124)) && [[ -z $answer ]] && until_true nobody_is_connected
}

hostile() {
    needs jq curl nc ss setsid || return
    start_service
    local said memory
    said=$(wc -l <"$folder/service.log")
    check "HTTP on the plain port is a message" answers_with respuesta $port < <(printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    check "a TLS hello on the plain port is a message" answers_with respuesta $port < <(printf '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00')
    check "HTTP on a framed port is closed" is_ended_after $((port + 2)) < <(printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    check "HTTP on a framed port is counted" has_counted 1 message_too_large
    check "a TLS hello on a framed port is closed" is_ended_after $((port + 2)) < <(printf '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00')
    check "a TLS hello on a framed port is counted" has_counted 2 message_too_large
    check "a message of no length is answered" answers_with $'\trespuesta' $((port + 2)) < <(printf '\0\0\0\0')
    check "half a message and the end is closed" is_ended_after -N $((port + 2)) < <(printf '\0\0\0\5ab')
    check "half a message and the end is counted" has_counted 1 protocol

    # 1 GB of messages of no length, whose replies nobody takes. (nc stops sending where it cannot pass on what it has received.)
    memory=$(most_resident)
    setsid bash -c "exec 3<>/dev/tcp/127.0.0.1/$((port + 2)); head -c 1000000000 /dev/zero >&3; sleep 60" 2>/dev/null &
    local flood=$!
    check "1 GB from a peer that never reads: it is connected" until_true are_connected 1
    check "1 GB from a peer that never reads: what it sends has to wait" until_true has_more_waiting $((port + 2)) 1000000
    check "1 GB from a peer that never reads: others are served" serves
    check "1 GB from a peer that never reads: it is closed at the deadline" until_true nobody_is_connected
    echo "        $(($(most_resident) - memory)) KiB more resident at the most" >&2
    check "1 GB from a peer that never reads: bounded memory" test $(($(most_resident) - memory)) -lt 32768
    check "1 GB from a peer that never reads: counted" has_counted 1 slow_reader
    kill -- -$flood 2>/dev/null
    wait $flood 2>/dev/null
    check "nothing was logged about any of it" test "$(wc -l <"$folder/service.log")" -eq "$said"
    stop_service
}

# The most that there ever was.
most_resident() { awk '$1 == "VmHWM:" { print $2 }' /proc/$pid/status; }

# has_more_waiting PORT BYTES: the service leaves them with the kernel, and so with its client's.
has_more_waiting() { ss -Htn state established "( dport = :$1 )" | awk -v least="$2" '$2 > least { seen = 1 } END { exit !seen }'; }

# ---- Three services behind deploy/haproxy ----

balancer() {
    needs haproxy jq curl || return
    local -a members=()
    local each
    for each in 1 2 3; do
        export "HOST_$each=127.0.0.1" "PORT_$each=$((port + 20 + each))" "SIDECAR_$each=$((port + 30 + each))"
        start_member $each
    done
    export FRONT=127.0.0.1:$((port + 20)) STATS=127.0.0.1:$((port + 30))
    haproxy -f deploy/haproxy/haproxy.cfg >"$folder/haproxy.log" 2>&1 &
    local proxy=$!
    check "balancer: finds three that are ready" until_true are_up 3

    begin_load_through -d 6s
    kill -KILL "${members[1]}"
    wait "${members[1]}" 2>/dev/null
    end_load
    check "balancer, one killed: only what was in flight fails" test $((attempted - ok)) -le 8 -a "$ok" -gt 1000
    check "balancer, one killed: seen" until_true are_up 2
    start_member 1
    check "balancer, one back: taken in again" until_true are_up 3

    begin_load_through -d 6s
    kill -TERM "${members[2]}"
    wait "${members[2]}"
    check "balancer, one drained: ends well" test $? -eq 0
    end_load
    check "balancer, one drained: nothing fails" test "$attempted" -eq "$ok" -a "$ok" -gt 1000
    start_member 2
    check "balancer, one back: taken in again" until_true are_up 3

    begin_load_through -d 6s
    kill -STOP "${members[3]}"
    check "balancer, one stopped: the check finds it" until_true are_up 2
    end_load
    # What it held when it stopped, and what was sent to it until the check had failed twice: a connection holds one request at a time.
    check "balancer, one stopped: at most what it held fails" test $((attempted - ok)) -le 16 -a "$ok" -gt 1000
    load_through -n 500
    check "balancer, one stopped: nothing fails any more" test "$attempted" -eq "$ok" -a "$ok" -eq 500
    kill -CONT "${members[3]}"
    check "balancer, one continued: taken in again" until_true are_up 3

    kill $proxy "${members[@]}" 2>/dev/null
    wait $proxy "${members[@]}" 2>/dev/null
}

start_member() {
    local tcp=PORT_$1 health=SIDECAR_$1
    dotnet $service "--LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:${!tcp}" --LowLatency:Endpoints:Unix:Url= --LowLatency:Endpoints:Shm:Url= \
        "--LowLatency:Sidecar:Url=http://127.0.0.1:${!health}" --LowLatency:Polling:WaitStrategy=Blocking >"$folder/member$1.log" 2>&1 &
    members[$1]=$!
}

are_up() { (($(curl -s -m 2 "http://$STATS/;csv" | awk -F, '$1 == "services" && $2 != "BACKEND" && $18 ~ /^UP/' | wc -l) == $1)); }

# Eight connections at a time, each for one request.
load_through() {
    timeout 60 dotnet $tester run "tcp://$FRONT" --mode per-connection -c 8 --warmup 0 --timeout 2s --idle block --sidecar none --quiet --json - "$@" 2>"$folder/load.err" \
        | jq -r '.runs[0].outcomes | "\(.attempted) \(.ok)"' >"$folder/load"
    read -r attempted ok <"$folder/load" || { attempted=0; ok=0; }
    echo "        $attempted attempted, $ok ok" >&2
}

# Returns when requests are under way.
begin_load_through() {
    local before
    before=$(sessions)
    load_through "$@" &
    loading=$!
    until_true has_sessions $((before + 500))
}

end_load() {
    wait $loading
    read -r attempted ok <"$folder/load" || { attempted=0; ok=0; }
}

sessions() { curl -s -m 2 "http://$STATS/;csv" | awk -F, '$1 == "services" && $2 == "BACKEND" { print $8 }'; }

has_sessions() { (($(sessions) >= $1)); }

for each in "${@:-inject network descriptors stopped hostile balancer}"; do
    for part in $each; do
        case $part in
            inject | network | descriptors | stopped | hostile | balancer) $part ;;
            *) echo "'$part': no such part; allowed: inject, network, descriptors, stopped, hostile, balancer" >&2; failed=1; exit 2 ;;
        esac
    done
done
