using System.Globalization;
using System.Text;
using Apache.Arrow;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.Values;

namespace LogPipeline.Web.DeadLetters;

/// <summary>Reads table <c>dead_letters</c> for the page and for <c>/api/dead-letters</c>, newest first.</summary>
internal sealed class DeadLetterReader(ITableCatalog catalog, IQueryEngine engine)
{
    public const string Table = "dead_letters";

    /// <summary>A reader over the embedded engine, which answers whoever writes the table; null where this host has no lake or no engine.</summary>
    public static DeadLetterReader? Create(IServiceProvider services) =>
        services.GetService<ITableCatalog>() is { } catalog
        && (services.GetKeyedService<IQueryEngine>(QueryRegistration.Embedded) ?? services.GetService<IQueryEngine>()) is { } engine
            ? new DeadLetterReader(catalog, engine)
            : null;

    /// <summary>Whether the table is there: it is made with the first record that does not fit.</summary>
    public bool HasTable => catalog.Tables.Contains(Table);

    /// <summary>Records of a stream, newest first.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="limit">Records at most.</param>
    /// <param name="before">Only those before this position.</param>
    /// <param name="search">Only those whose reason or field has this text, in either case.</param>
    /// <param name="withRaw">Whether the bytes are read too, up to 64 KiB each.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="QueryException">The table cannot be read now.</exception>
    public async Task<IReadOnlyList<DeadLetterRow>> ReadAsync(
        string stream, int limit, EventPosition? before, string? search, bool withRaw, CancellationToken cancellationToken)
    {
        var condition = new StringBuilder();
        if (before is { } position)
        {
            // Partitions are read side by side, so the time of receipt comes first; a record that is gone leaves only its place to go by.
            var place = string.Create(CultureInfo.InvariantCulture, $"(event_partition < {position.Partition} OR (event_partition = {position.Partition} AND event_offset < {position.Offset}))");
            condition.Append(await FindAsync(stream, position, withRaw: false, cancellationToken) is { ReceivedAtMicros: var received }
                ? string.Create(CultureInfo.InvariantCulture, $" AND (unix_micros(received_at) < {received} OR (unix_micros(received_at) = {received} AND {place}))")
                : $" AND {place}");
        }

        if (!string.IsNullOrWhiteSpace(search))
        {
            var part = $"lower({TextLiteral.Of(search.Trim())})";
            condition.Append(CultureInfo.InvariantCulture, $" AND (contains(lower(coalesce(reason, '')), {part}) OR contains(lower(coalesce(field, '')), {part}))");
        }

        return await QueryAsync(stream, condition.ToString(), limit, withRaw, cancellationToken);
    }

    /// <summary>One record with its bytes; null when the table does not hold it.</summary>
    /// <exception cref="QueryException">The table cannot be read now.</exception>
    public Task<DeadLetterRow?> FindAsync(string stream, EventPosition position, CancellationToken cancellationToken) =>
        FindAsync(stream, position, withRaw: true, cancellationToken);

    private async Task<DeadLetterRow?> FindAsync(string stream, EventPosition position, bool withRaw, CancellationToken cancellationToken)
    {
        var condition = string.Create(CultureInfo.InvariantCulture, $" AND event_partition = {position.Partition} AND event_offset = {position.Offset}");
        return await QueryAsync(stream, condition, 1, withRaw, cancellationToken) is [var row, ..] ? row : null;
    }

    private async Task<IReadOnlyList<DeadLetterRow>> QueryAsync(string stream, string condition, int limit, bool withRaw, CancellationToken cancellationToken)
    {
        if (!HasTable)
        {
            return [];
        }

        var sql = $"SELECT event_partition, event_offset, CAST(unix_micros(received_at) AS bigint) AS received, source, field, reason{(withRaw ? ", raw" : "")} "
            + $"FROM delta_lake.{Table} WHERE stream = {TextLiteral.Of(stream)}{condition} ORDER BY received_at DESC, event_partition DESC, event_offset DESC";
        var result = await engine.ExecuteAsync(new QueryRequest(sql, limit), cancellationToken);
        var rows = new List<DeadLetterRow>();
        foreach (var batch in result.Batches)
        {
            for (var row = 0; row < batch.Length; row++)
            {
                rows.Add(Row(batch, row, withRaw));
            }
        }

        return rows;
    }

    private static DeadLetterRow Row(RecordBatch batch, int row, bool withRaw) => new(
        new EventPosition(((Int32Array)batch.Column(0)).GetValue(row) ?? 0, ((Int64Array)batch.Column(1)).GetValue(row) ?? 0),
        ((Int64Array)batch.Column(2)).GetValue(row) ?? 0,
        ((StringArray)batch.Column(3)).GetString(row),
        ((StringArray)batch.Column(4)).GetString(row),
        ((StringArray)batch.Column(5)).GetString(row),
        withRaw && !batch.Column(6).IsNull(row) ? ((BinaryArray)batch.Column(6)).GetBytes(row).ToArray() : null);
}
