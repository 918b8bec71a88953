using LogPipeline.Spark.Broker;
using LogPipeline.Tests.EndToEnd;
using Xunit;

namespace LogPipeline.Tests.Spark.Broker;

public sealed class SparkServerLogTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void File_and_memory_are_bounded_and_the_newest_lines_stay()
    {
        var path = folder.PathOf("server.log");
        using (var log = new SparkServerLog(path, maxBytes: 1_000))
        {
            for (var line = 0; line < 1_000; line++)
            {
                log.Add($"line {line}");
            }

            Assert.Equal(SparkServerLog.Lines, log.Last.Count);
            Assert.Equal("line 999", log.Last[^1]);
        }

        Assert.InRange(new FileInfo(path).Length, 1, 1_100);
        Assert.InRange(new FileInfo(path + ".1").Length, 1, 1_100);
        Assert.Equal("line 999", File.ReadLines(path).Last());
    }

    [Fact]
    public void A_disk_that_refuses_does_not_stop_the_server()
    {
        using var log = new SparkServerLog(folder.PathOf("missing/server.log"));
        log.Add("a line");
        Assert.Equal("a line", Assert.Single(log.Last));
    }

    [Theory]
    [InlineData("2025-01-01 10:00:00.000 ERROR TaskSetManager: Task 1 failed", true)]
    [InlineData("2025-01-01 10:00:00.000 FATAL SparkContext: no", true)]
    [InlineData("2025-01-01 10:00:00.000 WARN TaskSetManager: ERROR in a message", false)]
    [InlineData("\tat org.apache.spark.SparkContext ERROR", false)]
    [InlineData("ERROR", false)]
    public void An_error_is_known_by_its_level(string line, bool isError) => Assert.Equal(isError, SparkServerLog.IsError(line));
}
