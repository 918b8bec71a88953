using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Files;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Streams;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Rest;
using Spectre.Console;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>import FILE…</c>: takes in whole files as fast as possible.</summary>
internal static class ImportCommand
{
    public static Command Create(CommandContext context)
    {
        var files = new Argument<string[]>("files") { Description = "Files, packed with gzip or not", Arity = ArgumentArity.OneOrMore };
        var stream = new Option<string>("--stream") { Description = "Stream that the records belong to", HelpName = "NAME", DefaultValueFactory = _ => "web-logs" };
        var format = new Option<string?>("--format", "-f") { Description = "json, common, combined, or an nginx log_format as it stands in nginx.conf; found out when absent", HelpName = "FORMAT" };
        var again = new Option<bool>("--again") { Description = "Add content that was taken in before once more" };
        var command = new Command("import", "Take in whole files as fast as possible, then end. The same content is not taken in twice.") { files, stream, format, again };
        Help.AddExamples("import",
            "logpipeline import access.log access.log.1 access.log.2.gz",
            "logpipeline import events.ndjson --stream web-logs --json",
            "logpipeline import app.log --format '$remote_addr [$time_local] \"$request\" $status $request_time'");
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = context.Load(parsed);
            if (ServeCommand.FindStream(context, configuration, parsed.GetRequiredValue(stream)) is not { } name)
            {
                return ExitCodes.Usage;
            }

            var target = configuration.Streams.Find(name)!;
            var paths = parsed.GetRequiredValue(files).Select(file => Path.GetFullPath(file, context.Process.WorkingFolder)).ToList();
            if (paths.Find(path => !File.Exists(path)) is { } missing)
            {
                await context.Error.WriteLineAsync($"There is no file {missing}.");
                return ExitCodes.Failed;
            }

            var request = new FileImportRequest(parsed.GetValue(format), parsed.GetValue(again));
            using var owner = OwnerClient.Find(configuration.Host.DataFolder);
            var reports = owner is null
                ? await ImportHereAsync(context, configuration, target, paths, request, cancellation)
                : await ImportThereAsync(owner, target, paths, request, cancellation);
            return await TellAsync(context, parsed, reports);
        });
        return command;
    }

    /// <summary>Owns the folder while it lasts; the tables are written while files are still read.</summary>
    private static async Task<List<FileImportReport>> ImportHereAsync(
        CommandContext context, HostConfiguration configuration, StreamDefinition stream, List<string> paths, FileImportRequest request, CancellationToken cancellation)
    {
        await using var stages = StageServices.Own(configuration);
        var log = stages.Services.GetRequiredService<IEventLogs>().Find(stream.Name)!;
        var import = stages.Services.GetRequiredService<FileImport>();
        var writers = stages.Services.GetRequiredService<ITableWriters>();
        var reports = new List<FileImportReport>();
        await writers.StartAsync(cancellation);
        try
        {
            await WithProgressAsync(context, paths, async (path, progress) => reports.Add(await import.ImportAsync(log, path, request, progress, cancellation)));
        }
        catch (IngestException error)
        {
            throw new CommandException(error.Message, error);
        }
        finally
        {
            _ = await writers.DrainAsync(TimeSpan.FromMinutes(10));
            await writers.StopAsync(CancellationToken.None);
        }

        return reports;
    }

    private static async Task<List<FileImportReport>> ImportThereAsync(OwnerClient owner, StreamDefinition stream, List<string> paths, FileImportRequest request, CancellationToken cancellation)
    {
        var reports = new List<FileImportReport>();
        foreach (var path in paths)
        {
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?>
            {
                ["stream"] = stream.Name, ["path"] = path, ["format"] = request.Format, ["again"] = request.Again,
            }));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = JsonDocument.Parse(await owner.SendAsync(HttpMethod.Post, IngestEndpoints.ImportPath, content, cancellation));
            var root = answer.RootElement;
            reports.Add(new FileImportReport(
                path,
                new IngestReport(root.GetProperty("accepted").GetInt64(), root.GetProperty("rejected").GetInt64(), root.GetProperty("duplicate").GetInt64(),
                    [.. root.GetProperty("errors").EnumerateArray().Select(error => new IngestError(error.GetProperty("index").GetInt64(), error.GetProperty("field").GetString(), error.GetProperty("reason").GetString()!))])
                {
                    Problem = root.GetProperty("problem").GetString(),
                },
                root.GetProperty("knownLines").GetInt64()));
        }

        return reports;
    }

    /// <summary>A bar for each file where somebody watches; nothing where nobody does.</summary>
    private static async Task WithProgressAsync(CommandContext context, List<string> paths, Func<string, IProgress<long>?, Task> import)
    {
        if (!ReferenceEquals(context.Error, Console.Error) || Console.IsErrorRedirected)
        {
            foreach (var path in paths)
            {
                await import(path, null);
            }

            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async bars =>
            {
                foreach (var path in paths)
                {
                    var bar = bars.AddTask(Markup.Escape(Path.GetFileName(path)), maxValue: Math.Max(1, new FileInfo(path).Length));
                    await import(path, new Direct(bytes => bar.Value = bytes));
                    bar.Value = bar.MaxValue;
                }
            });
    }

    private static async Task<int> TellAsync(CommandContext context, ParseResult parsed, List<FileImportReport> reports)
    {
        if (context.WantsJson(parsed))
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer, RestJson.WriterOptions))
            {
                json.WriteStartArray();
                foreach (var one in reports)
                {
                    json.WriteStartObject();
                    json.WriteString("file", one.Path);
                    json.WriteNumber("knownLines", one.KnownLines);
                    json.WriteString("problem", one.Report.Problem);
                    IngestEndpoints.WriteReport(json, one.Report);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            await context.Output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        }
        else
        {
            foreach (var one in reports)
            {
                await context.Output.WriteLineAsync(Describe(one));
            }
        }

        return reports.Exists(one => !one.Report.IsComplete) ? ExitCodes.Failed
            : reports.Exists(one => one.Report.Rejected > 0) ? ExitCodes.PartlyRejected
            : ExitCodes.Done;
    }

    private static string Describe(FileImportReport one)
    {
        var name = Path.GetFileName(one.Path);
        if (one.IsNothingNew)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{name}: nothing new; its {one.KnownLines:N0} lines were taken in before (--again adds them once more)");
        }

        var text = string.Create(CultureInfo.InvariantCulture, $"{name}: {one.Report.Accepted:N0} events, {one.Report.Rejected:N0} rejected");
        if (one.KnownLines > 0)
        {
            text += string.Create(CultureInfo.InvariantCulture, $"; {one.KnownLines:N0} lines were taken in before");
        }

        foreach (var error in one.Report.Errors.Take(3))
        {
            text += string.Create(CultureInfo.InvariantCulture, $"{Environment.NewLine}  line {error.Index + 1}: {error.Field} {error.Reason}");
        }

        return text + (one.Report.Rejected > 0 ? $"{Environment.NewLine}  rejected lines: logpipeline query \"SELECT * FROM delta_lake.dead_letters\"" : "")
            + (one.Report.Problem is { } problem ? $"{Environment.NewLine}  stopped: {problem}" : "");
    }

    /// <summary>Reports on the thread that reads: a bar needs no other.</summary>
    private sealed class Direct(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
