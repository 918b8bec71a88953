using System.Buffers;
using System.Text;
using System.Text.Json;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.Sse;

/// <summary>The reader of an event stream did not take it in time.</summary>
internal sealed class SlowReaderException : Exception
{
    public SlowReaderException()
        : base("The reader of the event stream is too slow")
    {
    }

    public SlowReaderException(string message)
        : base(message)
    {
    }

    public SlowReaderException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Writes server-sent events. It holds at most <see cref="BufferBytes"/> that the reader has not taken.</summary>
/// <remarks>Source: WHATWG HTML, server-sent events. JSON has no line breaks, so each event's data is one line.</remarks>
internal sealed class EventStreamWriter(Stream output, WebClients clients, TimeProvider time, TimeSpan patience) : IDisposable
{
    /// <summary>Bytes after which events are sent on.</summary>
    public const int BufferBytes = 64 * 1024;

    /// <summary>A reader that takes longer for one buffer is shown as slow.</summary>
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(1);

    private readonly ArrayBufferWriter<byte> buffer = new(BufferBytes);
    private readonly Utf8JsonWriter json = new(Stream.Null, RestJson.WriterOptions);

    /// <summary>Whether the buffer should be sent before more is added.</summary>
    public bool IsFull => buffer.WrittenCount >= BufferBytes;

    /// <summary>When something was last sent.</summary>
    public long LastSent { get; private set; } = time.GetTimestamp();

    /// <summary>Adds an event.</summary>
    public void Add(string name, string? id, Action<Utf8JsonWriter> write)
    {
        Text("event: ");
        Text(name);
        if (id is not null)
        {
            Text("\nid: ");
            Text(id);
        }

        Text("\ndata: ");
        json.Reset(buffer);
        write(json);
        json.Flush();
        Text("\n\n");
    }

    /// <summary>Adds a comment, which readers ignore and which keeps the connection open.</summary>
    public void AddComment(string text)
    {
        Text(": ");
        Text(text);
        Text("\n\n");
    }

    /// <summary>Adds an id without an event: where a reader that comes again should go on.</summary>
    public void AddRetry(TimeSpan delay)
    {
        Text(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"retry: {(long)delay.TotalMilliseconds}\n\n"));
    }

    /// <summary>Sends what was added.</summary>
    /// <exception cref="SlowReaderException">The reader did not take it within the patience.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (buffer.WrittenCount == 0)
        {
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(_ => limit.Cancel(), null, patience, Timeout.InfiniteTimeSpan);
        try
        {
            var sending = SendAsync(limit.Token);
            if (!sending.IsCompleted)
            {
                await Task.WhenAny(sending, Task.Delay(SlowAfter, time, CancellationToken.None));
            }

            using (sending.IsCompleted ? null : clients.Wait())
            {
                await sending;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SlowReaderException();
        }

        buffer.ResetWrittenCount();
        LastSent = time.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Dispose() => json.Dispose();

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await output.WriteAsync(buffer.WrittenMemory, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    private void Text(string text) => _ = Encoding.UTF8.GetBytes(text, buffer);
}
