#!/usr/bin/env bash
# Passes the tests of LogPipeline.
#   ./test.sh            every suite; on two cores up to 55 minutes, most of them with Spark and Kafka
#   ./test.sh NAME       one suite: a folder of LogPipeline.Tests, such as Lake or Query/SparkSql
#   ./test.sh --full     every suite with the figures of a release; 75 minutes on two quiet cores
# Needs the .NET 10 SDK and Node.js 20; installs the rest on a Debian machine.
set -uo pipefail
cd "$(dirname "$0")"

suite=""
for argument in "$@"; do
  case "$argument" in
    --full) export LOGPIPELINE_FULL=1 ;;
    -h|--help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "test.sh: unknown option $argument (see --help)" >&2; exit 2 ;;
    *) suite=${argument//\//.} ;;
  esac
done

say() { printf 'test.sh: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

if ! have dotnet; then say "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download"; exit 1; fi
if ! have node; then say "Node.js 20 or later is missing: https://nodejs.org"; exit 1; fi

missing=()
have chromium || missing+=(chromium)
have zstd || missing+=(zstd)
have strace || missing+=(strace)
have docker-compose || missing+=(docker-compose)
have java || missing+=(openjdk-17-jdk-headless)
if [ ${#missing[@]} -gt 0 ] && have apt-get; then
  run=""; [ "$(id -u)" = 0 ] || run="sudo -n"
  say "installing ${missing[*]}"
  $run apt-get update -qq >/dev/null 2>&1
  for package in "${missing[@]}"; do
    DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 \
      || say "could not install $package; the tests that need it are skipped"
  done
fi

if [ -d ../shared/data ] && [ -z "${LOGPIPELINE_TESTDATA:-}" ]; then
  LOGPIPELINE_TESTDATA=$(cd ../shared/data && pwd); export LOGPIPELINE_TESTDATA
fi
if [ -x ../shared/engines/unpack ] && { [ -z "${SPARK_HOME:-}" ] || [ -z "${KAFKA_HOME:-}" ]; }; then
  if engines=$(../shared/engines/unpack); then
    export SPARK_HOME="${SPARK_HOME:-$engines/spark}" KAFKA_HOME="${KAFKA_HOME:-$engines/kafka}"
  fi
fi
[ -n "${LOGPIPELINE_TESTDATA:-}" ] || say "LOGPIPELINE_TESTDATA is not set: the tests on real logs, foreign Delta tables and Spark's answers do not run"
[ -n "${SPARK_HOME:-}" ] || say "SPARK_HOME is not set: the tests against a real Spark do not run"
[ -n "${KAFKA_HOME:-}" ] || say "KAFKA_HOME is not set: the tests against a real Kafka do not run"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if ! dotnet build LogPipeline.sln -c Release -v q -nologo; then
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

filter=()
[ -z "$suite" ] || filter=(-namespace "LogPipeline.Tests.$suite" -namespace "LogPipeline.Tests.$suite.*")
log=$(mktemp)
trap 'rm -f "$log" "$log.xml"' EXIT
LogPipeline.Tests/bin/Release/net10.0/LogPipeline.Tests -noLogo -noColor "${filter[@]}" -result-xml "$log.xml" | tee "$log"
status=${PIPESTATUS[0]}

total=$(grep -oE 'Total: [0-9]+' "$log" | tail -1 | grep -oE '[0-9]+'); total=${total:-0}
errors=$(grep -oE 'Errors: [0-9]+' "$log" | tail -1 | grep -oE '[0-9]+'); errors=${errors:-0}
failed=$(grep -oE 'Failed: [0-9]+' "$log" | tail -1 | grep -oE '[0-9]+'); failed=${failed:-0}
skipped=$(grep -oE 'Skipped: [0-9]+' "$log" | tail -1 | grep -oE '[0-9]+'); skipped=${skipped:-0}
if [ -f "$log.xml" ]; then
  say "what took longest, in seconds:"
  grep -oE '<test [^>]*' "$log.xml" | sed -E 's/.* time="([0-9.]+)".* type="LogPipeline\.Tests\.([^"]*)".*/\1 \2/' \
    | awk '{ sum[$2] += $1 } END { for (name in sum) printf "%7.0f %s\n", sum[name], name }' | sort -rn | head -40 >&2
fi
if [ "$total" = 0 ]; then say "no test ran${suite:+ in suite $suite}"; status=1; failed=1; fi
[ "$status" = 0 ] || [ "$failed" != 0 ] || [ "$errors" != 0 ] || failed=1
if [ "$status" != 0 ]; then
  say "what failed:"
  grep -A 12 -E '^ *[^ ].*\[FAIL\]' "$log" | cut -c1-400 | tail -200 >&2
fi
echo "$((total - failed - skipped > 0 ? total - failed - skipped : 0)) passed, $((failed + errors)) failed, $skipped skipped"
exit "$status"
