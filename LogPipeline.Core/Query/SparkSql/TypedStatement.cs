using LogPipeline.Core.Lake;
using LogPipeline.Core.Query.SparkSql.Plan;

namespace LogPipeline.Core.Query.SparkSql;

/// <summary>A statement with every name and type resolved.</summary>
public sealed class TypedStatement
{
    internal TypedStatement(Relation plan, IReadOnlyList<QueryColumn> columns, IReadOnlyList<CommonTable> commonTables, IReadOnlyList<TableSnapshot> snapshots)
    {
        Plan = plan;
        Columns = columns;
        CommonTables = commonTables;
        Snapshots = snapshots;
    }

    /// <summary>Names and Spark types of the result.</summary>
    public IReadOnlyList<QueryColumn> Columns { get; }

    /// <summary>The snapshots that it reads, each once.</summary>
    public IReadOnlyList<TableSnapshot> Snapshots { get; }

    internal Relation Plan { get; }

    internal IReadOnlyList<CommonTable> CommonTables { get; }
}
