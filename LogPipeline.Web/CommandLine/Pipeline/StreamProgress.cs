using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>A line for each stream whenever there is something new to say: rows, rows a second, lag.</summary>
internal sealed class StreamProgress(IServiceProvider services, TextWriter messages)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly IHealthSource health = services.GetRequiredService<IHealthSource>();
    private readonly ITableWriters writers = services.GetRequiredService<ITableWriters>();
    private readonly TimeProvider time = services.GetRequiredService<TimeProvider>();
    private readonly Dictionary<string, Figures> told = new(StringComparer.Ordinal);

    /// <summary>Tells until cancelled, which is no failure.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var before = time.GetTimestamp();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                var elapsed = time.GetElapsedTime(before);
                before = time.GetTimestamp();
                foreach (var writer in writers.All)
                {
                    await TellAsync(writer, elapsed);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The caller has the last word.
        }
    }

    private async Task TellAsync(ITableWriter writer, TimeSpan elapsed)
    {
        var account = health.Read(writer.Stream).Conservation;
        var latest = new Figures(account.Stored, account.InFlight, account.DeadLettered, writer.State, writer.Problem);
        var known = told.GetValueOrDefault(writer.Stream);
        if (latest == known)
        {
            return;
        }

        told[writer.Stream] = latest;
        var rate = known is null ? 0 : Math.Max(0, latest.Rows - known.Rows) / elapsed.TotalSeconds;
        await messages.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{writer.Stream}: {latest.Rows:N0} rows, {rate:N0} rows/s, lag {latest.Lag:N0}, {latest.DeadLetters:N0} dead letters, {JsonNamingPolicy.CamelCase.ConvertName(latest.State.ToString())}{(latest.Problem is { } problem ? ": " + problem : "")}"));
    }

    private sealed record Figures(long Rows, long Lag, long DeadLetters, TableWriterState State, string? Problem);
}
