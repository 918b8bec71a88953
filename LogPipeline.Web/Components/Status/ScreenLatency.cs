using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.Components.Status;

/// <summary>Produced-to-screen latency of every open page: from a line's receipt until a browser's document holds it.</summary>
public sealed class ScreenLatency(TimeProvider time, WebClients? clients = null)
{
    private readonly LatencyWindow window = new();

    /// <summary>The figures over the most recent lines.</summary>
    public LatencyFigures Read() => window.Read();

    internal void Add(double milliseconds)
    {
        window.Add(milliseconds, time.GetUtcNow().ToUnixTimeSeconds());
        clients?.MeasureToScreen(milliseconds);
    }
}

/// <summary>The same for the page of one circuit.</summary>
public sealed class CircuitLatency(ScreenLatency all, TimeProvider time)
{
    private readonly LatencyWindow window = new();

    /// <summary>The figures of this page; those of all pages until it has shown lines itself.</summary>
    public LatencyFigures Read()
    {
        var own = window.Read();
        return own.Count > 0 ? own : all.Read();
    }

    /// <summary>Takes one round trip of lines to the browser and back.</summary>
    /// <param name="receivedMicros">When the host received the line, microseconds since 1970.</param>
    /// <param name="sent">When the lines were handed to the connection.</param>
    /// <param name="answered">When the browser's answer was here.</param>
    /// <param name="browserMs">What the browser spent between taking the lines and having them in its document.</param>
    /// <remarks>
    /// All instants are of the host's clock, so no browser clock is trusted: what the round trip took beside the browser's own work is
    /// shared equally between the way there and the way back, and the way back is taken off.
    /// </remarks>
    public void Add(long receivedMicros, DateTimeOffset sent, DateTimeOffset answered, double browserMs)
    {
        var onTheWay = Math.Max(0, (answered - sent).TotalMilliseconds - browserMs);
        var shown = answered - TimeSpan.FromMilliseconds(onTheWay / 2);
        var milliseconds = Math.Max(0, (shown - DateTimeOffset.UnixEpoch).TotalMilliseconds - (receivedMicros / 1000.0));
        window.Add(milliseconds, time.GetUtcNow().ToUnixTimeSeconds());
        all.Add(milliseconds);
    }
}
