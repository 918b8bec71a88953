using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.Ingest.Generator;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>generate</c>: made-up traffic to standard output, a file, or a host.</summary>
internal static class GenerateCommand
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    public static Command Create(CommandContext context)
    {
        var rate = new Option<double>("--rate", "-r") { Description = "Events a second", HelpName = "N", DefaultValueFactory = _ => 50 };
        var seed = new Option<int>("--seed") { Description = "The same seed makes the same traffic", HelpName = "N", DefaultValueFactory = _ => 1 };
        var duration = new Option<string?>("--duration") { Description = "How long, such as 30s or 10min; until Ctrl-C when absent", HelpName = "DURATION" };
        var output = new Option<string>("--output", "-o") { Description = "- for standard output, a file, or the URL of a host", HelpName = "-|FILE|URL", DefaultValueFactory = _ => "-" };
        rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is <= 0 or > 10_000_000)
            {
                result.AddError("--rate must be above 0 and at most 10000000");
            }
        });
        duration.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && OptionValues.ReadDuration(text) is not { Ticks: > 0 })
            {
                result.AddError($"--duration '{text}' is no duration; give one such as 30s or 10min");
            }
        });
        var command = new Command("generate", "Make up believable traffic as JSON lines. A file is written at once; standard output and a host get it as time goes by.") { rate, seed, duration, output };
        Help.AddExamples("generate",
            "logpipeline generate --rate 1000 --seed 7 --duration 10s --output events.ndjson",
            "logpipeline generate --rate 200 --output http://localhost:4000",
            "logpipeline generate --duration 5s | head");
        command.SetAction(async (parsed, cancellation) =>
        {
            var span = parsed.GetValue(duration) is { } text ? OptionValues.ReadDuration(text) : null;
            var target = parsed.GetRequiredValue(output);
            using var generator = new TrafficGenerator(parsed.GetValue(seed));
            var eventsPerSecond = parsed.GetValue(rate);
            if (Uri.TryCreate(target, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            {
                using var client = new HttpClient { BaseAddress = url };
                var sent = await AsTimeGoesByAsync(generator, eventsPerSecond, span, lines => PostAsync(client, lines, cancellation), cancellation);
                await context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{sent:N0} events sent to {url}"));
            }
            else if (target == "-")
            {
                await using var stdout = Console.OpenStandardOutput();
                await AsTimeGoesByAsync(generator, eventsPerSecond, span, lines => stdout.WriteAsync(lines, cancellation).AsTask(), cancellation);
            }
            else
            {
                var path = Path.GetFullPath(target, context.Process.WorkingFolder);
                await using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
                var written = await AtOnceAsync(generator, eventsPerSecond, span ?? throw new CommandException("A file needs a --duration"), file, cancellation);
                await context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{written:N0} events written to {path}"));
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<long> AsTimeGoesByAsync(
        TrafficGenerator generator, double rate, TimeSpan? span, Func<ReadOnlyMemory<byte>, Task> sendAsync, CancellationToken cancellation)
    {
        var time = TimeProvider.System;
        var lines = new ArrayBufferWriter<byte>(1 << 16);
        var begin = time.GetUtcNow();
        var from = begin;
        long count = 0;
        using var timer = new PeriodicTimer(Tick);
        try
        {
            while (span is null || from - begin < span)
            {
                await timer.WaitForNextTickAsync(cancellation);
                var now = time.GetUtcNow();
                var to = span is { } limit && now - begin > limit ? begin + limit : now;
                lines.ResetWrittenCount();
                count += generator.Write(lines, from, to, rate);
                from = to;
                await sendAsync(lines.WrittenMemory);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how it ends without a duration.
        }

        return count;
    }

    private static async Task<long> AtOnceAsync(TrafficGenerator generator, double rate, TimeSpan span, Stream file, CancellationToken cancellation)
    {
        var lines = new ArrayBufferWriter<byte>(1 << 20);
        var end = TimeProvider.System.GetUtcNow();
        long count = 0;
        for (var at = end - span; at < end; at += Tick)
        {
            lines.ResetWrittenCount();
            count += generator.Write(lines, at, at + Tick < end ? at + Tick : end, rate);
            await file.WriteAsync(lines.WrittenMemory, cancellation);
        }

        return count;
    }

    private static async Task PostAsync(HttpClient client, ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        if (lines.Length == 0)
        {
            return;
        }

        using var content = new ReadOnlyMemoryContent(lines);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var answer = await client.PostAsync(new Uri("/api/ingest/web-logs", UriKind.Relative), content, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw new CommandException(OwnerClient.Explain(answer, await answer.Content.ReadAsStringAsync(cancellation)));
        }
    }
}
