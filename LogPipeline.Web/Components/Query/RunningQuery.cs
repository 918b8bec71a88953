using LogPipeline.Core.Query;
using LogPipeline.Web.Components.Format;

namespace LogPipeline.Web.Components.Query;

/// <summary>A statement that runs: since when, how far it is, and its end.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Changed">Is called when there is something new to show, from any thread, at most five times a second.</param>
/// <param name="Left">Signals that the page has left.</param>
internal sealed class RunningQuery(TimeProvider Time, Action Changed, CancellationToken Left) : IProgress<QueryProgress>, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Left);
    private readonly long started = Time.GetTimestamp();
    private readonly Lock gate = new();
    private long shown;

    /// <summary>Ends the statement.</summary>
    public CancellationToken Token => stop.Token;

    /// <summary>How long it runs.</summary>
    public TimeSpan Elapsed => Time.GetElapsedTime(started);

    /// <summary>How far it is; null while its engine has not said.</summary>
    public QueryProgress? Progress { get; private set; }

    /// <summary>Percent of the tasks known that are done; null while none is.</summary>
    public double? Percent => Progress is { Tasks: > 0 } progress ? 100.0 * progress.CompletedTasks / progress.Tasks : null;

    /// <summary>3.2 s · 1 of 2 stages · 45 of 200 tasks · 12 MB read.</summary>
    public string Text
    {
        get
        {
            var parts = new List<string> { Ages.Text(Elapsed) };
            if (Progress is { Stages.Count: > 0 } progress)
            {
                parts.Add($"{progress.Stages.Count(stage => stage.IsDone)} of {progress.Stages.Count} {(progress.Stages.Count == 1 ? "stage" : "stages")}");
                parts.Add($"{Numbers.Count(progress.CompletedTasks)} of {Numbers.Count(progress.Tasks)} {(progress.Tasks == 1 ? "task" : "tasks")}");
                if (progress.InputBytes > 0)
                {
                    parts.Add($"{Numbers.Megabytes(progress.InputBytes)}\u00A0MB read");
                }
            }

            return string.Join(" · ", parts);
        }
    }

    /// <inheritdoc/>
    public void Report(QueryProgress value)
    {
        lock (gate)
        {
            Progress = value;
            var now = Time.GetTimestamp();
            if (shown != 0 && Time.GetElapsedTime(shown, now) < Pause)
            {
                return;
            }

            shown = now;
        }

        Changed();
    }

    /// <summary>Asks the engine to stop.</summary>
    public void Cancel() => stop.Cancel();

    /// <inheritdoc/>
    public void Dispose() => stop.Dispose();
}
