using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Lake;

public sealed class LakeWriterTests : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MemoryEventLog log = new(Some.WebLogs);
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero));

    public async ValueTask DisposeAsync()
    {
        folder.Dispose();
        await log.DisposeAsync();
    }

    [Fact]
    public async Task Every_event_is_stored_once_with_its_position_and_day()
    {
        log.Append(Some.Rows(1000, Some.Midnight - 5 * Some.Second));
        log.Append(Some.Rows(500, Some.Midnight + Some.Day, seed: 2));
        await StoreToEndAsync();

        var snapshot = await SnapshotAsync("logs");
        Assert.Equal(1500, snapshot.RowCount);
        Assert.Equal("0|0|0", DuckRows.Damage(snapshot, 1500));
        Assert.Equal(
            ["2026-01-01|500", "2026-01-02|500", "2026-01-03|500"],
            DuckRows.Query(snapshot, "SELECT date, count(*) FROM {t} WHERE CAST(timestamp AT TIME ZONE 'UTC' AS DATE)::VARCHAR = date GROUP BY date ORDER BY date"));
        Assert.Equal(1499, log.Stored);
        DeltaLogChecker.Check(folder["logs"]);
        DeltaLogChecker.Check(folder["dead_letters"]);
    }

    [Fact]
    public async Task A_restart_goes_on_after_the_position_in_the_table()
    {
        log.Append(Some.Rows(100, Some.Midnight), [Some.Rejected()]);
        await StoreToEndAsync();
        log.Append(Some.Rows(50, Some.Midnight, seed: 2), [Some.Rejected(), Some.Rejected()]);
        await StoreToEndAsync();
        await StoreToEndAsync();

        var letters = await SnapshotAsync("dead_letters");
        Assert.Equal(150, (await SnapshotAsync("logs")).RowCount);
        Assert.Equal(["web-logs|100|status|not a JSON object", "web-logs|151|status|not a JSON object", "web-logs|152|status|not a JSON object"],
            DuckRows.Query(letters, "SELECT stream, event_offset, field, reason FROM {t} ORDER BY event_offset"));
    }

    private async Task StoreToEndAsync()
    {
        await using var writer = new LakeWriter(log, new LakeTables(folder.Path, time), new LakeOptions(), Some.Events(), time, _ => { });
        await writer.RunToEndAsync(TestContext.Current.CancellationToken);
    }

    private async Task<TableSnapshot> SnapshotAsync(string table) =>
        (await new LakeCatalog(new LakeTables(folder.Path, time)).FindAsync(table, TestContext.Current.CancellationToken))!;
}
