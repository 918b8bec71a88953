using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>The composed stages with the real event log: what was acknowledged is in the table once, across restarts.</summary>
public sealed class EmbeddedLogTests
{
    [Fact]
    public async Task What_the_embedded_log_acknowledged_is_stored_once_across_restarts()
    {
        using var folder = new TemporaryFolder();
        var appended = 0;
        for (var run = 0; run < 3; run++)
        {
            using var data = ((FolderAcquisition.Acquired)DataFolder.Acquire(folder["data"], new FolderOwner(Environment.ProcessId, null, "test"))).Folder;
            await using var services = new ServiceCollection().AddLogging().AddMetrics().AddSingleton(data).AddSingleton(new StreamRegistry([Some.WebLogs]))
                .AddEventLog().AddLake().BuildServiceProvider();
            var hosted = services.GetServices<IHostedService>().ToList();
            foreach (var service in hosted)
            {
                await service.StartAsync(TestContext.Current.CancellationToken);
            }

            var log = services.GetRequiredService<IEventLogs>().All[0];
            for (var batch = 0; batch < 5; batch++)
            {
                using var parsed = new ParsedBatch(Some.WebLogs, Some.Rows(100, Some.Midnight + batch * Some.Day / 2, seed: run * 10 + batch), [Some.Rejected()], null);
                Assert.IsType<AppendOutcome.Appended>(await log.AppendAsync(parsed, TestContext.Current.CancellationToken));
                appended += 101;
            }

            foreach (var service in hosted)
            {
                await service.StopAsync(TestContext.Current.CancellationToken);
            }

            var writer = services.GetRequiredService<ITableWriters>().All[0];
            Assert.True(writer.State == TableWriterState.Complete, $"{writer.State}: {writer.Problem}");
            var catalog = services.GetRequiredService<ITableCatalog>();
            var logs = (await catalog.FindAsync("logs", TestContext.Current.CancellationToken))!;
            var letters = (await catalog.FindAsync("dead_letters", TestContext.Current.CancellationToken))!;
            Assert.Equal($"{(run + 1) * 500}|{(run + 1) * 5}|{appended}", DuckRows.Value(logs,
                $"SELECT count(*), (SELECT count(*) FROM {DuckRows.From(letters)}), (SELECT count(*) FROM (SELECT event_offset FROM {{t}} UNION SELECT event_offset FROM {DuckRows.From(letters)})) FROM {{t}}"));
            DeltaLogChecker.Check(logs.Root);
            DeltaLogChecker.Check(letters.Root);
        }
    }
}
