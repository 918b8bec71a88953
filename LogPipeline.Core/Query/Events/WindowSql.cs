using System.Globalization;
using System.Text;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query.Values;
using LogPipeline.Core.Streams;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.Events;

/// <summary>Writes the statement that reads a window of offsets.</summary>
/// <remarks>
/// What it leaves out never passes the filter; what it reads need not. For <c>level = error</c>:
/// <c>SELECT `timestamp`, …, attributes, event_offset, received_at FROM delta_lake.`logs` WHERE event_partition = 0 AND event_offset &gt;= 0
/// AND event_offset &lt; 4096 AND upper(`level`) IN ('ERROR') ORDER BY event_offset DESC LIMIT 20000</c>.
/// </remarks>
internal static class WindowSql
{
    public static string Write(StreamSchema schema, TableSnapshot table, int partition, long from, long to, EventFilter filter, int limit)
    {
        var sql = new StringBuilder("SELECT ");
        foreach (var column in schema.Columns)
        {
            sql.Append(Select(table, column.Name, column.Type.SimpleString)).Append(", ");
        }

        sql.Append(Select(table, StreamSchema.AttributesColumn, "map<string,string>"));
        sql.Append(CultureInfo.InvariantCulture, $", event_offset, received_at FROM delta_lake.`{table.Name}` WHERE event_partition = {partition} AND event_offset >= {from} AND event_offset < {to}");
        foreach (var terms in filter.Terms.GroupBy(term => term.Field))
        {
            if (Narrow(schema, terms.Key, [.. terms]) is { } condition && table.Schema.IndexOf(terms.Key == "status_class" ? "status" : terms.Key) >= 0)
            {
                sql.Append(" AND ").Append(condition);
            }
        }

        return sql.Append(CultureInfo.InvariantCulture, $" ORDER BY event_offset DESC LIMIT {limit}").ToString();
    }

    private static string Select(TableSnapshot table, string column, string type) =>
        table.Schema.IndexOf(column) >= 0 ? $"`{column}`" : $"CAST(NULL AS {type}) AS `{column}`";

    private static string? Narrow(StreamSchema schema, string field, IReadOnlyList<FilterTerm> terms)
    {
        string[] wanted = [.. terms.Where(term => !term.Exclude).Select(term => term.Value)];
        if (wanted.Length == 0 || wanted.Contains(""))
        {
            return null;
        }

        if (field == "status_class")
        {
            return wanted.All(value => value is [>= '1' and <= '5', 'x' or 'X', 'x' or 'X'])
                ? $"({string.Join(" OR ", wanted.Select(value => $"(`status` >= {value[0]}00 AND `status` <= {value[0]}99)"))})"
                : null;
        }

        var index = schema.IndexOf(field);
        if (index < 0)
        {
            return null;
        }

        var type = schema.Columns[index].Type;
        if (type == DataTypes.Integer)
        {
            return wanted.All(value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _)) ? $"`{field}` IN ({string.Join(", ", wanted)})" : null;
        }

        if (type != DataTypes.String)
        {
            return null;
        }

        // Level and method are compared without regard to case.
        return field is not ("level" or "method") ? $"`{field}` IN ({string.Join(", ", wanted.Select(TextLiteral.Of))})"
            : wanted.All(value => Ascii.IsValid(value)) ? $"upper(`{field}`) IN ({string.Join(", ", wanted.Select(value => TextLiteral.Of(value.ToUpperInvariant())))})"
            : null;
    }
}
