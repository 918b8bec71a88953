using System.Globalization;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Delta;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Positions of one stream's event log in one table.</summary>
/// <remarks>
/// <c>logpipeline/&lt;stream&gt;/&lt;logId&gt;/&lt;partition&gt;</c> holds the last offset included. While rows of many dates are committed in
/// parts, two notes beside it say what is in beyond it: rows up to offset <c>…/until</c> whose day is at most <c>…/through</c>.
/// The notes stand as long as <c>until</c> is greater than the position. <c>…/empty</c> counts the offsets up to the position that carry
/// no record: those before the first one that was there, and Kafka's marks at the ends of transactions. A dense log has none.
/// </remarks>
internal sealed class StreamPositions(string stream, string logId)
{
    private const string EmptyNote = "/empty";
    private readonly Dictionary<int, long> stored = [];
    private readonly Dictionary<int, PartNote> notes = [];
    private readonly Dictionary<string, long> raw = new(StringComparer.Ordinal);

    /// <summary>What is in beyond the position.</summary>
    internal readonly record struct PartNote(long Until, int Through);

    /// <summary>Position of a partition, or null.</summary>
    public long? Of(int partition) => stored.TryGetValue(partition, out var offset) ? offset : null;

    public IEnumerable<int> Partitions => stored.Keys;

    /// <summary>Whether rows beyond a position are in, also beyond none.</summary>
    public bool IsHalfWay => notes.Count > 0;

    /// <summary>The first offset wanted of each partition that the table knows.</summary>
    public IReadOnlyList<EventPosition> Next => [.. stored.Select(one => new EventPosition(one.Key, one.Value + 1))];

    public string AppId(int partition) => StoredPositions.AppIdOf(stream, logId, partition);

    /// <summary>Reads the positions of a table, and which other logs of the stream it knows.</summary>
    public static StreamPositions Read(TableState state, string stream, string logId, out IReadOnlySet<string> otherLogs) =>
        Read(state.Txns.Select(txn => KeyValuePair.Create(txn.AppId, txn.Version)), stream, logId, out otherLogs);

    /// <summary>Reads the positions among a table's transactions, and which other logs of the stream it knows.</summary>
    public static StreamPositions Read(IEnumerable<KeyValuePair<string, long>> transactions, string stream, string logId, out IReadOnlySet<string> otherLogs)
    {
        var positions = new StreamPositions(stream, logId);
        var others = new HashSet<string>(StringComparer.Ordinal);
        var prefix = $"logpipeline/{stream}/";
        foreach (var (appId, version) in transactions)
        {
            if (!appId.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            var parts = appId[prefix.Length..].Split('/');
            if (parts is [var other, LogTurns.TurnNote or LogTurns.BaseNote] && other != logId)
            {
                others.Add(other);
                continue;
            }

            if (parts.Length < 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
            {
                continue;
            }

            if (parts[0] != logId)
            {
                others.Add(parts[0]);
                continue;
            }

            positions.raw[appId] = version;
            if (parts.Length == 2)
            {
                positions.stored[partition] = version;
            }
        }

        foreach (var (appId, until) in positions.raw)
        {
            var parts = appId[prefix.Length..].Split('/');
            if (parts is [_, var number, "until"] && positions.raw.TryGetValue(appId[..^"until".Length] + "through", out var through))
            {
                var partition = int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
                if (until > (positions.Of(partition) ?? -1))
                {
                    positions.notes[partition] = new PartNote(until, (int)through);
                }
            }
        }

        otherLogs = others;
        return positions;
    }

    /// <summary>What is in beyond the position of a partition, or null.</summary>
    public PartNote? NoteOf(int partition) => notes.TryGetValue(partition, out var note) ? note : null;

    /// <summary>Offsets up to the position of a partition that carry no record.</summary>
    public long EmptyOf(int partition) => Raw(AppId(partition) + EmptyNote) ?? 0;

    /// <summary>The move to a position, for a commit that holds every row up to it.</summary>
    public TxnMove MoveTo(int partition, long last) => new(AppId(partition), Of(partition), last);

    /// <summary>What a commit of rows up to some positions depends on and moves.</summary>
    /// <param name="last">The last offset included of each partition.</param>
    /// <param name="through">The last day that is in, while rows of later days are still to come; null when the commit is the last part.</param>
    /// <param name="records">Offsets of each partition that carry a record, or carried one that is lost, between the position and its new place; null when all do.</param>
    public List<TxnMove> Moves(IReadOnlyDictionary<int, long> last, int? through, IReadOnlyDictionary<int, long>? records = null)
    {
        var moves = new List<TxnMove>();
        foreach (var (partition, offset) in last)
        {
            var (until, day) = (AppId(partition) + "/until", AppId(partition) + "/through");
            moves.Add(through is null ? MoveTo(partition, offset) : new TxnMove(AppId(partition), Of(partition), null));
            moves.Add(new TxnMove(until, Raw(until), through is null ? null : offset) { IsNote = true });
            moves.Add(new TxnMove(day, Raw(day), through) { IsNote = true });
            if (through is null && records is not null && offset - (Of(partition) ?? -1) - records.GetValueOrDefault(partition) is > 0 and var empty)
            {
                var note = AppId(partition) + EmptyNote;
                moves.Add(new TxnMove(note, Raw(note), EmptyOf(partition) + empty) { IsNote = true });
            }
        }

        return moves;
    }

    /// <summary>Takes over what was committed.</summary>
    public void Committed(IEnumerable<TxnMove> moves, IEnumerable<(int Partition, long Last)> stands)
    {
        foreach (var move in moves)
        {
            if (move.Version is { } version)
            {
                raw[move.AppId] = version;
            }
        }

        foreach (var (partition, last) in stands)
        {
            stored[partition] = last;
            if (NoteOf(partition) is { } note && note.Until <= last)
            {
                notes.Remove(partition);
            }
        }
    }

    private long? Raw(string appId) => raw.TryGetValue(appId, out var version) ? version : null;
}
