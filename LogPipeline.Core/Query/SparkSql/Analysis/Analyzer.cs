using LogPipeline.Core.Lake;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Core.Query.SparkSql.Values;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>Resolves one statement: names in Spark's order, types by Spark's rules, aggregates, subqueries.</summary>
internal sealed partial class Analyzer(string sql, IReadOnlyDictionary<string, TableSnapshot> tables, AnalysisContext context)
{
    private readonly List<CommonTable> _commonTables = [];
    private readonly List<TableSnapshot> _snapshots = [];
    private int _nextId;

    /// <summary>The statement's moment in microseconds.</summary>
    public long NowMicros { get; } = (context.Now.UtcTicks - DateTime.UnixEpoch.Ticks) / 10;

    public TypedStatement Analyze(StatementNode root)
    {
        var (plan, names) = root switch
        {
            QueryStatement query => TopQuery(query.Query),
            ExplainStatement explain => Explain(explain),
            _ => Command(root),
        };
        var columns = plan.Columns.Select((column, index) => new QueryColumn(names[index], column.Type)).ToList();
        return new TypedStatement(plan, columns, _commonTables, _snapshots);
    }

    public Column NewColumn(string name, DataType type) => new(++_nextId, name, type);

    public int NewId() => ++_nextId;

    public QueryException Error(Span span, string errorClass, string? sqlState, string message, IReadOnlyList<string>? suggestions = null) =>
        SqlError.At(sql, span, errorClass, sqlState, message, suggestions);

    public QueryException Mismatch(Span span, string kind, string pretty, string message) =>
        Error(span, "DATATYPE_MISMATCH." + kind, "42K09", $"Cannot resolve \"{pretty}\" due to data type mismatch: {message}.");

    public QueryException Unsupported(Span span, string what) => SqlError.Unsupported(sql, span, what);

    private (Relation Plan, IReadOnlyList<string> Names) TopQuery(QueryNode query)
    {
        var plan = Query(query, null, []);
        return (plan, [.. plan.Columns.Select(column => column.Name)]);
    }

    private (Relation Plan, IReadOnlyList<string> Names) Explain(ExplainStatement explain)
    {
        var plan = Query(explain.Query, null, []);
        var lines = new List<string> { "== Analyzed Plan of the embedded engine ==" };
        lines.Add(string.Join(", ", plan.Columns.Select(column => $"{column.Name}: {column.Type.SimpleString}")));
        PlanText.Write(plan, lines);
        return (Constant(["plan"], [[string.Join('\n', lines)]]), ["plan"]);
    }

    /// <summary>Rows of text, null or true and false.</summary>
    private ValuesRelation Constant(IReadOnlyList<string> names, IReadOnlyList<IReadOnlyList<object?>> rows, params IReadOnlyList<string> flags)
    {
        var columns = names.Select(name => NewColumn(name, flags.Contains(name) ? DataTypes.Boolean : DataTypes.String)).ToList();
        return new ValuesRelation(
            [.. rows.Select(row => row.Select((value, index) => (TypedExpression)new LiteralExpression(columns[index].Type, value)).ToList())],
            columns);
    }

    private TableSnapshot Table(TableNode table)
    {
        var found = tables.FirstOrDefault(pair => Scope.Same(pair.Key, table.Name)).Value;
        if (found is not null && table.Parts.Count <= 3)
        {
            if (!_snapshots.Contains(found))
            {
                _snapshots.Add(found);
            }

            return found;
        }

        var quoted = string.Join('.', table.Parts.Select(part => $"`{part}`"));
        if (table.Parts is [var format, _] && format.ToUpperInvariant() is "PARQUET" or "DELTA" or "CSV" or "JSON" or "ORC" or "TEXT" or "AVRO")
        {
            throw Unsupported(table.Span, $"A file as a table ({quoted})");
        }

        var suggestions = Similar.Names(table.Parts[^1], context.TableNames).Select(name => "delta_lake." + name).ToList();
        throw Error(table.Span, "TABLE_OR_VIEW_NOT_FOUND", "42P01", $"The table or view {quoted} cannot be found. Verify the spelling and correctness of the schema and catalog.{(suggestions.Count > 0 ? $" Did you mean {string.Join(", ", suggestions.Take(3).Select(name => $"`{name}`"))}?" : "")}", suggestions);
    }

    private (Relation Plan, IReadOnlyList<string> Names) Command(StatementNode root)
    {
        switch (root)
        {
            case ShowTablesStatement show:
                return Rows(ShowTables(show), ["namespace", "tableName", "isTemporary"], "isTemporary");
            case ShowSchemasStatement show:
                return Rows(Matching(["default", "delta_lake"], show.Pattern).Select(name => (IReadOnlyList<object?>)[name]), ["namespace"]);
            case ShowCatalogsStatement show:
                return Rows(Matching(["spark_catalog"], show.Pattern).Select(name => (IReadOnlyList<object?>)[name]), ["catalog"]);
            case ShowColumnsStatement show:
                return Rows(Table(show.Table).Schema.Fields.Select(field => (IReadOnlyList<object?>)[field.Name]), ["col_name"]);
            case DescribeQueryStatement describe:
                var query = Query(describe.Query, null, []);
                return Rows(query.Columns.Select(column => (IReadOnlyList<object?>)[column.Name, column.Type.SimpleString, null]), ["col_name", "data_type", "comment"]);
            case DescribeTableStatement { Column: null } describe:
                return Rows(DescribeTable(Table(describe.Table)), ["col_name", "data_type", "comment"]);
            case DescribeTableStatement describe:
                var snapshot = Table(describe.Table);
                var name = describe.Column!.Parts;
                var index = name.Count == 1 ? snapshot.Schema.IndexOf(name[0]) : -1;
                if (index < 0)
                {
                    throw Unresolved(describe.Column.Span, name, [.. snapshot.Schema.Fields.Select(field => field.Name)]);
                }

                var field = snapshot.Schema.Fields[index];
                return Rows([["col_name", field.Name], ["data_type", field.Type.SimpleString], ["comment", field.Comment ?? "NULL"]], ["info_name", "info_value"]);
            default:
                throw Unsupported(root.Span, "This statement");
        }

        (Relation, IReadOnlyList<string>) Rows(IEnumerable<IReadOnlyList<object?>> rows, IReadOnlyList<string> names, params IReadOnlyList<string> flags) =>
            (Constant(names, [.. rows], flags), names);
    }

    private static IEnumerable<IReadOnlyList<object?>> DescribeTable(TableSnapshot snapshot)
    {
        foreach (var field in snapshot.Schema.Fields)
        {
            yield return [field.Name, field.Type.SimpleString, field.Comment];
        }

        if (snapshot.PartitionColumns.Count > 0)
        {
            yield return ["# Partition Information", "", ""];
            yield return ["# col_name", "data_type", "comment"];
            foreach (var name in snapshot.PartitionColumns)
            {
                var index = snapshot.Schema.IndexOf(name);
                yield return [name, index < 0 ? "" : snapshot.Schema.Fields[index].Type.SimpleString, index < 0 ? null : snapshot.Schema.Fields[index].Comment];
            }
        }
    }

    private IEnumerable<IReadOnlyList<object?>> ShowTables(ShowTablesStatement show)
    {
        var schema = show.Schema ?? "default";
        var last = schema.Split('.')[^1];
        if (!Scope.Same(last, "delta_lake") && !Scope.Same(last, "default"))
        {
            throw Error(show.SchemaSpan, "SCHEMA_NOT_FOUND", "42704", $"The schema `spark_catalog`.`{last}` cannot be found. Verify the spelling and correctness of the schema and catalog.", ["delta_lake"]);
        }

        return Scope.Same(last, "default") ? [] : Matching(context.TableNames, show.Pattern).Select(name => (IReadOnlyList<object?>)["delta_lake", name, false]);
    }

    /// <summary>Names that match a pattern of SHOW: <c>*</c> stands for any text, <c>|</c> separates alternatives.</summary>
    private static IEnumerable<string> Matching(IEnumerable<string> names, string? pattern) =>
        pattern is null ? names : names.Where(name => pattern.Split('|').Any(one => NamePattern.Matches(name, one.Trim())));
}
