using System.Collections.Frozen;
using System.IO.Hashing;
using System.Text;
using Apache.Arrow.Types;
using LogPipeline.Core.Types;
using ArrowField = Apache.Arrow.Field;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Streams;

/// <summary>One field that events of a stream may carry, and the column that stores it.</summary>
/// <param name="Name">Name of the field in JSON and of the column.</param>
/// <param name="Type">One of string, int, bigint, double, boolean and timestamp.</param>
/// <param name="Required">Whether every stored event has it.</param>
/// <param name="Comment">What the field means.</param>
public sealed record StreamColumn(string Name, PrimitiveType Type, bool Required, string? Comment);

/// <summary>The fields of a stream's events: from the Avro schema come the Arrow, the Delta and the Spark schema.</summary>
public sealed class StreamSchema
{
    /// <summary>The column of every field of an event that has no column of its own: map&lt;string,string&gt;, last in <see cref="Arrow"/>.</summary>
    public const string AttributesColumn = "attributes";

    private readonly FrozenDictionary<string, int> indexes;

    /// <summary>Makes a schema of columns.</summary>
    /// <param name="name">Name of the schema, such as <c>web-log</c>.</param>
    /// <param name="columns">The columns without <see cref="AttributesColumn"/>.</param>
    public StreamSchema(string name, IReadOnlyList<StreamColumn> columns)
    {
        Name = name;
        Columns = columns;
        indexes = columns.Select((column, index) => (column.Name, index)).ToFrozenDictionary(pair => pair.Name, pair => pair.index, StringComparer.Ordinal);
        Arrow = new ArrowSchema(
            [.. columns.Select(column => new ArrowField(column.Name, ArrowTypeOf(column.Type), nullable: !column.Required)),
             new ArrowField(AttributesColumn, new Apache.Arrow.Types.MapType(StringType.Default, StringType.Default), nullable: true)],
            metadata: null);
        Fingerprint = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(
            string.Join('\n', columns.Select(column => $"{column.Name} {column.Type.Name} {column.Required}"))));
    }

    /// <summary>Name of the schema, such as <c>web-log</c>.</summary>
    public string Name { get; }

    /// <summary>The columns in order, without <see cref="AttributesColumn"/>.</summary>
    public IReadOnlyList<StreamColumn> Columns { get; }

    /// <summary>Schema of the RecordBatches that flow: <see cref="Columns"/>, then <see cref="AttributesColumn"/>. Timestamps are microseconds in UTC.</summary>
    public ArrowSchema Arrow { get; }

    /// <summary>Equal for equal names, types and order; kept with stored batches.</summary>
    public ulong Fingerprint { get; }

    /// <summary>The index of a column by its exact name, or -1.</summary>
    public int IndexOf(string column) => indexes.TryGetValue(column, out var index) ? index : -1;

    private static IArrowType ArrowTypeOf(PrimitiveType type) => type.Name switch
    {
        "string" => StringType.Default,
        "int" => Int32Type.Default,
        "bigint" => Int64Type.Default,
        "double" => DoubleType.Default,
        "boolean" => BooleanType.Default,
        "timestamp" => new TimestampType(TimeUnit.Microsecond, "UTC"),
        _ => throw new ArgumentException($"A stream column cannot be of type {type.Name}", nameof(type)),
    };
}
