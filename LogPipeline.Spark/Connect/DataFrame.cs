using System.Runtime.CompilerServices;
using Apache.Arrow;
using LogPipeline.Spark.Connect.Protocol;

namespace LogPipeline.Spark.Connect;

/// <summary>
/// A query that has not run: each method but the asynchronous ones only describes. Expressions are those of Spark SQL, as text.
/// </summary>
public sealed class DataFrame
{
    internal DataFrame(SparkSession session, Relation relation)
    {
        Session = session;
        Relation = relation;
    }

    /// <summary>The session it runs in.</summary>
    public SparkSession Session { get; }

    /// <summary>Writes its rows.</summary>
    public DataFrameWriter Write => new(this);

    /// <summary>Writes it as a stream.</summary>
    public DataStreamWriter WriteStream => new(this);

    internal Relation Relation { get; }

    private Plan Plan => new() { Root = Relation };

    /// <summary>The given columns.</summary>
    public DataFrame Select(params IEnumerable<string> columns)
    {
        var project = new Project { Input = Relation };
        project.Expressions.AddRange(columns.Select(column => new Expression { UnresolvedAttribute = new Expression.Types.UnresolvedAttribute { UnparsedIdentifier = column } }));
        return With(new Relation { Project = project });
    }

    /// <summary>The given expressions, such as <c>"bytes / 1024 AS kilobytes"</c>.</summary>
    public DataFrame SelectExpr(params IEnumerable<string> expressions)
    {
        var project = new Project { Input = Relation };
        project.Expressions.AddRange(expressions.Select(Expr));
        return With(new Relation { Project = project });
    }

    /// <summary>The rows for which a condition is true.</summary>
    public DataFrame Where(string condition) =>
        With(new Relation { Filter = new Filter { Input = Relation, Condition = Expr(condition) } });

    /// <summary>As <see cref="Where"/>.</summary>
    public DataFrame Filter(string condition) => Where(condition);

    /// <summary>At most so many rows.</summary>
    public DataFrame Limit(int rows) => With(new Relation { Limit = new Limit { Input = Relation, Limit_ = rows } });

    /// <summary>All columns and one more, or one replaced.</summary>
    public DataFrame WithColumn(string name, string expression)
    {
        var columns = new WithColumns { Input = Relation };
        var alias = new Expression.Types.Alias { Expr = Expr(expression) };
        alias.Name.Add(name);
        columns.Aliases.Add(alias);
        return With(new Relation { WithColumns = columns });
    }

    /// <summary>Groups by expressions; <see cref="GroupedData.Agg"/> follows.</summary>
    public GroupedData GroupBy(params IEnumerable<string> expressions) => new(this, [.. expressions.Select(Expr)]);

    /// <summary>Drops state, and refuses rows, that are older than the newest event time by more than a delay such as <c>"10 minutes"</c>.</summary>
    public DataFrame WithWatermark(string eventTime, string delayThreshold) => With(new Relation
    {
        WithWatermark = new WithWatermark { Input = Relation, EventTime = eventTime, DelayThreshold = delayThreshold },
    });

    /// <summary>The columns.</summary>
    /// <exception cref="SparkException">The query is wrong.</exception>
    public async Task<StructType> SchemaAsync(CancellationToken cancellationToken = default)
    {
        var request = new AnalyzePlanRequest { Schema = new AnalyzePlanRequest.Types.Schema { Plan = Plan } };
        var response = await Session.Client.AnalyzeAsync(Session.Handle, request, cancellationToken);
        return StructType.Of(response.Schema.Schema_);
    }

    /// <summary>Whether it reads a stream, and so runs only through <see cref="WriteStream"/>.</summary>
    public async Task<bool> IsStreamingAsync(CancellationToken cancellationToken = default)
    {
        var request = new AnalyzePlanRequest { IsStreaming = new AnalyzePlanRequest.Types.IsStreaming { Plan = Plan } };
        var response = await Session.Client.AnalyzeAsync(Session.Handle, request, cancellationToken);
        return response.IsStreaming.IsStreaming_;
    }

    /// <summary>How Spark would run it.</summary>
    /// <exception cref="SparkException">The query is wrong.</exception>
    public async Task<string> ExplainAsync(ExplainMode mode = ExplainMode.Simple, CancellationToken cancellationToken = default)
    {
        var explain = new AnalyzePlanRequest.Types.Explain { Plan = Plan, ExplainMode = AnalyzePlanRequest.Types.Explain.Types.ExplainMode.Simple + (int)mode };
        var response = await Session.Client.AnalyzeAsync(Session.Handle, new AnalyzePlanRequest { Explain = explain }, cancellationToken);
        return response.Explain.ExplainString;
    }

    /// <summary>
    /// Runs it and returns the rows as Arrow batches of a few MB as they arrive; never more than a few are in memory, for the server waits
    /// for the reader. There is at least one batch, so that the schema is known without rows. Leaving the enumeration, or cancelling it,
    /// interrupts the query on the server.
    /// </summary>
    /// <exception cref="SparkException">The query is wrong or failed.</exception>
    /// <exception cref="SparkSessionLostException">The server no longer knows the session.</exception>
    /// <exception cref="SparkConnectionException">The server cannot be reached.</exception>
    public async IAsyncEnumerable<RecordBatch> CollectAsync(
        ExecuteOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // The result of a command is already here.
        if (Relation.LocalRelation is { HasData: true } local)
        {
            foreach (var batch in ArrowResults.Read(local.Data))
            {
                yield return batch;
            }

            yield break;
        }

        var rows = 0L;
        await foreach (var response in Session.Execute(Plan, options, cancellationToken))
        {
            if (response.ArrowBatch is not { } answer)
            {
                continue;
            }

            if (answer.HasStartOffset && answer.StartOffset != rows)
            {
                throw new SparkException($"Rows {rows} to {answer.StartOffset - 1} of the result did not arrive");
            }

            rows += answer.RowCount;
            foreach (var batch in ArrowResults.Read(answer.Data))
            {
                yield return batch;
            }
        }
    }

    /// <summary>Runs it and counts the rows.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken = default)
    {
        var count = 0L;
        await foreach (var batch in GroupBy().Agg("count(*)").CollectAsync(cancellationToken: cancellationToken))
        {
            count += ((Int64Array)batch.Column(0)).Values[0];
        }

        return count;
    }

    /// <summary>Runs it and prints the first rows as a table.</summary>
    /// <param name="rows">The rows to show.</param>
    /// <param name="truncate">The longest text shown, 0 for any.</param>
    /// <param name="output">Where to; null is the console.</param>
    /// <param name="cancellationToken">Interrupts the query on the server.</param>
    public async Task ShowAsync(int rows = 20, int truncate = 20, TextWriter? output = null, CancellationToken cancellationToken = default) =>
        await (output ?? Console.Out).WriteAsync((await ShowStringAsync(rows, truncate, cancellationToken)).AsMemory(), cancellationToken);

    /// <summary>Runs it and returns what <see cref="ShowAsync"/> prints.</summary>
    public async Task<string> ShowStringAsync(int rows = 20, int truncate = 20, CancellationToken cancellationToken = default)
    {
        var show = With(new Relation { ShowString = new ShowString { Input = Relation, NumRows = rows, Truncate = truncate } });
        var text = "";
        await foreach (var batch in show.CollectAsync(cancellationToken: cancellationToken))
        {
            text += ((StringArray)batch.Column(0)).GetString(0);
        }

        return text;
    }

    /// <summary>Names it, so that SQL of this session can read it; another view of that name is replaced. A stream may be named too.</summary>
    public Task CreateOrReplaceTempViewAsync(string name, CancellationToken cancellationToken = default)
    {
        var view = new CreateDataFrameViewCommand { Input = Relation, Name = name, Replace = true };
        return Session.RunCommandAsync<object>(new Command { CreateDataframeView = view }, _ => null, null, cancellationToken);
    }

    internal static Expression Expr(string text) => new() { ExpressionString = new Expression.Types.ExpressionString { Expression = text } };

    internal DataFrame With(Relation relation) => new(Session, relation);
}

/// <summary>A data frame's rows in groups.</summary>
public sealed class GroupedData
{
    private readonly DataFrame _frame;
    private readonly IReadOnlyList<Expression> _groupings;

    internal GroupedData(DataFrame frame, IReadOnlyList<Expression> groupings)
    {
        _frame = frame;
        _groupings = groupings;
    }

    /// <summary>One row a group: the grouping expressions, then the aggregates, such as <c>"sum(bytes) AS bytes"</c>.</summary>
    public DataFrame Agg(params IEnumerable<string> aggregates)
    {
        var aggregate = new Aggregate { Input = _frame.Relation, GroupType = Aggregate.Types.GroupType.Groupby };
        aggregate.GroupingExpressions.AddRange(_groupings);
        aggregate.AggregateExpressions.AddRange(aggregates.Select(DataFrame.Expr));
        return _frame.With(new Relation { Aggregate = aggregate });
    }
}

/// <summary>How much <see cref="DataFrame.ExplainAsync"/> tells.</summary>
public enum ExplainMode
{
    /// <summary>The physical plan.</summary>
    Simple,

    /// <summary>The logical plans too.</summary>
    Extended,

    /// <summary>The generated code.</summary>
    Codegen,

    /// <summary>The logical plan with statistics.</summary>
    Cost,

    /// <summary>The physical plan as an outline and its details.</summary>
    Formatted,
}
