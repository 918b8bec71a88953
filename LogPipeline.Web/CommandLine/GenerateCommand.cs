using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.Ingest.Generator;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>generate</c>: believable traffic from a seed, as JSON lines.</summary>
internal static class GenerateCommand
{
    /// <summary>Events a second at most.</summary>
    public const double HighestRate = 1_000_000;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    public static Command Create(CommandContext context)
    {
        var rate = RateOption(50);
        var seed = SeedOption();
        var duration = new Option<string>("--duration") { Description = "Length of the traffic, such as 30s, 5min or 1h", HelpName = "DURATION", DefaultValueFactory = _ => "1min" };
        duration.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && OptionValues.ReadDuration(text) is not { Ticks: > 0 })
            {
                result.AddError($"--duration '{text}' is not a duration such as 30s, 5min or 1h");
            }
        });
        var output = new Option<string>("--output", "-o") { Description = "- for standard output, a file, or the URL of a host", HelpName = "-|FILE|URL", DefaultValueFactory = _ => "-" };
        var start = new Option<DateTimeOffset?>("--start") { Description = "Time of the first event; makes the same lines again. The traffic ends now when absent", HelpName = "TIME" };
        var command = new Command("generate", "Make up traffic from a seed: as fast as possible into a file, in real time to a host.") { rate, seed, duration, output, start };
        Help.AddExamples("generate",
            "logpipeline generate --rate 200 --duration 10s --output traffic.ndjson",
            "logpipeline generate --rate 100 --duration 5min --output http://localhost:4000",
            "logpipeline generate --duration 1min | logpipeline serve --input -");
        command.SetAction(async (parsed, cancellation) =>
        {
            var span = OptionValues.ReadDuration(parsed.GetRequiredValue(duration))!.Value;
            var perSecond = parsed.GetValue(rate);
            using var generator = new TrafficGenerator(parsed.GetValue(seed));
            var target = parsed.GetRequiredValue(output);
            long count;
            if (target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || target.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            {
                count = await SendAsync(generator, new Uri(target), perSecond, span, cancellation);
            }
            else
            {
                var from = parsed.GetValue(start) ?? TimeProvider.System.GetUtcNow() - span;
                await using var stream = target == "-"
                    ? ReferenceEquals(context.Output, Console.Out) ? Console.OpenStandardOutput() : new TextStream(context.Output)
                    : File.Create(Path.GetFullPath(target, context.Process.WorkingFolder));
                count = await WriteAsync(generator, stream, from, from + span, perSecond, cancellation);
            }

            await context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{count:N0} events"));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary><c>--rate</c>.</summary>
    public static Option<double> RateOption(double standard)
    {
        var rate = new Option<double>("--rate", "-r") { Description = "Events a second, on average", HelpName = "N", DefaultValueFactory = _ => standard };
        rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= HighestRate))
            {
                result.AddError($"--rate must be above 0 and at most {HighestRate}");
            }
        });
        return rate;
    }

    /// <summary><c>--seed</c>.</summary>
    public static Option<int> SeedOption() => new("--seed") { Description = "Decides everything that is made up", HelpName = "N", DefaultValueFactory = _ => 1 };

    private static async Task<long> WriteAsync(TrafficGenerator generator, Stream output, DateTimeOffset from, DateTimeOffset to, double rate, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        long count = 0;
        var step = TimeSpan.FromSeconds(Math.Clamp(1000 / rate, 0.001, 60));
        for (var at = from; at < to; at += step)
        {
            count += generator.Write(buffer, at, at + step < to ? at + step : to, rate);
            if (buffer.WrittenCount > 256 * 1024)
            {
                await output.WriteAsync(buffer.WrittenMemory, cancellation);
                buffer.ResetWrittenCount();
            }
        }

        await output.WriteAsync(buffer.WrittenMemory, cancellation);
        return count;
    }

    private static async Task<long> SendAsync(TrafficGenerator generator, Uri target, double rate, TimeSpan span, CancellationToken cancellation)
    {
        var url = target.AbsolutePath == "/" ? new Uri(target, "/api/ingest/web-logs") : target;
        var time = TimeProvider.System;
        using var http = new HttpClient();
        using var timer = new PeriodicTimer(Step);
        var (begin, last) = (time.GetUtcNow(), time.GetUtcNow());
        long count = 0;
        while (last - begin < span)
        {
            _ = await timer.WaitForNextTickAsync(cancellation);
            var now = time.GetUtcNow() - begin > span ? begin + span : time.GetUtcNow();
            var buffer = new ArrayBufferWriter<byte>(1 << 16);
            count += generator.Write(buffer, last, now, rate);
            last = now;
            if (buffer.WrittenCount == 0)
            {
                continue;
            }

            using var content = new ReadOnlyMemoryContent(buffer.WrittenMemory);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            using var response = await http.PostAsync(url, content, cancellation);
            if (!response.IsSuccessStatusCode)
            {
                throw new CommandException(OwnerClient.Explain(response, await response.Content.ReadAsStringAsync(cancellation)));
            }
        }

        return count;
    }

    /// <summary>Gives UTF-8 of whole lines to a writer of text.</summary>
    private sealed class TextStream(TextWriter writer) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await writer.WriteAsync(System.Text.Encoding.UTF8.GetString(buffer.Span).AsMemory(), cancellationToken);
    }
}
