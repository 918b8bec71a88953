using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LogPipeline.Core.Lake.Delta;
using ParquetSharp;
using ParquetSharp.Schema;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>Checks a table's folder against every rule that a Delta writer must keep, from the bytes on disk.</summary>
internal static partial class DeltaLogChecker
{
    private static readonly HashSet<string> KnownActions = ["commitInfo", "protocol", "metaData", "add", "remove", "txn"];

    /// <summary>Fails with every rule that is broken.</summary>
    public static void Check(string root)
    {
        var problems = Problems(root);
        Assert.True(problems.Count == 0, $"{root}:\n{string.Join('\n', problems)}");
    }

    /// <summary>What is broken, each with its file.</summary>
    public static List<string> Problems(string root)
    {
        var check = new Checked(root);
        check.Run();
        return check.Problems;
    }

    [GeneratedRegex("^(?:[^/]+=[^/]+/)*part-\\d{5}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-c000\\.(?:snappy|zstd)\\.parquet$")]
    private static partial Regex DataFileName();

    private sealed class Checked(string root)
    {
        private readonly Dictionary<string, JsonElement> live = [];
        private readonly Dictionary<string, JsonElement> tombstones = [];
        private readonly Dictionary<string, long> txns = [];
        private readonly HashSet<string> everAdded = [];
        private List<string> partitionColumns = [];
        private JsonElement? metadata;
        private long lastTime = long.MinValue;

        public List<string> Problems { get; } = [];

        public void Run()
        {
            var log = Path.Combine(root, "_delta_log");
            var listing = LogListing.Read(log);
            var checkpoints = listing.Checkpoints.ToDictionary(checkpoint => checkpoint.Version, checkpoint => checkpoint.Files);
            Expect(listing.FirstCommit >= 0, "no commit at all");
            Expect(listing.FirstCommit == 0 || checkpoints.Keys.Any(version => version <= listing.FirstCommit), "the log begins later than 0 and no checkpoint stands for what came before");
            var first = listing.FirstCommit;
            if (first > 0 && checkpoints.TryGetValue(first, out var start))
            {
                Begin(CheckpointReader.Read(log, start[0]));
                first++;
            }

            for (var version = first; version <= listing.Latest; version++)
            {
                if (!listing.HasCommit(version))
                {
                    Problems.Add($"version {version} is missing");
                    continue;
                }

                CheckCommit(Path.Combine(log, LogFile.CommitName(version)), version);
                if (checkpoints.TryGetValue(version, out var files))
                {
                    CheckCheckpoint(Path.Combine(log, files[0]), compare: true);
                }
            }

            CheckHint(log, checkpoints);
            foreach (var file in Directory.EnumerateFiles(log, "*.crc"))
            {
                Problems.Add($"{file}: a side-car of Hadoop that would make Spark refuse what we replace");
            }

            foreach (var (path, add) in live)
            {
                CheckDataFile(path, add);
            }
        }

        // What a cleaned log holds no commits of.
        private void Begin(List<DeltaAction> actions)
        {
            foreach (var action in actions)
            {
                var value = JsonDocument.Parse(CommitJson.Write([action])).RootElement.EnumerateObject().Single().Value;
                switch (action)
                {
                    case AddFile add: live[add.Path] = value; everAdded.Add(add.Path); break;
                    case RemoveFile remove: tombstones[remove.Path] = value; everAdded.Add(remove.Path); break;
                    case TxnAction txn: txns[txn.AppId] = txn.Version; break;
                    case MetadataAction table: metadata = value; partitionColumns = [.. table.PartitionColumns]; break;
                    default: break;
                }
            }
        }

        private void Expect(bool holds, string problem)
        {
            if (!holds)
            {
                Problems.Add(problem);
            }
        }

        private void CheckCommit(string file, long version)
        {
            var name = Path.GetFileName(file);
            var time = new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero).ToUnixTimeMilliseconds();
            Expect(time > lastTime, $"{name}: not later than the commit before");
            lastTime = time;
            var text = File.ReadAllText(file);
            Expect(text.EndsWith('\n'), $"{name}: the last line is not ended");
            var seen = new HashSet<string>();
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
            var kinds = lines.Select(line => line.EnumerateObject().Single().Name).ToList();
            Expect(kinds[0] == "commitInfo", $"{name}: commitInfo is not first");
            foreach (var kind in (string[])["commitInfo", "protocol", "metaData"])
            {
                Expect(kinds.Count(one => one == kind) <= 1, $"{name}: more than one {kind}");
            }

            Expect(version != 0 || (kinds.Contains("protocol") && kinds.Contains("metaData")), $"{name}: version 0 lacks protocol or metaData");
            foreach (var line in lines)
            {
                var action = line.EnumerateObject().Single();
                Expect(KnownActions.Contains(action.Name), $"{name}: unknown action {action.Name}");
                switch (action.Name)
                {
                    case "commitInfo": CheckInfo(name, action.Value, version); break;
                    case "protocol": CheckProtocol(name, action.Value); break;
                    case "metaData": CheckMetadata(name, action.Value); break;
                    case "txn":
                        var appId = action.Value.GetProperty("appId").GetString()!;
                        Expect(seen.Add("txn " + appId), $"{name}: two txn of {appId}");
                        Expect(action.Value.TryGetProperty("lastUpdated", out var updated) && updated.GetInt64() > 0, $"{name}: txn without lastUpdated");
                        var position = action.Value.GetProperty("version").GetInt64();
                        Expect(appId.Split('/').Length > 4 || !txns.TryGetValue(appId, out var before) || position > before, $"{name}: the position of {appId} did not grow");
                        txns[appId] = position;
                        break;
                    default:
                        break;
                }
            }

            foreach (var remove in lines.Where(line => line.TryGetProperty("remove", out _)).Select(line => line.GetProperty("remove")))
            {
                CheckRemove(name, remove, seen);
            }

            var appends = kinds.Contains("add") && !kinds.Contains("remove");
            foreach (var add in lines.Where(line => line.TryGetProperty("add", out _)).Select(line => line.GetProperty("add")))
            {
                CheckAdd(name, add, seen);
                Expect(add.GetProperty("dataChange").GetBoolean() == appends, $"{name}: dataChange of an add is wrong");
            }

            var dates = lines.Where(line => line.TryGetProperty("add", out _))
                .Select(line => line.GetProperty("add").GetProperty("partitionValues").ToString()).Distinct().Count();
            Expect(dates <= 16, $"{name}: touches {dates} dates");
        }

        private void CheckInfo(string name, JsonElement info, long version)
        {
            foreach (var field in (string[])["timestamp", "operation", "operationParameters", "isolationLevel", "isBlindAppend", "operationMetrics", "engineInfo", "txnId"])
            {
                Expect(info.TryGetProperty(field, out _), $"{name}: commitInfo lacks {field}");
            }

            Expect(version == 0 || info.GetProperty("readVersion").GetInt64() == version - 1, $"{name}: readVersion is not the version before");
            foreach (var map in (string[])["operationParameters", "operationMetrics"])
            {
                Expect(info.GetProperty(map).EnumerateObject().All(one => one.Value.ValueKind == JsonValueKind.String), $"{name}: a value in {map} is no string");
            }

            var operation = info.GetProperty("operation").GetString();
            Expect(operation == "WRITE" == info.GetProperty("isBlindAppend").GetBoolean() || version == 0, $"{name}: isBlindAppend does not fit {operation}");
        }

        private void CheckProtocol(string name, JsonElement protocol)
        {
            Expect(protocol.GetProperty("minReaderVersion").GetInt32() == 1 && protocol.GetProperty("minWriterVersion").GetInt32() == 2, $"{name}: the protocol is not (1, 2)");
            Expect(!protocol.TryGetProperty("readerFeatures", out _) && !protocol.TryGetProperty("writerFeatures", out _), $"{name}: feature lists below (3, 7)");
        }

        private void CheckMetadata(string name, JsonElement value)
        {
            Expect(Guid.TryParse(value.GetProperty("id").GetString(), out _), $"{name}: the table's id is no GUID");
            Expect(metadata is not { } before || before.GetProperty("id").GetString() == value.GetProperty("id").GetString(), $"{name}: the table's id changed");
            Expect(value.GetProperty("format").ToString().Replace(" ", "", StringComparison.Ordinal) == """{"provider":"parquet","options":{}}""", $"{name}: format");
            Expect(value.TryGetProperty("createdTime", out _) && value.TryGetProperty("configuration", out _), $"{name}: metaData lacks createdTime or configuration");
            _ = SchemaJson.Parse(value.GetProperty("schemaString").GetString()!);
            partitionColumns = [.. value.GetProperty("partitionColumns").EnumerateArray().Select(one => one.GetString()!)];
            metadata = value;
        }

        private void CheckRemove(string name, JsonElement remove, HashSet<string> seen)
        {
            var path = remove.GetProperty("path").GetString()!;
            Expect(seen.Add("remove " + path), $"{name}: two removes of {path}");
            Expect(remove.TryGetProperty("deletionTimestamp", out _), $"{name}: remove without deletionTimestamp");
            Expect(remove.GetProperty("extendedFileMetadata").GetBoolean() && remove.TryGetProperty("partitionValues", out _) && remove.TryGetProperty("size", out _), $"{name}: remove without extended metadata");
            Expect(live.Remove(path), $"{name}: {path} is removed and was not live");
            tombstones[path] = remove;
        }

        private void CheckAdd(string name, JsonElement add, HashSet<string> seen)
        {
            var path = add.GetProperty("path").GetString()!;
            Expect(seen.Add("add " + path), $"{name}: two adds of {path}");
            Expect(everAdded.Add(path), $"{name}: {path} was used before");
            Expect(DataFileName().IsMatch(Uri.UnescapeDataString(path)), $"{name}: {path} is no name for a data file");
            Expect(add.GetProperty("partitionValues").EnumerateObject().Select(one => one.Name).ToHashSet().SetEquals(partitionColumns), $"{name}: partitionValues are not those of the table");
            foreach (var (column, value) in add.GetProperty("partitionValues").EnumerateObject().Select(one => (one.Name, one.Value.GetString())))
            {
                Expect(Uri.UnescapeDataString(path).Contains(DeltaPath.FolderOf(column, value) + "/", StringComparison.Ordinal), $"{name}: the folder of {path} is not that of {column}={value}");
                Expect(column != "date" || DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _), $"{name}: {value} is no date");
            }

            Expect(add.GetProperty("modificationTime").GetInt64() > 0 && add.GetProperty("size").GetInt64() > 0, $"{name}: size or modificationTime of {path}");
            Expect(add.GetProperty("stats").ValueKind == JsonValueKind.String, $"{name}: stats of {path} are no string");
            live[path] = add;
        }

        private void CheckDataFile(string path, JsonElement add)
        {
            var file = DeltaPath.Resolve(root, path);
            if (!File.Exists(file))
            {
                Problems.Add($"{path}: live, and not there");
                return;
            }

            Expect(new FileInfo(file).Length == add.GetProperty("size").GetInt64(), $"{path}: size");
            using var reader = new ParquetFileReader(file);
            using var footer = reader.FileMetaData;
            var stats = JsonDocument.Parse(add.GetProperty("stats").GetString()!).RootElement;
            Expect(stats.GetProperty("numRecords").GetInt64() == footer.NumRows, $"{path}: numRecords");
            Expect(stats.EnumerateObject().Select(one => one.Name).SequenceEqual(["numRecords", "minValues", "maxValues", "nullCount"]), $"{path}: fields of stats");
            for (var column = 0; column < footer.Schema.NumColumns; column++)
            {
                var descriptor = footer.Schema.Column(column);
                Expect(descriptor.PhysicalType != PhysicalType.Int96, $"{path}: {descriptor.Name} is INT96");
                Expect(!partitionColumns.Contains(descriptor.Path.ToDotString()), $"{path}: holds its partition column");
                if (descriptor.LogicalType is TimestampLogicalType timestamp)
                {
                    Expect(timestamp.TimeUnit == TimeUnit.Micros && timestamp.IsAdjustedToUtc, $"{path}: {descriptor.Name} is not micros in UTC");
                }

                using var group = reader.RowGroup(0);
                Expect(group.MetaData.GetColumnChunkMetaData(column).Compression == Compression.Zstd, $"{path}: not zstd");
            }

            var minimums = stats.GetProperty("minValues");
            var maximums = stats.GetProperty("maxValues");
            Expect(stats.GetProperty("nullCount").EnumerateObject().Count() <= 32, $"{path}: statistics of more than 32 columns");
            foreach (var value in minimums.EnumerateObject().Concat(maximums.EnumerateObject()))
            {
                if (value.Value.ValueKind == JsonValueKind.String)
                {
                    var text = value.Value.GetString()!;
                    Expect(text.Length <= 34, $"{path}: {value.Name} is longer than 32 characters and a tie-breaker");
                    Expect(!text.Any(char.IsSurrogate) || !text.EnumerateRunes().Any(rune => rune == System.Text.Rune.ReplacementChar), $"{path}: {value.Name} splits a surrogate pair");
                }
                else
                {
                    Expect(value.Value.ValueKind == JsonValueKind.Number, $"{path}: {value.Name} is neither string nor number");
                }
            }
        }

        private void CheckCheckpoint(string file, bool compare)
        {
            var name = Path.GetFileName(file);
            using (var reader = new ParquetFileReader(file))
            using (var footer = reader.FileMetaData)
            {
                CheckNullable(name, footer.Schema.GroupNode, isRoot: true);
                var columns = footer.Schema.GroupNode.Fields.Select(field => field.Name).ToHashSet();
                Expect(columns.SetEquals(["txn", "add", "remove", "metaData", "protocol"]), $"{name}: columns {string.Join(", ", columns)}");
            }

            if (!compare)
            {
                return;
            }

            var actions = CheckpointReader.Read(Path.GetDirectoryName(file)!, name);
            Expect(actions.OfType<AddFile>().Select(add => add.Path).ToHashSet().SetEquals(live.Keys), $"{name}: other live files than the commits");
            Expect(actions.OfType<AddFile>().All(add => add.Stats == live[add.Path].GetProperty("stats").GetString()), $"{name}: other statistics than the commits");
            Expect(actions.OfType<RemoveFile>().All(remove => tombstones.ContainsKey(remove.Path)), $"{name}: tombstones that no commit made");
            Expect(actions.OfType<RemoveFile>().All(remove => remove.PartitionValues is not null && remove.Size is not null && remove.ExtendedFileMetadata), $"{name}: tombstones without their metadata");
            Expect(actions.OfType<TxnAction>().ToDictionary(txn => txn.AppId, txn => txn.Version).OrderBy(one => one.Key).SequenceEqual(txns.OrderBy(one => one.Key)), $"{name}: other positions than the commits");
            Expect(actions.OfType<MetadataAction>().Single().SchemaString == metadata!.Value.GetProperty("schemaString").GetString(), $"{name}: another schema than the commits");
            Expect(actions.OfType<ProtocolAction>().Count() == 1, $"{name}: protocol");
        }

        // The repeated node of a list or map is neither, and a map's key is never null.
        private void CheckNullable(string name, Node node, bool isRoot)
        {
            Expect(isRoot || node.Repetition != Repetition.Required || node.Name == "key", $"{name}: field {node.Path.ToDotString()} is not nullable");
            foreach (var field in node is GroupNode group ? group.Fields : [])
            {
                CheckNullable(name, field, isRoot: false);
            }
        }

        private void CheckHint(string log, Dictionary<long, IReadOnlyList<string>> checkpoints)
        {
            var hint = Path.Combine(log, "_last_checkpoint");
            if (checkpoints.Count == 0)
            {
                Expect(!File.Exists(hint), "_last_checkpoint without a checkpoint");
                return;
            }

            if (!File.Exists(hint))
            {
                Problems.Add("no _last_checkpoint");
                return;
            }

            var value = JsonDocument.Parse(File.ReadAllText(hint)).RootElement;
            var version = value.GetProperty("version").GetInt64();
            Expect(version == checkpoints.Keys.Max(), "_last_checkpoint does not name the newest checkpoint");
            var actions = CheckpointReader.Read(log, checkpoints[version][0]);
            Expect(value.GetProperty("size").GetInt64() == actions.Count, "_last_checkpoint: size");
            Expect(value.GetProperty("sizeInBytes").GetInt64() == new FileInfo(Path.Combine(log, checkpoints[version][0])).Length, "_last_checkpoint: sizeInBytes");
            Expect(value.GetProperty("numOfAddFiles").GetInt64() == actions.OfType<AddFile>().Count(), "_last_checkpoint: numOfAddFiles");
        }
    }
}
