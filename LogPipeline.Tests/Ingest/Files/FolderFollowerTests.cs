using System.IO.Compression;
using System.Text;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Files;
using Microsoft.Extensions.Options;
using Xunit;

namespace LogPipeline.Tests.Ingest.Files;

public sealed class FolderFollowerTests : IAsyncDisposable
{
    private readonly IngestFixture ingest = new(new IngestOptions { FilePollInterval = TimeSpan.FromMilliseconds(10), RotatedFileWait = TimeSpan.FromMilliseconds(500) });
    private readonly string folder;

    public FolderFollowerTests() => folder = Directory.CreateDirectory(Path.Combine(ingest.Folder, "logs")).FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_of_files_that_come_and_get_other_names_are_taken_once()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await File.WriteAllTextAsync(PathOf("a.log"), Lines("a", 10), Stop);
        await File.WriteAllTextAsync(PathOf(".hidden"), Lines("hidden", 1), Stop);
        var follower = FollowAsync(null, stop.Token);
        await UntilAsync(10);
        for (var rotation = 1; rotation <= 3; rotation++)
        {
            if (rotation > 1)
            {
                File.Delete(PathOf("a.log.2"));
                File.Move(PathOf("a.log.1"), PathOf("a.log.2"));
            }

            File.Move(PathOf("a.log"), PathOf("a.log.1"));
            await File.AppendAllTextAsync(PathOf("a.log.1"), Lines($"late-{rotation}", 5), Stop);
            await File.WriteAllTextAsync(PathOf("a.log"), Lines($"a-{rotation}", 5), Stop);
            await UntilAsync(10 + (10 * rotation));
        }

        await File.WriteAllTextAsync(PathOf("b.log"), Lines("b", 5), Stop);
        await UntilAsync(45);
        await stop.CancelAsync();
        await follower;
        var messages = (await ingest.EventsAsync()).Select(row => row["message"]).ToList();
        Assert.Equal(45, messages.Distinct().Count());
        Assert.Equal(45, messages.Count);
    }

    [Fact]
    public async Task A_packed_file_is_taken_when_its_copy_is_whole()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Lines("packed", 1_000)), Stop);
        }

        var follower = FollowAsync(null, stop.Token);
        await using (var copy = File.Create(PathOf("a.log.gz")))
        {
            await copy.WriteAsync(packed.ToArray().AsMemory(0, 500), Stop);
            await copy.FlushAsync(Stop);
            await File.WriteAllTextAsync(PathOf("b.log"), Lines("b", 1), Stop);
            await UntilAsync(1);
            await copy.WriteAsync(packed.ToArray().AsMemory(500), Stop);
        }

        await UntilAsync(1_001);
        await stop.CancelAsync();
        await follower;
        Assert.Empty(await ingest.RejectedAsync());
        Assert.Equal(1_001, (await ingest.EventsAsync()).Count);
    }

    [Fact]
    public async Task A_format_that_nobody_knows_ends_it()
    {
        await File.WriteAllTextAsync(PathOf("a.log"), Lines("a", 1), Stop);
        Assert.Contains("no format 'xml'", (await Assert.ThrowsAsync<IngestException>(() => FollowAsync("xml", Stop))).Message, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => ingest.DisposeAsync();

    private static string Lines(string name, int count) => string.Concat(Enumerable.Range(0, count).Select(number => $"{{\"message\":\"{name} {number}\"}}\n"));

    private string PathOf(string name) => Path.Combine(folder, name);

    private Task FollowAsync(string? format, CancellationToken stop)
    {
        var options = Options.Create(ingest.Options);
        var files = new FileFollower(options, ingest.Events, ingest.Counters, TimeProvider.System);
        var import = new FileImport(options, ingest.Events, ingest.Counters, TimeProvider.System);
        return Task.Run(() => new FolderFollower(files, import, options, ingest.Events, TimeProvider.System).FollowAsync(ingest.Log, folder, format, stop), Stop);
    }

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
}
