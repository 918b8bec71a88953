using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Plan;

/// <summary>A column of a relation; its identity is the number, names may repeat.</summary>
internal sealed class Column(int id, string name, DataType type)
{
    public int Id { get; } = id;

    public string Name { get; } = name;

    public DataType Type { get; } = type;

    public override string ToString() => $"{Name}#{Id}";
}

/// <summary>A column and how it is computed.</summary>
internal sealed record ComputedColumn(Column Column, TypedExpression Expression);
