using LogPipeline.Core.Ingest.Columns;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>One spelling for each level.</summary>
/// <remarks>
/// Upper case; <c>warning</c> is WARN, <c>information</c> and <c>notice</c> are INFO, <c>err</c> and <c>severe</c> are ERROR,
/// <c>critical</c>, <c>crit</c>, <c>emerg</c>, <c>emergency</c>, <c>alert</c> and <c>panic</c> are FATAL, <c>verbose</c> is TRACE. Other names are kept in upper case.
/// </remarks>
internal static class Levels
{
    public static void Set(ColumnBuffer column, int row, ReadOnlySpan<byte> value)
    {
        var name = value.Length > 16 ? default : Known(value);
        if (!name.IsEmpty)
        {
            column.SetText(row, name);
            return;
        }

        var room = column.Reserve(row, value.Length);
        value.CopyTo(room);
        foreach (ref var one in room)
        {
            if (one is >= (byte)'a' and <= (byte)'z')
            {
                one -= 32;
            }
        }

        column.CommitText(row, value.Length);
    }

    private static ReadOnlySpan<byte> Known(ReadOnlySpan<byte> value)
    {
        Span<byte> upper = stackalloc byte[16];
        for (var index = 0; index < value.Length; index++)
        {
            upper[index] = value[index] is >= (byte)'a' and <= (byte)'z' ? (byte)(value[index] - 32) : value[index];
        }

        upper = upper[..value.Length];
        return upper switch
        {
            _ when upper.SequenceEqual("INFO"u8) || upper.SequenceEqual("INFORMATION"u8) || upper.SequenceEqual("NOTICE"u8) => "INFO"u8,
            _ when upper.SequenceEqual("WARN"u8) || upper.SequenceEqual("WARNING"u8) => "WARN"u8,
            _ when upper.SequenceEqual("ERROR"u8) || upper.SequenceEqual("ERR"u8) || upper.SequenceEqual("SEVERE"u8) => "ERROR"u8,
            _ when upper.SequenceEqual("TRACE"u8) || upper.SequenceEqual("VERBOSE"u8) => "TRACE"u8,
            _ when upper.SequenceEqual("FATAL"u8) || upper.SequenceEqual("CRITICAL"u8) || upper.SequenceEqual("CRIT"u8)
                || upper.SequenceEqual("EMERG"u8) || upper.SequenceEqual("EMERGENCY"u8) || upper.SequenceEqual("ALERT"u8) || upper.SequenceEqual("PANIC"u8) => "FATAL"u8,
            _ => default,
        };
    }
}
