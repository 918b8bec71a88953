using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Streams;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>A line for each stream whenever there is something new to say: rows, rows a second, lag.</summary>
internal sealed class StreamProgress(IServiceProvider services, TextWriter messages)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly IHealthSource health = services.GetRequiredService<IHealthSource>();
    private readonly ITableWriters writers = services.GetRequiredService<ITableWriters>();
    private readonly TimeProvider time = services.GetRequiredService<TimeProvider>();

    /// <summary>Tells until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var said = new Dictionary<string, (long Rows, long Lag, long Letters, string State)>(StringComparer.Ordinal);
        var before = time.GetTimestamp();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var elapsed = time.GetElapsedTime(before).TotalSeconds;
            before = time.GetTimestamp();
            foreach (var writer in writers.All)
            {
                var account = health.Read(writer.Stream).Conservation;
                var state = writer.State + (writer.Problem is { } problem ? ": " + problem : "");
                var latest = (account.Stored, account.InFlight, account.DeadLettered, state);
                var known = said.GetValueOrDefault(writer.Stream, (account.Stored, 0, 0, ""));
                if (latest == known)
                {
                    continue;
                }

                said[writer.Stream] = latest;
                await messages.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{writer.Stream}: {account.Stored:N0} rows, {Math.Max(0, account.Stored - known.Item1) / elapsed:N0} rows/s, lag {account.InFlight:N0}, {account.DeadLettered:N0} dead letters, {JsonNamingPolicy.CamelCase.ConvertName(state)}"));
            }
        }
    }

    /// <summary>Says what the tables hold once the writers have stopped.</summary>
    public static async Task TellEndAsync(CommandContext context, ParseResult parsed, IServiceProvider services)
    {
        var catalog = services.GetRequiredService<ITableCatalog>();
        using var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer, RestJson.WriterOptions);
        json.WriteStartArray();
        foreach (var writer in services.GetRequiredService<ITableWriters>().All)
        {
            var rows = (await catalog.FindAsync(writer.Table, CancellationToken.None))?.RowCount;
            var isDrained = writer.State == TableWriterState.Complete;
            json.WriteStartObject();
            json.WriteString("stream", writer.Stream);
            json.WriteString("table", writer.Table);
            json.WriteBoolean("drained", isDrained);
            json.WritePropertyName("rows");
            if (rows is { } number)
            {
                json.WriteNumberValue(number);
            }
            else
            {
                json.WriteNullValue();
            }

            json.WriteEndObject();
            if (!context.WantsJson(parsed))
            {
                await context.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{writer.Stream}: {(rows is { } count ? $"{count:N0} rows in {writer.Table}" : $"no table {writer.Table} yet")}; {(isDrained ? "everything is stored" : "the rest is stored after the next start")}"));
            }
        }

        json.WriteEndArray();
        await json.FlushAsync();
        if (context.WantsJson(parsed))
        {
            await context.Output.WriteLineAsync(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        }
    }
}
