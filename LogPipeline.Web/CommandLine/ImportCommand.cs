using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Files;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Streams;
using LogPipeline.Web.Hosting;
using Spectre.Console;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>import FILE…</c>: takes in files as fast as possible, stores them, and ends.</summary>
internal static class ImportCommand
{
    private static readonly TimeSpan StoreTime = TimeSpan.FromHours(1);

    public static Command Create(CommandContext context)
    {
        var files = new Argument<string[]>("files") { Description = "Files, packed with gzip or not", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string?>("--format", "-f") { Description = "json, common, combined, or an nginx log_format; found out when absent", HelpName = "FORMAT" };
        var stream = new Option<string?>("--stream", "-s") { Description = "Stream that the events belong to (default: the first of the configuration)", HelpName = "NAME" };
        var again = new Option<bool>("--again") { Description = "Add content once more that was taken in before" };
        var command = new Command("import", "Take in files as fast as possible, store them in the table, and end. The same content again adds nothing.") { files, format, stream, again };
        Help.AddExamples("import",
            "logpipeline import access.log.1 access.log.2.gz",
            "logpipeline import app.log --format 'log_format m $remote_addr [$time_local] \"$request\" $status $request_time;'",
            "logpipeline import events.ndjson --data /srv/logs --json");
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = context.Load(parsed);
            var request = new FileImportRequest(parsed.GetValue(format), parsed.GetValue(again));
            var paths = parsed.GetRequiredValue(files).Select(path => Path.GetFullPath(path, context.Process.WorkingFolder)).ToList();
            using var owner = OwnerClient.Find(configuration.Host.DataFolder);
            var reports = owner is not null
                ? await ThroughOwnerAsync(owner, paths, parsed.GetValue(stream), request, cancellation)
                : await HereAsync(context, configuration, paths, parsed.GetValue(stream), request, cancellation);
            return await TellAsync(context, context.WantsJson(parsed), reports);
        });
        return command;
    }

    private static async Task<List<FileImportReport>> ThroughOwnerAsync(
        OwnerClient owner, IReadOnlyList<string> paths, string? stream, FileImportRequest request, CancellationToken cancellation)
    {
        var reports = new List<FileImportReport>();
        foreach (var path in paths)
        {
            var query = new List<KeyValuePair<string, string?>> { new("path", path), new("again", request.Again ? "1" : "0") };
            query.AddRange(stream is null ? [] : [new("stream", stream)]);
            query.AddRange(request.Format is null ? [] : [new("format", request.Format)]);
            var answer = await owner.SendAsync(HttpMethod.Post, Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString("/api/import", query), null, cancellation);
            using var document = JsonDocument.Parse(answer);
            var root = document.RootElement;
            reports.Add(new FileImportReport(
                path,
                new IngestReport(
                    root.GetProperty("accepted").GetInt64(), root.GetProperty("rejected").GetInt64(), root.GetProperty("duplicate").GetInt64(),
                    [.. root.GetProperty("errors").EnumerateArray().Select(error => new IngestError(error.GetProperty("index").GetInt64(), error.GetProperty("field").GetString(), error.GetProperty("reason").GetString()!))])
                {
                    Problem = root.GetProperty("problem").GetString(),
                },
                root.GetProperty("knownLines").GetInt64()));
        }

        return reports;
    }

    private static async Task<List<FileImportReport>> HereAsync(
        CommandContext context, HostConfiguration configuration, IReadOnlyList<string> paths, string? wanted, FileImportRequest request, CancellationToken cancellation)
    {
        await using var stages = StageServices.Own(configuration);
        var streams = stages.Services.GetRequiredService<StreamRegistry>();
        var stream = wanted is null ? streams.Default : streams.Find(wanted)
            ?? throw new CommandException($"There is no stream '{wanted}'; there is {string.Join(", ", streams.All.Select(one => one.Name))}");
        var log = stages.Services.GetRequiredService<IEventLogs>().Find(stream.Name)!;
        var import = stages.Services.GetRequiredService<FileImport>();
        var lake = stages.Services.GetRequiredService<LakeWriters>();

        // Files are parsed and made durable while the table's writer follows behind.
        await lake.StartAsync(cancellation);
        var reports = new List<FileImportReport>();
        try
        {
            await WithProgressAsync(context, paths, async (path, progress) => reports.Add(await import.ImportAsync(log, path, request, progress, cancellation)));
        }
        finally
        {
            if (!await lake.DrainAsync(StoreTime))
            {
                await context.Error.WriteLineAsync("Not everything is in the table yet; it is safe in the event log, and the next start stores it.");
            }
        }

        return reports;
    }

    private static async Task WithProgressAsync(CommandContext context, IReadOnlyList<string> paths, Func<string, IProgress<long>?, Task> import)
    {
        if (Console.IsErrorRedirected || context.Error != Console.Error)
        {
            foreach (var path in paths)
            {
                await import(path, null);
            }

            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                foreach (var path in paths)
                {
                    var task = progress.AddTask(Markup.Escape(Path.GetFileName(path)), maxValue: File.Exists(path) ? Math.Max(1, new FileInfo(path).Length) : 1);
                    await import(path, new Bar(task));
                    task.Value = task.MaxValue;
                }
            });
    }

    private static async Task<int> TellAsync(CommandContext context, bool wantsJson, List<FileImportReport> reports)
    {
        foreach (var report in reports)
        {
            if (wantsJson)
            {
                await context.Output.WriteLineAsync(JsonSerializer.Serialize(new
                {
                    file = report.Path,
                    accepted = report.Report.Accepted,
                    rejected = report.Report.Rejected,
                    known = report.KnownLines,
                    nothingNew = report.IsNothingNew,
                    problem = report.Report.Problem,
                }));
                continue;
            }

            var name = Path.GetFileName(report.Path);
            await context.Output.WriteLineAsync(report.IsNothingNew
                ? string.Create(CultureInfo.InvariantCulture, $"{name}: nothing new, its {report.KnownLines:N0} lines were taken in before (--again adds them once more)")
                : string.Create(CultureInfo.InvariantCulture, $"{name}: {report.Report.Accepted:N0} accepted, {report.Report.Rejected:N0} rejected{(report.KnownLines > 0 ? $", {report.KnownLines:N0} lines known" : "")}"));
            foreach (var error in report.Report.Errors)
            {
                await context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  line {error.Index + 1}{(error.Field is null ? "" : ", " + error.Field)}: {error.Reason}"));
            }

            if (report.Report.Problem is { } problem)
            {
                await context.Error.WriteLineAsync($"{name}: not complete: {problem}");
            }
        }

        return reports.Exists(report => !report.Report.IsComplete) ? ExitCodes.Failed
            : reports.Exists(report => report.Report.Rejected > 0) ? ExitCodes.PartlyRejected
            : ExitCodes.Done;
    }

    private sealed class Bar(ProgressTask task) : IProgress<long>
    {
        public void Report(long value) => task.Value = value;
    }
}
