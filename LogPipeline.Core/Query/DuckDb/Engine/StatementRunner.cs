using Apache.Arrow;
using DuckDB.NET.Data;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>The rows that one statement gave, within its limits.</summary>
/// <param name="Batches">Rows in managed memory, with the plan's types.</param>
/// <param name="Truncated">Whether a limit cut the rows.</param>
internal sealed record StatementRows(IReadOnlyList<RecordBatch> Batches, bool Truncated);

/// <summary>Runs one generated statement on one connection and stops it within milliseconds when asked to.</summary>
/// <remarks>
/// Rows are streamed: DuckDB computes the next chunk when the last one was taken, so a cut answer costs no more than its rows.
/// A token alone does not stop DuckDB; an interrupt does, and one that comes before the statement has begun is lost. It is
/// therefore repeated until the statement has ended.
/// </remarks>
internal static class StatementRunner
{
    private const int RowsPerBatch = 65_536;
    private const long BytesPerBatch = 64L << 20;
    private static readonly TimeSpan InterruptEvery = TimeSpan.FromMilliseconds(10);

    public static Task<StatementRows> RunAsync(
        DuckDBConnection connection,
        string sql,
        IReadOnlyList<QueryColumn> columns,
        int maxRows,
        long maxBytes,
        CancellationToken cancellationToken,
        IRowSink? sink = null) =>
        Task.Factory.StartNew(
            () => Run(connection, sql, columns, maxRows, sink is null ? maxBytes : long.MaxValue, sink, cancellationToken),
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);

    private static StatementRows Run(
        DuckDBConnection connection,
        string sql,
        IReadOnlyList<QueryColumn> columns,
        int maxRows,
        long maxBytes,
        IRowSink? sink,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.UseStreamingMode = true;
        using var interrupts = new Interrupts(command);
        using var registration = cancellationToken.Register(interrupts.Begin);
        using var stream = command.ExecuteArrowStream();
        using var collector = new RowCollector(columns, maxRows, maxBytes, sink, cancellationToken);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = stream.ReadNextRecordBatchAsync(CancellationToken.None);
            var batch = next.IsCompletedSuccessfully ? next.GetAwaiter().GetResult() : next.AsTask().GetAwaiter().GetResult();
            if (batch is null)
            {
                return new StatementRows(collector.Finish(), Truncated: false);
            }

            if (!collector.Add(batch))
            {
                return new StatementRows(collector.Finish(), Truncated: true);
            }
        }
    }

    /// <summary>Interrupts from the first call of <see cref="Begin"/> until disposed.</summary>
    private sealed class Interrupts(DuckDBCommand command) : IDisposable
    {
        private readonly Lock gate = new();
        private Timer? timer;
        private bool ended;

        public void Begin()
        {
            lock (gate)
            {
                if (!ended)
                {
                    timer ??= new Timer(_ => Interrupt(), null, TimeSpan.Zero, InterruptEvery);
                }
            }
        }

        public void Dispose()
        {
            lock (gate)
            {
                ended = true;
                timer?.Dispose();
            }
        }

        private void Interrupt()
        {
            lock (gate)
            {
                if (!ended)
                {
                    command.Cancel();
                }
            }
        }
    }

    /// <summary>Joins DuckDB's chunks of 2,048 rows into larger batches and counts what the limits allow.</summary>
    /// <remarks>A chunk is given back to DuckDB once its rows were copied.</remarks>
    private sealed class RowCollector(IReadOnlyList<QueryColumn> columns, int maxRows, long maxBytes, IRowSink? sink, CancellationToken cancellationToken) : IDisposable
    {
        private readonly Schema schema = ArrowResult.SchemaOf(columns);
        private readonly List<RecordBatch> finished = [];
        private readonly List<RecordBatch> pending = [];
        private readonly List<RecordBatch> chunks = [];
        private long rows;
        private long bytes;
        private long pendingBytes;
        private int pendingRows;
        private bool hasBegun;

        /// <summary>Whether more rows may follow.</summary>
        public bool Add(RecordBatch batch)
        {
            chunks.Add(batch);
            var taken = (int)Math.Min(batch.Length, maxRows - rows);
            if (taken > 0)
            {
                var typed = ArrowResult.Convert(batch, schema, columns);
                pending.Add(taken == batch.Length ? typed : typed.Slice(0, taken));
                rows += taken;
                pendingRows += taken;
                var size = ArrowResult.SizeOf(typed);
                bytes += size;
                pendingBytes += size;
                if (pendingRows >= RowsPerBatch || pendingBytes >= BytesPerBatch)
                {
                    Join();
                }
            }

            return taken == batch.Length && bytes <= maxBytes;
        }

        public List<RecordBatch> Finish()
        {
            Join();
            Begin();
            return finished;
        }

        private void Join()
        {
            if (pendingRows == 0)
            {
                return;
            }

            var joined = ArrowResult.Concatenate(pending, schema, pendingRows);
            Dispose();
            if (sink is null)
            {
                finished.Add(joined);
                return;
            }

            Begin();
            using (joined)
            {
                Wait(sink.WriteAsync(joined, cancellationToken));
            }
        }

        private void Begin()
        {
            if (sink is not null && !hasBegun)
            {
                hasBegun = true;
                Wait(sink.BeginAsync(columns, cancellationToken));
            }
        }

        // The thread is the statement's own.
        private static void Wait(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

        public void Dispose()
        {
            pending.Clear();
            pendingRows = 0;
            pendingBytes = 0;
            foreach (var chunk in chunks)
            {
                chunk.Dispose();
            }

            chunks.Clear();
        }
    }
}
