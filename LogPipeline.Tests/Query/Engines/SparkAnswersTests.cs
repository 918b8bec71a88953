using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Query.Conformance;
using LogPipeline.Tests.Spark.Broker;
using Xunit;

namespace LogPipeline.Tests.Query.Engines;

/// <summary>The questions of <c>data/spark-sql</c> through the product's way to Spark: what came back from a plain Spark comes back here, values and error classes alike.</summary>
[Collection(SparkLakeTurns.Name)]
public sealed class SparkAnswersTests(SparkConnectServer server, SparkTable table, ITestOutputHelper output) : IClassFixture<SparkTable>
{
    private const int Sample = 60;

    [Fact]
    public async Task Every_answer_is_the_recorded_one()
    {
        Assert.SkipWhen(SparkTable.Data is null, "LOGPIPELINE_TESTDATA is not set");
        var spark = await server.GetAsync();
        await SparkLakeTurns.BeginAsync(spark);
        using var folder = new EndToEnd.TestFolder();
        await using var broker = new TestBroker(folder.Path, options => (options.Master, options.Token) = ($"sc://127.0.0.1:{spark.Port}", spark.Token), table);
        var all = SparkAnswer.Load(Path.Combine(SparkTable.Data, "queries.json"));
        var step = Math.Max(1, all.Count / TestScale.Of(Sample, all.Count));
        var different = new List<string>();
        var (asked, refused) = (0, 0);
        foreach (var recorded in all.Where((_, index) => index % step == 0))
        {
            asked++;
            var (verdict, note) = await AnswerComparison.RunAsync(broker.Engine, recorded, TestContext.Current.CancellationToken);
            if (verdict == Verdict.Refused && recorded.IsError)
            {
                // What may change something never reaches Spark: another error than Spark's, before it.
                refused++;
            }
            else if (verdict is not (Verdict.Equal or Verdict.ErrorEqual))
            {
                different.Add($"{recorded.Id}: {note}");
            }
        }

        output.WriteLine($"{asked - different.Count - refused} of {asked} answers are the recorded ones, {refused} statements with recorded errors are refused because they may change something");
        Assert.True(different.Count == 0, string.Join('\n', different));
    }
}
