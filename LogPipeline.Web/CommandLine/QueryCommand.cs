using System.CommandLine;
using System.Text;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.Results;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>query "SQL"</c>: asks the tables of a data folder, whoever owns it.</summary>
internal static class QueryCommand
{
    public static Command Create(CommandContext context)
    {
        var sql = new Argument<string>("sql") { Description = "One Spark SQL statement; - reads it from standard input" };
        var format = new Option<ResultFormat>("--format", "-f") { Description = "table, csv, json or ndjson", HelpName = "FORMAT", DefaultValueFactory = _ => ResultFormat.Table };
        var rows = new Option<int?>("--max-rows") { Description = "Rows at most (LogPipeline:Query:MaxRows)", HelpName = "N" };
        rows.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is <= 0 or > QueryOptions.StreamedRowsCeiling)
            {
                result.AddError($"--max-rows must be from 1 to {QueryOptions.StreamedRowsCeiling}");
            }
        });
        var command = new Command("query", "Run Spark SQL over the tables; the result goes to standard output.") { sql, format, rows };
        Help.AddExamples("query",
            "logpipeline query \"SELECT status, count(*) AS n FROM delta_lake.logs GROUP BY status ORDER BY n DESC\"",
            "logpipeline query \"SELECT * FROM delta_lake.dead_letters LIMIT 10\" --format ndjson",
            "logpipeline query - --format csv < report.sql > report.csv");
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = context.Load(parsed);
            await using var stages = StageServices.OpenReadOnly(configuration);
            var text = parsed.GetRequiredValue(sql) is "-" ? await Console.In.ReadToEndAsync(cancellation) : parsed.GetRequiredValue(sql);
            try
            {
                await stages.UntilQueriesRunAsync(context.Error, cancellation);
                var result = await AnswerAsync(context, stages.Services.GetRequiredService<QueryService>(), text, parsed.GetValue(rows), context.WantsJson(parsed) ? ResultFormat.Json : parsed.GetValue(format), cancellation);
                if (result.Truncated)
                {
                    await context.Error.WriteLineAsync($"The first {result.RowCount} rows; there are more. Raise --max-rows, or add a LIMIT.");
                }

                return ExitCodes.Done;
            }
            catch (QueryException error)
            {
                await context.Error.WriteLineAsync(Explain(text, error));
                return ExitCodes.Failed;
            }
        });
        return command;
    }

    /// <summary>A failed statement for a terminal: class, message, the line with a caret, and what would repair it.</summary>
    public static string Explain(string sql, QueryException error)
    {
        var lines = new List<string> { error.ErrorClass is null ? error.Message : $"[{error.ErrorClass}] {error.Message}" };
        if (error.Line > 0 && sql.Split('\n') is var source && error.Line <= source.Length)
        {
            lines.Add($"  {source[error.Line - 1].TrimEnd('\r').Replace('\t', ' ')}");
            lines.Add("  " + new string(' ', Math.Max(0, error.Column - 1)) + new string('^', Math.Max(1, error.Length)));
        }

        if (error.Suggestions.Count > 0)
        {
            lines.Add($"Did you mean {string.Join(", ", error.Suggestions.Take(3))}?");
        }

        return string.Join(Environment.NewLine, lines);
    }

    /// <summary>Runs a statement and writes its rows, as they come where the format allows it.</summary>
    private static async Task<QueryResult> AnswerAsync(CommandContext context, QueryService queries, string sql, int? maxRows, ResultFormat format, CancellationToken cancellation)
    {
        var toConsole = ReferenceEquals(context.Output, Console.Out);
        await using var output = toConsole ? Console.OpenStandardOutput() : new MemoryStream();
        QueryResult result;
        if (ResultWriter.Open(format, output) is { } rows)
        {
            await using (rows)
            {
                result = await queries.ExecuteAsync(sql, maxRows, rows: rows, cancellationToken: cancellation);
                await rows.CompleteAsync(cancellation);
            }
        }
        else
        {
            result = await queries.ExecuteAsync(sql, maxRows, cancellationToken: cancellation);
            await ResultWriter.WriteAsync(result, format, output, cancellation);
        }

        if (output is MemoryStream text)
        {
            await context.Output.WriteAsync(Encoding.UTF8.GetString(text.ToArray()));
        }

        return result;
    }
}
