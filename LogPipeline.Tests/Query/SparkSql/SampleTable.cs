using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.SparkSql;
using LogPipeline.Core.Types;

namespace LogPipeline.Tests.Query.SparkSql;

/// <summary>The table of <c>data/spark-sql</c> without its rows, and analysis over it.</summary>
internal static class SampleTable
{
    public static StructType Schema { get; } = new(
    [
        new("id", DataTypes.Long), new("timestamp", DataTypes.Timestamp), new("date", DataTypes.Date), new("level", DataTypes.String), new("source", DataTypes.String),
        new("endpoint", DataTypes.String), new("method", DataTypes.String), new("status", DataTypes.Integer), new("response_time", DataTypes.Double),
        new("user_id", DataTypes.String), new("session_id", DataTypes.String), new("ip", DataTypes.String), new("user_agent", DataTypes.String),
        new("referrer", DataTypes.String), new("bytes", DataTypes.Long), new("message", DataTypes.String), new("tags", new ArrayType(DataTypes.String)),
        new("attributes", new MapType(DataTypes.String, DataTypes.String)),
        new("geo", new StructType([new("country", DataTypes.String), new("lat", DataTypes.Double)])), new("cost", new DecimalType(10, 3)),
    ]);

    public static IReadOnlyDictionary<string, StructType> Catalog { get; } = new Dictionary<string, StructType> { ["logs"] = Schema };

    public static TypedStatement Analyze(string sql)
    {
        var statement = SparkSqlFrontEnd.Parse(sql);
        var snapshot = new TableSnapshot("logs", "/none", 0, DateTimeOffset.UnixEpoch, Schema, [], []);
        var tables = statement.Tables.Where(name => name.Equals("delta_lake.logs", StringComparison.OrdinalIgnoreCase)).ToDictionary(name => name, _ => snapshot);
        return SparkSqlFrontEnd.Analyze(statement, tables, new AnalysisContext(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), ["logs"]));
    }

    /// <summary>Name and type of the only column.</summary>
    public static string Column(string expression)
    {
        var column = Analyze($"SELECT {expression} FROM delta_lake.logs").Columns.Single();
        return $"{column.Name}: {column.Type}";
    }

    public static QueryException Error(string sql)
    {
        try
        {
            Analyze(sql);
        }
        catch (QueryException failure)
        {
            return failure;
        }

        throw new InvalidOperationException($"No error: {sql}");
    }
}
