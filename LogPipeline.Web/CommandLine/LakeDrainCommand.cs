using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>lake drain</c>: stores what the event logs hold, then ends; so that nothing is left behind when the broker is switched.</summary>
internal static class LakeDrainCommand
{
    public static Command Create(CommandContext context)
    {
        var stream = new Option<string?>("--stream") { Description = "Only this stream; all when absent", HelpName = "NAME" };
        var command = new Command("drain", "Store everything that the event logs hold, then end. The host must be stopped.") { stream };
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = context.Load(parsed);
            if (parsed.GetValue(stream) is { } name && ServeCommand.FindStream(context, configuration, name) is null)
            {
                return ExitCodes.Usage;
            }

            await using var stages = StageServices.Own(configuration);
            var services = stages.Services;
            await services.GetRequiredService<ITableWriters>().StoreToEndAsync(cancellation, parsed.GetValue(stream));
            var drained = services.GetRequiredService<IEventLogs>().All.Where(log => (parsed.GetValue(stream) ?? log.Stream.Name) == log.Stream.Name).ToList();
            if (context.WantsJson(parsed))
            {
                await context.Output.WriteLineAsync(RestJson.ToText(json => Write(json, drained)));
                return ExitCodes.Done;
            }

            foreach (var log in drained)
            {
                await context.Output.WriteLineAsync($"{log.Stream.Table}: the event log {log.LogId} of stream {log.Stream.Name} is stored up to its end ({EndText(log)}).");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(Utf8JsonWriter json, IEnumerable<IEventLog> drained)
    {
        json.WriteStartArray();
        foreach (var log in drained)
        {
            json.WriteStartObject();
            json.WriteString("stream", log.Stream.Name);
            json.WriteString("table", log.Stream.Table);
            json.WriteString("log", log.LogId);
            json.WriteString("end", EndText(log));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Such as <c>0:4712,1:21</c>: partition and the offset that the next event will have.</summary>
    private static string EndText(IEventLog log) => string.Join(',', log.Bounds.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Partition}:{one.End}")));
}
