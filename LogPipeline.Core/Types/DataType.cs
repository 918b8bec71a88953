using System.Globalization;

namespace LogPipeline.Core.Types;

/// <summary>A Spark SQL data type: what Delta schemas store and what queries are typed with.</summary>
/// <remarks>Source: Spark's <c>org.apache.spark.sql.types</c> and the Delta protocol's schema serialisation.</remarks>
public abstract record DataType
{
    /// <summary>The name Spark prints in schemas and errors, such as <c>decimal(10,2)</c> or <c>array&lt;string&gt;</c>.</summary>
    public abstract string SimpleString { get; }

    /// <inheritdoc/>
    public sealed override string ToString() => SimpleString;
}

/// <summary>A type without parameters.</summary>
/// <param name="Name">Spark's simple name, such as <c>bigint</c>.</param>
/// <param name="JsonName">The name in Delta's schema JSON, such as <c>long</c>.</param>
public sealed record PrimitiveType(string Name, string JsonName) : DataType
{
    /// <inheritdoc/>
    public override string SimpleString => Name;
}

/// <summary>An exact number.</summary>
/// <param name="Precision">All digits, 1 to 38.</param>
/// <param name="Scale">Digits after the point, 0 to <paramref name="Precision"/>.</param>
public sealed record DecimalType(int Precision, int Scale) : DataType
{
    /// <inheritdoc/>
    public override string SimpleString => string.Create(CultureInfo.InvariantCulture, $"decimal({Precision},{Scale})");
}

/// <summary>An interval of years and months, or of days and time, between two fields.</summary>
/// <param name="From">First field: YEAR, MONTH, DAY, HOUR, MINUTE or SECOND.</param>
/// <param name="To">Last field, equal to <paramref name="From"/> for a single one.</param>
public sealed record IntervalType(string From, string To) : DataType
{
    /// <summary>Whether the interval counts months; otherwise it counts microseconds.</summary>
    public bool IsYearMonth => From is "YEAR" or "MONTH";

    /// <inheritdoc/>
    public override string SimpleString => From == To
        ? "interval " + From.ToLowerInvariant()
        : $"interval {From.ToLowerInvariant()} to {To.ToLowerInvariant()}";
}

/// <summary>A list of values of one type.</summary>
/// <param name="Element">Type of each value.</param>
/// <param name="ContainsNull">Whether values may be null.</param>
public sealed record ArrayType(DataType Element, bool ContainsNull = true) : DataType
{
    /// <inheritdoc/>
    public override string SimpleString => $"array<{Element.SimpleString}>";
}

/// <summary>Keys with one value each.</summary>
/// <param name="Key">Type of the keys, which are never null.</param>
/// <param name="Value">Type of the values.</param>
/// <param name="ValueContainsNull">Whether values may be null.</param>
public sealed record MapType(DataType Key, DataType Value, bool ValueContainsNull = true) : DataType
{
    /// <inheritdoc/>
    public override string SimpleString => $"map<{Key.SimpleString},{Value.SimpleString}>";
}

/// <summary>One named field of a <see cref="StructType"/>, or one column of a table.</summary>
/// <param name="Name">Name, compared without regard to case.</param>
/// <param name="Type">Type of the values.</param>
/// <param name="Nullable">Whether values may be null.</param>
/// <param name="Comment">What the field means, or null.</param>
public sealed record StructField(string Name, DataType Type, bool Nullable = true, string? Comment = null);

/// <summary>Named fields in order; a table's schema is one.</summary>
/// <param name="Fields">The fields.</param>
public sealed record StructType(IReadOnlyList<StructField> Fields) : DataType
{
    /// <inheritdoc/>
    public override string SimpleString =>
        $"struct<{string.Join(',', Fields.Select(one => $"{one.Name}:{one.Type.SimpleString}"))}>";

    /// <summary>The index of a field by its name without regard to case, or -1.</summary>
    public int IndexOf(string name)
    {
        for (var index = 0; index < Fields.Count; index++)
        {
            if (string.Equals(Fields[index].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return index;
            }
        }

        return -1;
    }

    /// <inheritdoc/>
    public bool Equals(StructType? other) => other is not null && Fields.SequenceEqual(other.Fields);

    /// <inheritdoc/>
    public override int GetHashCode() => Fields.Aggregate(Fields.Count, HashCode.Combine);
}

/// <summary>The types without parameters.</summary>
public static class DataTypes
{
    /// <summary>True or false.</summary>
    public static readonly PrimitiveType Boolean = new("boolean", "boolean");

    /// <summary>8-bit integer.</summary>
    public static readonly PrimitiveType Byte = new("tinyint", "byte");

    /// <summary>16-bit integer.</summary>
    public static readonly PrimitiveType Short = new("smallint", "short");

    /// <summary>32-bit integer.</summary>
    public static readonly PrimitiveType Integer = new("int", "integer");

    /// <summary>64-bit integer.</summary>
    public static readonly PrimitiveType Long = new("bigint", "long");

    /// <summary>32-bit floating point.</summary>
    public static readonly PrimitiveType Float = new("float", "float");

    /// <summary>64-bit floating point.</summary>
    public static readonly PrimitiveType Double = new("double", "double");

    /// <summary>UTF-8 text.</summary>
    public static readonly PrimitiveType String = new("string", "string");

    /// <summary>Bytes.</summary>
    public static readonly PrimitiveType Binary = new("binary", "binary");

    /// <summary>A day.</summary>
    public static readonly PrimitiveType Date = new("date", "date");

    /// <summary>An instant in microseconds.</summary>
    public static readonly PrimitiveType Timestamp = new("timestamp", "timestamp");

    /// <summary>A wall-clock time in microseconds, in no zone.</summary>
    public static readonly PrimitiveType TimestampNtz = new("timestamp_ntz", "timestamp_ntz");

    /// <summary>The type of a bare NULL.</summary>
    public static readonly PrimitiveType Null = new("void", "void");

    /// <summary>A calendar interval of months, days and microseconds.</summary>
    public static readonly PrimitiveType CalendarInterval = new("interval", "interval");

    /// <summary>Every type without parameters.</summary>
    public static readonly IReadOnlyList<PrimitiveType> All =
        [Boolean, Byte, Short, Integer, Long, Float, Double, String, Binary, Date, Timestamp, TimestampNtz, Null, CalendarInterval];
}
