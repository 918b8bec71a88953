using System.Globalization;
using System.Text;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.DuckDb;
using Microsoft.Extensions.Options;
using Xunit;

namespace LogPipeline.Tests.Query.Conformance;

/// <summary>Every question of <c>data/spark-sql</c>: the embedded engine answers as Spark did, or says that it does not answer. Never differently.</summary>
public sealed class SparkConformanceTests(SparkTable table, ITestOutputHelper output) : IClassFixture<SparkTable>
{
    [Fact]
    public async Task No_answer_differs_from_sparks()
    {
        if (SparkTable.Data is not { } data)
        {
            Assert.Skip("LOGPIPELINE_TESTDATA is not set");
            return;
        }

        using var engine = new DuckDbQueryEngine(table, Options.Create(new QueryOptions { MemoryMb = 1_024, Threads = 2 }), TimeProvider.System);
        var answers = SparkAnswer.Load(Path.Combine(data, "queries.json"));
        var only = Environment.GetEnvironmentVariable("LOGPIPELINE_CONFORMANCE_ONLY");
        var verdicts = new List<(SparkAnswer Spark, Verdict Verdict, string Note)>();
        foreach (var spark in answers.Where(answer => only is null || answer.Id.StartsWith(only, StringComparison.Ordinal)))
        {
            var (verdict, note) = await AnswerComparison.RunAsync(engine, spark, TestContext.Current.CancellationToken);
            verdicts.Add((spark, verdict, note));
        }

        var report = Report(verdicts);
        output.WriteLine(report);
        if (Environment.GetEnvironmentVariable("LOGPIPELINE_CONFORMANCE_REPORT") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, report, TestContext.Current.CancellationToken);
        }

        var different = verdicts.Where(one => one.Verdict == Verdict.Different).ToArray();
        Assert.True(different.Length == 0, string.Create(
            CultureInfo.InvariantCulture,
            $"{different.Length} of {verdicts.Count} answers differ from Spark's:\n{string.Join("\n", different.Select(one => $"{one.Spark.Id}: {one.Note}"))}"));
    }

    private static string Report(List<(SparkAnswer Spark, Verdict Verdict, string Note)> verdicts)
    {
        var report = new StringBuilder();
        report.AppendLine(CultureInfo.InvariantCulture, $"{Count(verdicts, Verdict.Equal) + Count(verdicts, Verdict.ErrorEqual)} of {verdicts.Count} equal to Spark ({Count(verdicts, Verdict.ErrorEqual)} of them errors), {Count(verdicts, Verdict.Refused)} refused, {Count(verdicts, Verdict.Different)} different");
        foreach (var area in verdicts.GroupBy(one => one.Spark.Area))
        {
            var all = area.ToList();
            report.AppendLine(CultureInfo.InvariantCulture, $"  {area.Key,-14} {all.Count,3}: {Count(all, Verdict.Equal) + Count(all, Verdict.ErrorEqual),3} equal, {Count(all, Verdict.Refused),3} refused, {Count(all, Verdict.Different),3} different");
        }

        foreach (var (spark, verdict, note) in verdicts.Where(one => one.Verdict is Verdict.Refused or Verdict.Different).OrderByDescending(one => one.Verdict))
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"{verdict.ToString().ToUpperInvariant()} {spark.Id}: {note}\n    {spark.Sql.ReplaceLineEndings(" ")}");
        }

        return report.ToString();
    }

    private static int Count(IEnumerable<(SparkAnswer Spark, Verdict Verdict, string Note)> verdicts, Verdict verdict) => verdicts.Count(one => one.Verdict == verdict);
}
