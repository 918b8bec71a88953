#!/usr/bin/env bash
# The whole of it with real engines: starts Kafka, a host with Broker=Kafka and Engine=Spark (which starts Spark), has Kafka's own console
# producer write events, one in a thousand of which does not fit, and checks that pages, REST, SSE and tables agree, exactly once.
#   samples/kafka-spark/run.sh [--events 100000] [--host path/to/LogPipeline.Web.dll] [--keep]
# Needs Java 17, KAFKA_HOME (its libs) and SPARK_HOME (its jars), the .NET 10 SDK, Node.js 20 and curl; with Chromium it looks at the
# dashboard too. Everything it writes is in a temporary folder, which --keep leaves there. Ends with a line for each check; exit code 0 when
# all hold, 1 when one does not, 2 when something is missing.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

events=100000 host="" keep=""
while [ $# -gt 0 ]; do
  case "$1" in
    --events) events=$2; shift 2 ;;
    --host) host=$2; shift 2 ;;
    --keep) keep=1; shift ;;
    -h|--help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
done

say() { printf 'run.sh: %s\n' "$*" >&2; }
missing=0
lack() { say "$*"; missing=1; }

if [ -x "$root/../shared/engines/unpack" ] && { [ -z "${SPARK_HOME:-}" ] || [ -z "${KAFKA_HOME:-}" ]; }; then
  if engines=$("$root/../shared/engines/unpack"); then
    export SPARK_HOME="${SPARK_HOME:-$engines/spark}" KAFKA_HOME="${KAFKA_HOME:-$engines/kafka}"
  fi
fi
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
command -v "$java" >/dev/null || lack "Java 17 is missing: install it (Debian and Ubuntu: apt-get install openjdk-17-jre-headless; others: https://adoptium.net) and set JAVA_HOME to its folder, or put java on the path"
[ -d "${KAFKA_HOME:-}/libs" ] || lack "KAFKA_HOME is not set to a Kafka distribution: unpack one (https://kafka.apache.org/downloads) and set KAFKA_HOME to its folder"
[ -d "${SPARK_HOME:-}/jars" ] || lack "SPARK_HOME is not set to a Spark distribution: unpack Spark 4 (https://spark.apache.org/downloads.html), copy the jars of Delta Lake and of spark-sql-kafka-0-10 into its folder jars, and set SPARK_HOME to its folder"
command -v dotnet >/dev/null || lack "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download"
command -v node >/dev/null || lack "Node.js 20 or later is missing: https://nodejs.org"
command -v curl >/dev/null || lack "curl is missing (Debian and Ubuntu: apt-get install curl)"
[ "$missing" = 0 ] || exit 2

work=$(mktemp -d "${TMPDIR:-/tmp}/logpipeline-sample.XXXXXX")
kafka_id="" host_id=""
clean() {
  [ -z "$host_id" ] || { kill -TERM "$host_id" && wait "$host_id"; } 2>/dev/null
  [ -z "$kafka_id" ] || { kill -KILL "$kafka_id" && wait "$kafka_id"; } 2>/dev/null
  if [ -n "$keep" ]; then say "everything is in $work"; else rm -rf "$work"; fi
}
trap clean EXIT
trap 'exit 130' INT TERM

die() { say "$1"; [ ! -f "$2" ] || tail -20 "$2" >&2; exit 1; }
ports=$(node -e 'const n=require("net");Promise.all([0,1,2].map(()=>new Promise(f=>{const s=n.createServer().listen(0,"127.0.0.1",()=>f(s))}))).then(all=>{console.log(all.map(s=>s.address().port).join(" "));all.forEach(s=>s.close())})')
read -r broker_port controller_port port <<<"$ports"
broker=127.0.0.1:$broker_port topic=web-logs url=http://127.0.0.1:$port

if [ -z "$host" ]; then
  say "building the host"
  dotnet build "$root/LogPipeline.Web" -c Release -v q -nologo >"$work/build.log" 2>&1 || die "the host cannot be built" "$work/build.log"
  host=$root/LogPipeline.Web/bin/Release/net10.0/LogPipeline.Web.dll
fi

say "starting Kafka on $broker"
cat >"$work/broker.properties" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=PLAINTEXT://$broker,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://$broker
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$work/kafka
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
EOF
"$java" -cp "$KAFKA_HOME/libs/*" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c "$work/broker.properties" >"$work/kafka.log" 2>&1 || die "Kafka's folder cannot be formatted" "$work/kafka.log"
"$java" -Xmx400m -XX:+UseSerialGC -cp "$KAFKA_HOME/libs/*" kafka.Kafka "$work/broker.properties" >>"$work/kafka.log" 2>&1 &
kafka_id=$!

say "starting the host on $url"
dotnet "$host" serve --data "$work/data" --port "$port" --set Broker=Kafka --set Engine=Spark --set "Kafka:Brokers=$broker" --set Kafka:ConnectTimeout=3min \
  --set "Streams:web-logs:Topic=$topic" --set "Spark:Home=$SPARK_HOME" --set 'Spark:Master=local[2]' --set Spark:StartTimeout=10m --set Spark:Streaming:DeadLetterInterval=2s --set Lake:ByMinuteInterval=1s >"$work/host.log" 2>&1 &
host_id=$!
until=$((SECONDS + 300))
while [ $SECONDS -lt $until ]; do
  curl -fs --max-time 10 "$url/health/ready" >/dev/null 2>&1 && break
  kill -0 "$kafka_id" 2>/dev/null || die "Kafka ended" "$work/kafka.log"
  kill -0 "$host_id" 2>/dev/null || die "the host ended" "$work/host.log"
  sleep 0.5
done
curl -fs --max-time 10 "$url/health/ready" >/dev/null || die "the host is not ready after five minutes" "$work/host.log"

# field PATH: a value of the JSON on standard input, such as results.0.n
field() { node -e 'let t="";process.stdin.on("data",c=>t+=c).on("end",()=>{try{let v=JSON.parse(t);for(const k of process.argv[1].split("."))v=v?.[k];console.log(v??"")}catch{console.log("")}})' "$1"; }
ask() { curl -s --max-time 150 "$url/api/query" -H 'content-type: application/json' -d "{\"query\":\"$1\",\"engine\":\"${2:-spark}\",\"timeoutSeconds\":120}"; }
number() { ask "$@" | field results.0.n; }

bad=$((events / 1000)) good=$((events - events / 1000))
say "producing $events events, $bad of which do not fit, with Kafka's console producer"
awk -v n="$events" -v now="$(date +%s)000" 'BEGIN { for (i = 0; i < n; i++) if (i % 1000 == 999) print "s-" i % 17 "\tthis is no event"; else
  printf "s-%d\t{\"timestamp\":%s,\"level\":\"INFO\",\"source\":\"outside\",\"endpoint\":\"/api/%d\",\"method\":\"GET\",\"status\":200,\"response_time\":%d.5,\"session_id\":\"s-%d\",\"trace_id\":\"t-%d\",\"message\":\"event %d\"}\n", i % 17, now, i % 7, i % 90, i % 17, i, i }' |
  "$java" -Xmx300m -cp "$KAFKA_HOME/libs/*" org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$broker" --topic "$topic" --reader-property parse.key=true \
    --command-property enable.idempotence=true --command-property acks=all >"$work/producer.log" 2>&1 || die "the console producer failed" "$work/producer.log"

say "waiting until Spark has stored them"
until=$((SECONDS + 600))
while [ $SECONDS -lt $until ]; do
  health=$(curl -s --max-time 30 "$url/health")
  [ "$(field conservation.stored <<<"$health") $(field conservation.deadLettered <<<"$health") $(field conservation.inFlight <<<"$health")" = "$good $bad 0" ] \
    && [ "$(number 'SELECT sum(n) AS n FROM delta_lake.logs_by_minute' embedded)" = "$good" ] && break
  kill -0 "$host_id" 2>/dev/null || die "the host ended" "$work/host.log"
  sleep 1
done

failed=0
check() { # WHAT EXPECTED FOUND
  if [ "$2" = "$3" ]; then printf 'ok    %s: %s\n' "$1" "$3"; else printf 'FAIL  %s: %s instead of %s\n' "$1" "${3:-nothing}" "$2"; failed=1; fi
}
servers() { pgrep -f "^[^ ]*java .*$work/data" | wc -l; }

check "the engine that answers" spark "$(ask 'SELECT 1 AS n' | field engine)"
check "rows in delta_lake.logs, by Spark" "$good" "$(number 'SELECT count(*) AS n FROM delta_lake.logs')"
check "different events in them, by Spark" "$good" "$(number 'SELECT count(DISTINCT trace_id) AS n FROM delta_lake.logs')"
check "different events in them, by the embedded engine" "$good" "$(number 'SELECT count(DISTINCT trace_id) AS n FROM delta_lake.logs' embedded)"
check "rows in delta_lake.dead_letters" "$bad" "$(number 'SELECT count(*) AS n FROM delta_lake.dead_letters')"
check "positions of the topic in both tables" "$events" "$(number 'SELECT count(*) AS n FROM (SELECT event_partition, event_offset FROM delta_lake.logs UNION SELECT event_partition, event_offset FROM delta_lake.dead_letters)')"
check "events in delta_lake.logs_by_minute" "$good" "$(number 'SELECT sum(n) AS n FROM delta_lake.logs_by_minute')"
check "events in /api/metrics" "$good" "$(curl -s --max-time 30 "$url/api/metrics" | field totalRequests)"
check "events in the first metrics of /events" "$good" "$(curl -sN --max-time 20 "$url/events" 2>/dev/null | awk '/^event: metrics/ { found = 1 } found && /^data: / { print substr($0, 7); exit }' | field totalRequests)"
health=$(curl -s --max-time 30 "$url/health")
check "records that /health has received, stored, dead-lettered, in flight, missing" "$events $good $bad 0 0" \
  "$(for name in received stored deadLettered inFlight difference; do field "conservation.$name" <<<"$health"; done | xargs)"
check "the writer's state and gaps" "following 0" "$(field writer.state <<<"$health") $(field writer.gaps <<<"$health")"
check "events of the newest page of /api/logs" 5 "$(curl -s --max-time 30 "$url/api/logs?limit=5" | field logs.length)"
shown=$(printf "%s" "$good" | sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta')
check "events that the Health page has as stored" "$shown" "$(curl -s --max-time 30 "$url/health" -H 'accept: text/html' | sed 's/<[^>]*>/ /g' | grep -oE "stored[[:space:]]+[0-9,]+" | grep -oE "[0-9,]+" | head -1)"
if browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome); then
  check "requests that the dashboard shows" "$shown" "$(node --experimental-websocket "$here/page.mjs" "$browser" "$work/browser" "$url/" "Total requests.{0,40}?\b($shown)\b" 2>/dev/null)"
else
  printf 'skip  the dashboard: Chromium is not installed\n'
fi
check "Spark servers that run" 1 "$(servers)"
kill -TERM "$host_id" && wait "$host_id"
check "exit code of the host, told to end" 0 $?
host_id=""
check "Spark servers that are left" 0 "$(servers)"
[ "$failed" = 0 ] && echo "all checks hold: $events events, exactly once" || { [ -n "$keep" ] || tail -20 "$work/host.log" >&2; }
exit "$failed"
