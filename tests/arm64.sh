#!/usr/bin/env bash
# The kernel's interface and the transports on arm64, by emulation: the layouts, the numbers of the system calls, and the
# contract of every transport. What only real hardware shows - its memory order, its timings - this does not.
#   tests/arm64.sh
# It takes about ten minutes and needs a Debian on another architecture, its package sources, and qemu-user-static.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

command -v qemu-aarch64-static >/dev/null || { echo "qemu-aarch64-static is missing: install qemu-user-static" >&2; exit 2; }

# Libraries for the emulated program, beside the system's own and unknown to it.
libraries() {
    mkdir -p "$folder"/{lists/partial,cache/archives/partial,debs,root}
    local apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root
        -o Dir::State::lists="$folder/lists" -o Dir::Cache="$folder/cache")
    "${apt[@]}" update
    (cd "$folder/debs" && "${apt[@]}" download libc6 libgcc-s1 libstdc++6 libssl3 zlib1g)
    local package
    for package in "$folder"/debs/*.deb; do
        dpkg-deb --extract "$package" "$folder/root"
    done
}

# run PROJECT ARGUMENT...: one test program. The emulator does not see code that changes behind a second mapping.
run() {
    local project=$1
    shift
    dotnet publish "tests/$project" -c Release -r linux-arm64 --self-contained -o "$folder/$project" --nologo -v quiet >/dev/null
    DOTNET_EnableWriteXorExecute=0 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 \
        qemu-aarch64-static -L "$folder/root" "$folder/$project/$project" -noColor "$@"
}

libraries
# Not the mappings: the emulator ignores madvise.
run LowLatency.Linux.Tests -class- '*MemoryMappingTests'
run LowLatency.Transports.Tests -class '*BusyPollTcpInlineTests' -class '*BusyPollUnixInlineTests' -class '*SharedMemoryInlineTests'
