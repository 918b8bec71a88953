using System.Globalization;
using System.IO.Hashing;
using System.Text;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Live.Recent;

/// <summary>Makes rows for pages from columns.</summary>
internal sealed class RowReader(StreamSchema schema, ColumnPlaces places)
{
    private const int CacheSize = 1_024;
    private const int CachedLength = 128;
    private readonly CachedString?[] cache = new CachedString?[CacheSize];
    private readonly int[] others =
    [
        .. Enumerable.Range(0, schema.Columns.Count).Except(
            [places.Timestamp, places.Level, places.Source, places.Endpoint, places.Method, places.Status, places.ResponseTime, places.Message]),
    ];

    public LogRow Read(RingChunk chunk, int row) => new(
        chunk.Position(row),
        Timestamp(chunk, row),
        chunk.Received(row),
        Text(chunk, places.Level, row),
        Text(chunk, places.Source, row),
        Text(chunk, places.Endpoint, row),
        Text(chunk, places.Method, row),
        places.Status < 0 || chunk.Column(places.Status).IsNull(row) ? null : ((NumberChunk<int>)chunk.Column(places.Status))[row],
        ResponseTime(chunk, row),
        Text(chunk, places.Message, row))
    {
        Fields = Fields(chunk, row),
        Attributes = Attributes(chunk.Attributes, row),
    };

    public long Timestamp(RingChunk chunk, int row) =>
        places.Timestamp < 0 || chunk.Column(places.Timestamp).IsNull(row) ? chunk.Received(row) : ((NumberChunk<long>)chunk.Column(places.Timestamp))[row];

    public double? ResponseTime(RingChunk chunk, int row) =>
        places.ResponseTime < 0 || chunk.Column(places.ResponseTime).IsNull(row) ? null : ((NumberChunk<double>)chunk.Column(places.ResponseTime))[row];

    public string? Text(RingChunk chunk, int column, int row) =>
        column < 0 || chunk.Column(column).IsNull(row) ? null : StringOf(((StringChunk)chunk.Column(column))[row]);

    private List<KeyValuePair<string, string>> Fields(RingChunk chunk, int row)
    {
        var fields = new List<KeyValuePair<string, string>>();
        foreach (var index in others)
        {
            var column = chunk.Column(index);
            if (column.IsNull(row))
            {
                continue;
            }

            fields.Add(new(schema.Columns[index].Name, column switch
            {
                StringChunk strings => StringOf(strings[row]),
                NumberChunk<int> numbers => numbers[row].ToString(CultureInfo.InvariantCulture),
                NumberChunk<double> numbers => numbers[row].ToString(CultureInfo.InvariantCulture),
                BooleanChunk flags => flags[row] ? "true" : "false",
                NumberChunk<long> numbers when schema.Columns[index].Type.Name == "timestamp" =>
                    DateTimeOffset.UnixEpoch.AddTicks(numbers[row] * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
                _ => ((NumberChunk<long>)column)[row].ToString(CultureInfo.InvariantCulture),
            }));
        }

        return fields;
    }

    private KeyValuePair<string, string?>[] Attributes(MapChunk attributes, int row)
    {
        var count = attributes.Count(row);
        if (count == 0)
        {
            return [];
        }

        var pairs = new KeyValuePair<string, string?>[count];
        for (var entry = 0; entry < count; entry++)
        {
            pairs[entry] = new(StringOf(attributes.Key(row, entry)), attributes.IsValueNull(row, entry) ? null : StringOf(attributes.Value(row, entry)));
        }

        return pairs;
    }

    /// <summary>Values repeat: the string made last for a hash is given out again. Races only cost a string.</summary>
    private string StringOf(ReadOnlySpan<byte> value)
    {
        if (value.Length > CachedLength)
        {
            return Encoding.UTF8.GetString(value);
        }

        ref var place = ref cache[(int)(XxHash3.HashToUInt64(value) % CacheSize)];
        var cached = Volatile.Read(ref place);
        if (cached is null || !value.SequenceEqual(cached.Bytes))
        {
            cached = new CachedString(value.ToArray(), Encoding.UTF8.GetString(value));
            Volatile.Write(ref place, cached);
        }

        return cached.Text;
    }

    private sealed record CachedString(byte[] Bytes, string Text);
}
