using System.Buffers;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Files;

namespace LogPipeline.Web.CommandLine;

/// <summary>What <c>serve --input</c> follows: files like <c>tail -F</c>, and standard input.</summary>
internal static class InputSources
{
    /// <summary>Follows every input until cancelled; the end of standard input ends nothing else.</summary>
    public static Task RunAsync(IServiceProvider services, IReadOnlyList<string> inputs, string stream, string? format, CancellationToken cancellation) =>
        Task.WhenAll(inputs.Select(input => Task.Run(
            () => input == "-" ? ReadStandardInputAsync(services, stream, format, cancellation) : FollowAsync(services, input, stream, format, cancellation), cancellation)));

    private static Task FollowAsync(IServiceProvider services, string path, string stream, string? format, CancellationToken cancellation) =>
        services.GetRequiredService<FileFollower>().FollowAsync(services.GetRequiredService<IEventLogs>().Find(stream)!, path, format, cancellation);

    /// <summary>Takes in whole lines as they come; what came in one piece is one batch.</summary>
    private static async Task ReadStandardInputAsync(IServiceProvider services, string stream, string? format, CancellationToken cancellation)
    {
        var ingest = services.GetRequiredService<IngestService>();
        var time = services.GetRequiredService<TimeProvider>();
        await using var input = Console.OpenStandardInput();
        var rest = new ArrayBufferWriter<byte>();
        var buffer = new byte[256 * 1024];
        int count;
        do
        {
            count = await input.ReadAsync(buffer, cancellation);
            var end = count == 0 ? 0 : buffer.AsSpan(0, count).LastIndexOf((byte)'\n') + 1;
            rest.Write(buffer.AsSpan(0, end));
            if (rest.WrittenCount > 0 && (end > 0 || count == 0))
            {
                await SendAsync(rest.WrittenMemory.ToArray());
                rest.ResetWrittenCount();
            }

            rest.Write(buffer.AsSpan(end, count - end));
        }
        while (count > 0);

        async Task SendAsync(byte[] lines)
        {
            var request = new IngestRequest(stream) { Format = format, OneALine = true, Source = "stdin", IdempotencyKey = Guid.NewGuid().ToString("N") };
            while (true)
            {
                using var body = new MemoryStream(lines, writable: false);
                var report = await ingest.IngestAsync(request, body, cancellation);
                if (report.IsComplete)
                {
                    return;
                }

                await Task.Delay(report.RetryAfter ?? TimeSpan.FromSeconds(1), time, cancellation);
            }
        }
    }
}
