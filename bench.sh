#!/usr/bin/env bash
# Measures LogPipeline beside its peers and writes BENCHMARKS.md.
#   ./bench.sh           every figure (below 20 minutes)
#   ./bench.sh NAME      one: import, parse, kafka, backlog, commit, client, screen, freshness, idle
#   ./bench.sh micro     BenchmarkDotNet on the hot paths; with --filter '*Parse*', those that match
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v goaccess >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends goaccess; } >/dev/null 2>&1 \
    || echo "bench.sh: goaccess could not be installed; its rows stay empty" >&2
fi
if [ -d ../shared/data ] && [ -z "${LOGPIPELINE_TESTDATA:-}" ]; then
  LOGPIPELINE_TESTDATA=$(cd ../shared/data && pwd); export LOGPIPELINE_TESTDATA
fi
if [ -x ../shared/engines/unpack ] && { [ -z "${SPARK_HOME:-}" ] || [ -z "${KAFKA_HOME:-}" ]; }; then
  if engines=$(../shared/engines/unpack); then
    export SPARK_HOME="${SPARK_HOME:-$engines/spark}" KAFKA_HOME="${KAFKA_HOME:-$engines/kafka}"
  fi
fi
dotnet build LogPipeline.sln -c Release -v q -nologo
exec LogPipeline.Benchmarks/bin/Release/net10.0/LogPipeline.Benchmarks "${@:-all}"
