using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LogPipeline.Core.Ingest.Columns;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Reads events as producers mostly write them: one flat object, texts without escapes, numbers of at most 15 digits without an exponent.</summary>
/// <remarks>
/// Several times as fast as a general reader, because it knows what to expect next. Whatever is not plain, wrong or does
/// not fit its column is left to <see cref="JsonEventFormat"/>, which reads the record again from its start and finds the words
/// for what is wrong; so this must only never take what that refuses, nor take it differently. The record is UTF-8.
/// </remarks>
internal sealed class PlainJsonReader(StreamSchema schema, FieldMatcher fields, int levelColumn, IngestOptions options)
{
    private readonly ColumnKind[] kinds = [.. schema.Columns.Select(column => ColumnBuffer.KindOf(column.Type))];

    /// <summary>Sets the columns of the current row. False when the record is not plain; some columns may be set then.</summary>
    // Compiled in full at once: a large part of an import would be over before the runtime had replaced a first version.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryRead(ReadOnlySpan<byte> record, BatchBuilder row)
    {
        var at = 0;
        if (!TryTake(record, ref at, (byte)'{'))
        {
            return false;
        }

        for (var ordinal = 0; ; ordinal++)
        {
            SkipSpaces(record, ref at);
            if (!TryTake(record, ref at, (byte)'"'))
            {
                return false;
            }

            var nameStart = at;
            var column = fields.Predict(record, at, ordinal, out var nameLength);
            if (column < 0)
            {
                nameLength = TextEnd(record, at) - at;
                if (nameLength <= 0)
                {
                    return false;
                }

                column = fields.Match(record.Slice(at, nameLength), ordinal);
            }

            at += nameLength + 1;
            SkipSpaces(record, ref at);
            if (!TryTake(record, ref at, (byte)':'))
            {
                return false;
            }

            SkipSpaces(record, ref at);
            if ((uint)at >= (uint)record.Length)
            {
                return false;
            }

            var taken = record[at] switch
            {
                (byte)'"' => TryText(record, ref at, column, record.Slice(nameStart, nameLength), row),
                (byte)'-' or (>= (byte)'0' and <= (byte)'9') => TryNumber(record, ref at, column, record.Slice(nameStart, nameLength), row),
                _ => TryWord(record, ref at, column, record.Slice(nameStart, nameLength), row),
            };
            if (!taken)
            {
                return false;
            }

            SkipSpaces(record, ref at);
            if (!TryTake(record, ref at, (byte)','))
            {
                return TryTake(record, ref at, (byte)'}') && at == record.Length;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryTake(ReadOnlySpan<byte> record, ref int at, byte wanted)
    {
        if ((uint)at >= (uint)record.Length || record[at] != wanted)
        {
            return false;
        }

        at++;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SkipSpaces(ReadOnlySpan<byte> record, ref int at)
    {
        while ((uint)at < (uint)record.Length && record[at] == ' ')
        {
            at++;
        }
    }

    /// <summary>Where the quote stands that ends a text; negative when the text has an escape or a control character, or does not end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int TextEnd(ReadOnlySpan<byte> record, int at)
    {
        ref var first = ref MemoryMarshal.GetReference(record);
        for (; at + Vector256<byte>.Count <= record.Length; at += Vector256<byte>.Count)
        {
            var bytes = Vector256.LoadUnsafe(ref first, (nuint)at);
            var special = Vector256.Equals(bytes, Vector256.Create((byte)'"'))
                | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))
                | Vector256.Equals(Vector256.Min(bytes, Vector256.Create((byte)0x1F)), bytes);
            var bits = special.ExtractMostSignificantBits();
            if (bits != 0)
            {
                at += int.TrailingZeroCount((int)bits);
                return record[at] == (byte)'"' ? at : -1;
            }
        }

        for (; (uint)at < (uint)record.Length; at++)
        {
            if (record[at] is (byte)'"')
            {
                return at;
            }

            if (record[at] is (byte)'\\' or < 0x20)
            {
                break;
            }
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryText(ReadOnlySpan<byte> record, ref int at, int column, ReadOnlySpan<byte> name, BatchBuilder row)
    {
        var start = at + 1;
        var length = TextEnd(record, start) - start;
        if (length < 0)
        {
            return false;
        }

        at = start + length + 1;
        if (column < 0)
        {
            row.AddAttribute(name, record.Slice(start, length));
            return true;
        }

        var target = row[column];
        if (kinds[column] == ColumnKind.Text && length <= options.MaxFieldBytes)
        {
            if (column == levelColumn)
            {
                Levels.Set(target, row.Rows, record.Slice(start, length));
            }
            else
            {
                target.SetText(row.Rows, record, start, length);
            }

            return true;
        }

        return kinds[column] == ColumnKind.Timestamp && Timestamps.TryRfc3339(record.Slice(start, length), out var micros) && TryTime(micros, target, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryNumber(ReadOnlySpan<byte> record, ref int at, int column, ReadOnlySpan<byte> name, BatchBuilder row)
    {
        var start = at;
        var negative = record[at] == '-';
        var first = negative ? at + 1 : at;
        long digits = 0;
        at = Digits(record, first, ref digits);
        var count = at - first;
        var decimals = 0;
        if (count == 0 || (count > 1 && record[first] == '0'))
        {
            return false;
        }

        if ((uint)at < (uint)record.Length && record[at] == '.')
        {
            var point = at;
            at = Digits(record, point + 1, ref digits);
            decimals = at - point - 1;
            if (decimals == 0)
            {
                return false;
            }
        }

        // More digits may have overflowed, too.
        if (count + decimals > Numbers.ExactDigits)
        {
            return false;
        }

        if (column < 0)
        {
            row.AddAttribute(name, record[start..at]);
            return true;
        }

        var value = negative ? -digits : digits;
        var target = row[column];
        switch (kinds[column])
        {
            case ColumnKind.Double:
                var real = Numbers.Exact(digits, decimals);
                target.SetDouble(row.Rows, negative ? -real : real);
                return true;
            case ColumnKind.Int32 when decimals == 0 && value == (int)value:
                target.SetInt32(row.Rows, (int)value);
                return true;
            case ColumnKind.Int64 when decimals == 0:
                target.SetInt64(row.Rows, value);
                return true;
            case ColumnKind.Timestamp when decimals == 0:
                return TryTime(value * 1000, target, row);
            case ColumnKind.Text when at - start <= options.MaxFieldBytes:
                target.SetText(row.Rows, record, start, at - start);
                return true;
            default:
                return false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Digits(ReadOnlySpan<byte> record, int at, ref long digits)
    {
        for (; (uint)at < (uint)record.Length; at++)
        {
            var digit = (uint)(record[at] - '0');
            if (digit > 9)
            {
                break;
            }

            digits = (digits * 10) + digit;
        }

        return at;
    }

    private bool TryTime(long micros, ColumnBuffer target, BatchBuilder row)
    {
        if (!Problems.TimeFits(micros, row.ReceivedAtMicros, options.MaxAhead, out _))
        {
            return false;
        }

        target.SetInt64(row.Rows, micros);
        return true;
    }

    // true, false and null
    private bool TryWord(ReadOnlySpan<byte> record, ref int at, int column, ReadOnlySpan<byte> name, BatchBuilder row)
    {
        var rest = record[at..];
        var length = rest.StartsWith("true"u8) || rest.StartsWith("null"u8) ? 4 : rest.StartsWith("false"u8) ? 5 : 0;
        at += length;
        switch ((char)rest[0])
        {
            case 'n' when length > 0 && column < 0:
                row.RemoveAttribute(name);
                return true;
            case 'n' when length > 0:
                row[column].Unset(row.Rows);
                return true;
            case 't' or 'f' when length > 0 && column < 0:
                row.AddAttribute(name, rest[..length]);
                return true;
            case 't' or 'f' when length > 0 && kinds[column] == ColumnKind.Boolean:
                row[column].SetBoolean(row.Rows, length == 4);
                return true;
            default:
                return false;
        }
    }
}
