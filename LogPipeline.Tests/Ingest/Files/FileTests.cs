using System.IO.Compression;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Files;
using Microsoft.Extensions.Options;
using Xunit;

namespace LogPipeline.Tests.Ingest.Files;

public sealed class FileTests : IAsyncDisposable
{
    private readonly IngestFixture ingest = new(new IngestOptions { BatchRows = 100, FilePollInterval = TimeSpan.FromMilliseconds(5), RotatedFileWait = TimeSpan.FromMinutes(1) });
    private readonly StandingClock clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Importing_the_same_content_again_adds_nothing_whatever_its_name()
    {
        var path = Write("a.ndjson", Lines(0, 1_000));
        Assert.Equal(1_000, (await ImportAsync(path)).Report.Accepted);

        var again = await ImportAsync(path);
        Assert.True(again.IsNothingNew);
        Assert.Equal(1_000, again.KnownLines);

        File.Move(path, path + ".1");
        Assert.True((await ImportAsync(path + ".1")).IsNothingNew);
        Assert.Equal(1_000, (await ImportAsync(path + ".1", again: true)).Report.Accepted);
        Assert.Equal(2_000, (await ingest.EventsAsync()).Count);
    }

    [Fact]
    public async Task A_file_that_has_grown_is_taken_from_where_it_ended()
    {
        var path = Write("a.ndjson", Lines(0, 3));
        await ImportAsync(path);
        await File.AppendAllTextAsync(path, Lines(3, 500), Stop);
        Assert.Equal(497, (await ImportAsync(path)).Report.Accepted);
        Assert.Equal(Numbers(0, 500), await MessagesAsync());
    }

    [Fact]
    public async Task A_packed_file_is_the_same_content()
    {
        var path = Write("a.ndjson", Lines(0, 300));
        await ImportAsync(path);
        await using (var packed = new GZipStream(File.Create(path + ".gz"), CompressionLevel.Fastest))
        {
            await packed.WriteAsync(await File.ReadAllBytesAsync(path, Stop), Stop);
        }

        Assert.True((await ImportAsync(path + ".gz")).IsNothingNew);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named() =>
        Assert.Contains("nowhere.log", (await Assert.ThrowsAsync<IngestException>(() => ImportAsync(Path.Combine(ingest.Folder, "nowhere.log")))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_followed_file_gives_each_line_once_through_growth_rotation_and_restart()
    {
        var path = Path.Combine(ingest.Folder, "app.log");
        using (var follower = Follow(path))
        {
            await File.WriteAllTextAsync(path, Lines(0, 10), Stop);
            await UntilAsync(10);
            await File.AppendAllTextAsync(path, Lines(10, 15) + "{\"message\":\"half", Stop);
            await UntilAsync(15);
            await File.AppendAllTextAsync(path, "\"}\n", Stop);
            await UntilAsync(16);

            File.Move(path, path + ".1");
            await File.AppendAllTextAsync(path + ".1", Lines(16, 18), Stop);
            await File.WriteAllTextAsync(path, Lines(18, 30), Stop);
            await UntilAsync(18);
            var rotated = UntilAsync(30);
            while (!rotated.IsCompleted)
            {
                clock.Advance(ingest.Options.RotatedFileWait);
                await Task.WhenAny(rotated, Task.Delay(5, Stop));
            }

            await rotated;
            await follower.StopAsync();
        }

        await File.AppendAllTextAsync(path, Lines(30, 40), Stop);
        using (var follower = Follow(path))
        {
            await UntilAsync(40);
            await follower.StopAsync();
        }

        Assert.Equal([.. Numbers(0, 15), "half", .. Numbers(16, 40)], await MessagesAsync());
    }

    [Fact]
    public async Task A_file_that_is_copied_and_truncated_is_read_from_its_begin()
    {
        var path = Write("app.log", Lines(0, 50));
        using var follower = Follow(path);
        await UntilAsync(50);
        await File.WriteAllTextAsync(path, Lines(50, 60), Stop);
        await UntilAsync(60);
        await follower.StopAsync();
        Assert.Equal(Numbers(0, 60), await MessagesAsync());
    }

    public ValueTask DisposeAsync() => ingest.DisposeAsync();

    private static string Lines(int from, int to) => string.Concat(Numbers(from, to).Select(number => $"{{\"message\":\"{number}\"}}\n"));

    private static IEnumerable<string> Numbers(int from, int to) => Enumerable.Range(from, to - from).Select(number => $"{number}");

    private string Write(string name, string content)
    {
        var path = Path.Combine(ingest.Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private Task<FileImportReport> ImportAsync(string path, bool again = false) =>
        new FileImport(Options.Create(ingest.Options), ingest.Events, ingest.Counters, TimeProvider.System).ImportAsync(ingest.Log, path, new FileImportRequest(Again: again), null, Stop);

    private Following Follow(string path) =>
        new(stop => new FileFollower(Options.Create(ingest.Options), ingest.Events, ingest.Counters, clock).FollowAsync(ingest.Log, path, null, stop));

    private async Task UntilAsync(long count)
    {
        await foreach (var read in ingest.Log.ReadAsync([], follow: true, Stop))
        {
            using var batch = ((LogRead.Batch)read).Value;
            if (batch.Range.Last + 1 >= count)
            {
                return;
            }
        }
    }

    private async Task<IEnumerable<string>> MessagesAsync() => (await ingest.EventsAsync()).Select(row => row["message"]);

    /// <summary>Timers run as ever; the time between two looks at the clock is the test's.</summary>
    private sealed class StandingClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref ticks);

        public void Advance(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);
    }

    private sealed class Following : IDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task task;

        public Following(Func<CancellationToken, Task> follow) => task = Task.Run(() => follow(stop.Token));

        public async Task StopAsync()
        {
            await stop.CancelAsync();
            await task;
        }

        public void Dispose() => stop.Dispose();
    }
}
