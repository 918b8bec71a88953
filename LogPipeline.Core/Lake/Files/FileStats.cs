using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using ParquetSharp;
using ArrowField = Apache.Arrow.Field;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Lake.Files;

/// <summary>The <c>stats</c> of one data file: rows, and per column smallest, greatest and number of nulls.</summary>
/// <remarks>
/// Sample: <c>{"numRecords":2,"minValues":{"status":200},"maxValues":{"status":404},"nullCount":{"status":0}}</c>.
/// Smallest and greatest come from the Parquet footer; what the footer cannot say (NaN, nulls of maps) is observed while writing.
/// A column that has no certain bound has none here: readers then read the file.
/// </remarks>
internal sealed class FileStats(ArrowSchema schema)
{
    /// <summary>Columns beyond this many have no statistics.</summary>
    public const int MaxColumns = 32;

    /// <summary>Strings are cut to this many characters.</summary>
    public const int MaxCharacters = 32;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly long[] nulls = new long[schema.FieldsList.Count];
    private readonly bool[] hasNaN = new bool[schema.FieldsList.Count];

    public long Rows { get; private set; }

    /// <summary>Takes note of rows that are being written.</summary>
    public void Observe(RecordBatch batch)
    {
        Rows += batch.Length;
        for (var column = 0; column < batch.ColumnCount; column++)
        {
            var array = batch.Column(column);
            nulls[column] += array.NullCount;
            hasNaN[column] |= array switch
            {
                DoubleArray doubles => ContainsNaN(doubles.Values),
                FloatArray floats => ContainsNaN(floats.Values),
                _ => false,
            };
        }
    }

    /// <summary>The statistics, once the file is closed.</summary>
    public string ToJson(ParquetFileReader file)
    {
        using var footer = file.FileMetaData;
        var leaves = LeavesOf(footer);
        var minimums = new ArrayBufferWriter<byte>();
        var maximums = new ArrayBufferWriter<byte>();
        using var min = new Utf8JsonWriter(minimums, Options);
        using var max = new Utf8JsonWriter(maximums, Options);
        min.WriteStartObject();
        max.WriteStartObject();
        var columns = Math.Min(schema.FieldsList.Count, MaxColumns);
        for (var column = 0; column < columns; column++)
        {
            var field = schema.FieldsList[column];
            if (!hasNaN[column] && nulls[column] < Rows && leaves.TryGetValue(field.Name, out var leaf))
            {
                WriteBounds(file, footer.NumRowGroups, leaf, field, min, max);
            }
        }

        min.WriteEndObject();
        max.WriteEndObject();
        min.Flush();
        max.Flush();

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("numRecords", Rows);
            json.WritePropertyName("minValues");
            json.WriteRawValue(minimums.WrittenSpan);
            json.WritePropertyName("maxValues");
            json.WriteRawValue(maximums.WrittenSpan);
            json.WriteStartObject("nullCount");
            for (var column = 0; column < columns; column++)
            {
                json.WriteNumber(schema.FieldsList[column].Name, nulls[column]);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>A string cut for <c>minValues</c>: not greater than the whole one.</summary>
    internal static string TruncateMin(string text) => text.Length <= MaxCharacters ? text : text[..PrefixLength(text)];

    /// <summary>A string cut for <c>maxValues</c>: not smaller than the whole one in the order of its UTF-8 bytes; null when no such string is short.</summary>
    internal static string? TruncateMax(string text)
    {
        if (text.Length <= MaxCharacters)
        {
            return text;
        }

        var length = PrefixLength(text);
        var next = char.ConvertToUtf32(text, length);
        return next switch
        {
            < 0x7F => text[..length] + '\u007F',
            < 0x10FFFF => text[..length] + char.ConvertFromUtf32(0x10FFFF),
            _ => null,
        };
    }

    // Half of a surrogate pair is no character.
    private static int PrefixLength(string text) => char.IsHighSurrogate(text[MaxCharacters - 1]) ? MaxCharacters - 1 : MaxCharacters;

    private static Dictionary<string, int> LeavesOf(FileMetaData footer)
    {
        var leaves = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var column = 0; column < footer.NumColumns; column++)
        {
            using var path = footer.Schema.Column(column).Path;
            var names = path.ToDotVector();
            if (names.Length == 1)
            {
                leaves[names[0]] = column;
            }
        }

        return leaves;
    }

    private static void WriteBounds(ParquetFileReader file, int rowGroups, int leaf, ArrowField field, Utf8JsonWriter min, Utf8JsonWriter max)
    {
        switch (field.DataType)
        {
            case TimestampType:
                if (Bounds<long>(file, rowGroups, leaf) is { } instants)
                {
                    min.WriteString(field.Name, Instant(instants.Min));
                    max.WriteString(field.Name, Instant(instants.Max));
                }

                break;
            case Date32Type:
                if (Bounds<int>(file, rowGroups, leaf) is { } days)
                {
                    min.WriteString(field.Name, Day(days.Min));
                    max.WriteString(field.Name, Day(days.Max));
                }

                break;
            case Int64Type:
                if (Bounds<long>(file, rowGroups, leaf) is { } longs)
                {
                    min.WriteNumber(field.Name, longs.Min);
                    max.WriteNumber(field.Name, longs.Max);
                }

                break;
            case Int32Type or Int16Type or Int8Type:
                if (Bounds<int>(file, rowGroups, leaf) is { } integers)
                {
                    min.WriteNumber(field.Name, integers.Min);
                    max.WriteNumber(field.Name, integers.Max);
                }

                break;
            case DoubleType:
                if (Bounds<double>(file, rowGroups, leaf) is { } doubles && double.IsFinite(doubles.Min) && double.IsFinite(doubles.Max))
                {
                    min.WriteNumber(field.Name, doubles.Min);
                    max.WriteNumber(field.Name, doubles.Max);
                }

                break;
            case FloatType:
                if (Bounds<float>(file, rowGroups, leaf) is { } floats && float.IsFinite(floats.Min) && float.IsFinite(floats.Max))
                {
                    min.WriteNumber(field.Name, floats.Min);
                    max.WriteNumber(field.Name, floats.Max);
                }

                break;
            case StringType:
                if (TextBounds(file, rowGroups, leaf) is { } texts)
                {
                    min.WriteString(field.Name, TruncateMin(texts.Min));
                    if (TruncateMax(texts.Max) is { } greatest)
                    {
                        max.WriteString(field.Name, greatest);
                    }
                }

                break;
            default:
                break;
        }
    }

    private static (T Min, T Max)? Bounds<T>(ParquetFileReader file, int rowGroups, int leaf)
        where T : unmanaged, IComparable<T>
    {
        (T Min, T Max)? bounds = null;
        for (var group = 0; group < rowGroups; group++)
        {
            using var reader = file.RowGroup(group);
            using var chunk = reader.MetaData.GetColumnChunkMetaData(leaf);
            using var statistics = chunk.Statistics;
            if (statistics is Statistics<T> { HasMinMax: true } typed)
            {
                var (min, max) = (typed.Min, typed.Max);
                bounds = bounds is { } soFar
                    ? (min.CompareTo(soFar.Min) < 0 ? min : soFar.Min, max.CompareTo(soFar.Max) > 0 ? max : soFar.Max)
                    : (min, max);
            }
            else if (statistics is null || statistics.NullCount < reader.MetaData.NumRows)
            {
                return null;
            }
        }

        return bounds;
    }

    private static (string Min, string Max)? TextBounds(ParquetFileReader file, int rowGroups, int leaf)
    {
        byte[]? min = null;
        byte[]? max = null;
        for (var group = 0; group < rowGroups; group++)
        {
            using var reader = file.RowGroup(group);
            using var chunk = reader.MetaData.GetColumnChunkMetaData(leaf);
            using var statistics = chunk.Statistics;
            if (statistics is Statistics<ByteArray> { HasMinMax: true } typed)
            {
                var (smallest, greatest) = (Bytes(typed.Min), Bytes(typed.Max));
                min = min is null || smallest.AsSpan().SequenceCompareTo(min) < 0 ? smallest : min;
                max = max is null || greatest.AsSpan().SequenceCompareTo(max) > 0 ? greatest : max;
            }
            else if (statistics is null || statistics.NullCount < reader.MetaData.NumRows)
            {
                return null;
            }
        }

        return min is null || max is null ? null : (System.Text.Encoding.UTF8.GetString(min), System.Text.Encoding.UTF8.GetString(max));
    }

    private static unsafe byte[] Bytes(ByteArray value) => new ReadOnlySpan<byte>((void*)value.Pointer, value.Length).ToArray();

    private static string Instant(long micros) =>
        DateTime.UnixEpoch.AddMilliseconds(FloorDivide(micros, 1000)).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Day(int days) => DateTime.UnixEpoch.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static long FloorDivide(long value, long by) => value / by - (value % by < 0 ? 1 : 0);

    private static bool ContainsNaN(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool ContainsNaN(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (float.IsNaN(value))
            {
                return true;
            }
        }

        return false;
    }
}
