using DuckDB.NET.Data;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>Tables of other writers: their rows come out right, or the table is refused by name. None is silently wrong.</summary>
public sealed class ReaderTests(ITestOutputHelper output)
{
    private static readonly string[] RefusedFeatures =
        ["columnMapping", "deletionVectors", "typeWidening", "variantType", "no longer in the log", "protocol", "metaData", "schemaString", "reader version", "storage", "is missing from the log"];

    // The partition values of this table are times in the zone of its writer, which the table does not say.
    private static readonly Dictionary<string, string> WriterZones = new() { ["data-reader-partition-values"] = "America/Los_Angeles" };

    [Theory]
    [InlineData("delta-golden")]
    [InlineData("delta-spark")]
    [InlineData("delta-rs")]
    public void Tables_of_other_writers_have_the_right_rows_or_are_refused_by_name(string set)
    {
        if (DeltaFixtures.Root is null)
        {
            Assert.Skip("LOGPIPELINE_TESTDATA is not set");
        }

        using var folder = new TemporaryFolder();
        var wrong = new List<string>();
        var (read, opened, refused) = (0, 0, 0);

        // A shallow clone names files of another table of the set.
        var unpacked = DeltaFixtures.Manifest(set).ToDictionary(fixture => fixture, fixture => DeltaFixtures.Unpack(fixture, folder.Path));
        foreach (var (fixture, path) in unpacked)
        {
            try
            {
                var table = Open(fixture.Table, Path.Combine(path, "delta"));
                if (table is null)
                {
                    refused++;
                    Note(wrong, fixture.Expect == "refuse", $"{fixture.Table}: no log found");
                    continue;
                }

                var snapshot = table.Snapshot();
                if (fixture.Expect == "refuse")
                {
                    wrong.Add($"{fixture.Table}: opened although it must be refused");
                }
                else if (ExpectedOf(path) is { } expected)
                {
                    read++;
                    Compare(fixture.Table, snapshot, expected, wrong);
                    CompareVersions(fixture.Table, path, table.Root, wrong);
                }
                else
                {
                    opened++;
                    Note(wrong, fixture.Expect == "open", $"{fixture.Table}: nothing to compare with");
                }
            }
            catch (LakeException error)
            {
                refused++;
                output.WriteLine($"refused {fixture.Table}: {error.Message}");
                Note(wrong, RefusedFeatures.Any(name => error.Message.Contains(name, StringComparison.Ordinal)), $"{fixture.Table}: refused without a name: {error.Message}");
                Note(wrong, fixture.Feature is null || error.Message.Contains(fixture.Feature, StringComparison.Ordinal), $"{fixture.Table}: {fixture.Feature} is not named");
            }
        }

        output.WriteLine($"{set}: {read} with equal rows, {opened} opened, {refused} refused");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(read > refused, "most tables are plain ones");
    }

    internal static DeltaTable? Open(string name, string root) =>
        DeltaTable.Open(name, root, new Lazy<AtomicCommit>(() => AtomicCommit.Probe(root)), TimeProvider.System);

    private static void Note(List<string> wrong, bool holds, string problem)
    {
        if (!holds)
        {
            wrong.Add(problem);
        }
    }

    private static string? ExpectedOf(string path)
    {
        var expected = Path.Combine(path, "expected");
        return !Directory.Exists(expected) ? null
            : File.Exists(Path.Combine(expected, "latest.parquet")) ? Path.Combine(expected, "latest.parquet")
            : Directory.EnumerateFiles(expected, "*.parquet", SearchOption.AllDirectories).Any() ? Path.Combine(expected, "**", "*.parquet")
            : null;
    }

    private static void CompareVersions(string name, string path, string root, List<string> wrong)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(path, "expected"), "v*.parquet"))
        {
            var version = long.Parse(Path.GetFileNameWithoutExtension(file)[1..], System.Globalization.CultureInfo.InvariantCulture);
            Compare($"{name} v{version}", DeltaTable.MakeSnapshot(name, root, LogReader.Load(name, root, version)!), file, wrong);
        }
    }

    private static void Compare(string name, TableSnapshot snapshot, string expected, List<string> wrong)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        DuckRows.Execute(connection, $"SET TimeZone='{WriterZones.GetValueOrDefault(name, "UTC")}'");
        var columns = DuckRows.Run(connection, $"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet('{expected}', hive_partitioning=false))")
            .Select(row => row.Split('|')).ToList();
        if (!columns.Select(column => column[0]).SequenceEqual(snapshot.Schema.Fields.Select(field => field.Name), StringComparer.Ordinal))
        {
            wrong.Add($"{name}: columns {string.Join(",", snapshot.Schema.Fields.Select(field => field.Name))}, expected {string.Join(",", columns.Select(column => column[0]))}");
            return;
        }

        // Timestamps without and with zone, and partition values that are text in the log, get the type that is expected.
        var ours = string.Join(", ", columns.Select(column => $"CAST(\"{column[0]}\" AS {column[1]}) AS \"{column[0]}\""));
        try
        {
            var difference = DuckRows.Run(connection,
                $"WITH ours AS (SELECT {ours} FROM {DuckRows.From(snapshot)}), theirs AS (SELECT * FROM read_parquet('{expected}', hive_partitioning=false)) " +
                "SELECT (SELECT count(*) FROM ours), (SELECT count(*) FROM theirs), (SELECT count(*) FROM (FROM ours EXCEPT ALL FROM theirs)), (SELECT count(*) FROM (FROM theirs EXCEPT ALL FROM ours))")[0].Split('|');
            if (difference[0] != difference[1] || difference[2] != "0" || difference[3] != "0")
            {
                var sample = DuckRows.Run(connection,
                    $"WITH ours AS (SELECT {ours} FROM {DuckRows.From(snapshot)}), theirs AS (SELECT * FROM read_parquet('{expected}', hive_partitioning=false)) " +
                    "SELECT (SELECT first(o)::VARCHAR FROM (FROM ours EXCEPT ALL FROM theirs) o), (SELECT first(t)::VARCHAR FROM (FROM theirs EXCEPT ALL FROM ours) t)")[0];
                wrong.Add($"{name}: {difference[0]} rows, expected {difference[1]}; {difference[2]} only here, {difference[3]} only there, such as {sample}");
            }
        }
        catch (DuckDBException error)
        {
            wrong.Add($"{name}: {error.Message}");
        }
    }
}
