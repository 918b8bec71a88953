using LogPipeline.Spark.Broker;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Spark.Broker;

public sealed class RestartBudgetTests
{
    private readonly FakeTimeProvider time = new();
    private readonly SparkOptions options = new() { RestartDelay = TimeSpan.FromSeconds(1), MaxRestartDelay = TimeSpan.FromSeconds(5), MaxRestarts = 3, RestartWindow = TimeSpan.FromMinutes(10) };

    [Fact]
    public void A_server_that_did_well_is_replaced_at_once()
    {
        var budget = new RestartBudget(options, time);
        budget.Begin();
        budget.Start();
        time.Advance(TimeSpan.FromMinutes(1));
        budget.Serve();
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, budget.NextWait());
    }

    [Fact]
    public void Failures_wait_longer_each_time_up_to_a_limit()
    {
        var budget = new RestartBudget(options, time);
        var waits = new List<double>();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            budget.Begin();
            time.Advance(TimeSpan.FromMinutes(1));
            waits.Add(budget.NextWait().TotalSeconds);
        }

        Assert.Equal([1, 2, 4, 5, 5], waits);
    }

    [Fact]
    public void Too_many_starts_wait_until_the_window_allows_another()
    {
        var budget = new RestartBudget(options, time);
        for (var start = 0; start < 3; start++)
        {
            budget.Begin();
            budget.Start();
            budget.Serve();
            time.Advance(TimeSpan.FromMinutes(1));
        }

        // Starts at 0, 1 and 2 min; now is 3 min.
        Assert.Equal(TimeSpan.FromMinutes(7), budget.NextWait());
        time.Advance(TimeSpan.FromMinutes(7));
        Assert.Equal(TimeSpan.Zero, budget.NextWait());
    }
}
