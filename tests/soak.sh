#!/usr/bin/env bash
# Mixed load against the service for some seconds (default 120), then none: nothing may have grown. See tests/LowLatency.Soak.
set -euo pipefail
cd "$(dirname "$0")/.."
exec dotnet run -c Release --project tests/LowLatency.Soak -- soak "${1:-120}"
