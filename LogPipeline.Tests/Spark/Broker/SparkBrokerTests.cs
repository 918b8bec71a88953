using System.Collections.Concurrent;
using LogPipeline.Core.Health;
using LogPipeline.Core.Query;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Query;
using LogPipeline.Tests.EndToEnd;
using Xunit;

namespace LogPipeline.Tests.Spark.Broker;

/// <summary>The one session, on real servers that are paused, killed, taken over and stopped.</summary>
[Collection(nameof(SparkBrokerTests))]
[CollectionDefinition(nameof(SparkBrokerTests))]
public sealed class SparkBrokerTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan TrueWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan TakenOverWithin = TimeSpan.FromSeconds(30);

    private readonly TestFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_server_that_is_paused_is_kept_and_one_that_is_killed_is_replaced_with_everything_in_it()
    {
        var sessions = new ConcurrentQueue<string>();
        await using var test = new TestBroker(folder.Path);
        using var listening = test.Broker.OnSession((session, _) =>
        {
            sessions.Enqueue(session.SessionId);
            return Task.CompletedTask;
        });
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => test.Broker.GetSessionAsync(cancellationToken: Cancelled)));
        var session = Assert.Single(all.Distinct());
        var first = test.Broker.Status;
        Assert.Equal((HealthState.Connected, EngineOwner.ThisHost), (first.State, first.Owner));
        Assert.Equal((session.SessionId, session.Version), (first.SessionId, first.Version));
        Assert.NotNull(first.DeltaVersion);
        AssertRecordIsPrivate();

        // A table that appears later is registered by itself.
        await MakeTableAsync(test, "numbers", "SELECT id FROM range(100)");
        Assert.Equal("4950", await test.ValueAsync("SELECT sum(id) FROM delta_lake.numbers", Cancelled));
        Assert.Equal("4950", await test.ValueAsync("SELECT sum(id) FROM numbers", Cancelled));

        await PauseAsync(test, first.ProcessId!.Value, session.SessionId);

        var running = await test.StartAsync("SELECT sum(hash(id)) FROM range(1000000000000)", Cancelled);
        Processes.Kill(first.ProcessId!.Value);
        var failure = await Assert.ThrowsAsync<QueryException>(() => running);
        Assert.Equal((SparkErrors.LostClass, "08006"), (failure.ErrorClass, failure.SqlState));
        Assert.Contains("signal 9", failure.Message, StringComparison.Ordinal);
        Assert.NotEqual(HealthState.Connected, test.Broker.Status.State);

        // A server that lived for too short a time is replaced after a pause, in which queries are told so.
        await test.UntilAsync(status => status.State == HealthState.Connected, RealSpark.Patience, Cancelled);
        Assert.Equal("4950", await test.ValueAsync("SELECT sum(id) FROM delta_lake.numbers", Cancelled));
        var second = test.Broker.Status;
        Assert.NotEqual(first.ProcessId, second.ProcessId);
        Assert.NotEqual(first.SessionId, second.SessionId);
        Assert.Equal((1, first.Address), (second.Restarts, second.Address));
        Assert.Contains("signal 9", second.LastError, StringComparison.Ordinal);
        Assert.Same(session, await test.Broker.GetSessionAsync(cancellationToken: Cancelled));
        Assert.Equal(new[] { first.SessionId, second.SessionId }, sessions);
        Assert.Equal(second.ProcessId, Assert.Single(Processes.With(folder.Path)));

        await test.Broker.StopAsync();
        Assert.Equal(HealthState.Off, test.Broker.Status.State);
        Assert.Empty(Processes.With(folder.Path));
        Assert.False(File.Exists(folder.PathOf("state/spark.json")));
    }

    [Fact]
    public async Task A_second_host_attaches_and_takes_over_when_the_owner_is_killed()
    {
        await using var owner = await SparkOwner.StartAsync(folder.Path, Cancelled);
        await using var test = new TestBroker(folder.Path);
        await using var other = new TestBroker(folder.Path);
        var session = await test.Broker.GetSessionAsync(cancellationToken: Cancelled);
        var otherSession = await other.Broker.GetSessionAsync(cancellationToken: Cancelled);
        Assert.NotEqual(session.SessionId, otherSession.SessionId);
        Assert.Equal((EngineOwner.AnotherHost, owner.ServerId), (test.Broker.Status.Owner, test.Broker.Status.ProcessId));
        await MakeTableAsync(test, "numbers", "SELECT id FROM range(100)");
        Assert.Equal("4950", await test.ValueAsync("SELECT sum(id) FROM delta_lake.numbers", Cancelled));
        Assert.Equal(owner.ServerId, Assert.Single(Processes.With(folder.Path)));

        await owner.KillAsync(Cancelled);
        await test.UntilAsync(status => status.State != HealthState.Connected, RealSpark.Patience, Cancelled);
        var taken = await test.UntilAsync(status => status is { State: HealthState.Connected } && status.ProcessId != owner.ServerId, RealSpark.Patience, Cancelled);
        output.WriteLine($"taken over after {taken}");
        Assert.Equal("4950", await test.ValueAsync("SELECT sum(id) FROM delta_lake.numbers", Cancelled));
        Assert.Equal("4950", await other.ValueAsync("SELECT sum(id) FROM delta_lake.numbers", Cancelled));
        Assert.False(Processes.IsRunning(owner.ServerId));
        var server = Assert.Single(Processes.With(folder.Path));
        Assert.Equal((server, server), (test.Broker.Status.ProcessId, other.Broker.Status.ProcessId));
        Assert.Single(new[] { test, other }, one => one.Broker.Status.Owner == EngineOwner.ThisHost);
    }

    [Fact]
    public async Task A_host_with_other_tables_does_not_share_a_server_and_nothing_is_left_of_one_whose_owner_is_killed()
    {
        await using var owner = await SparkOwner.StartAsync(folder.Path, Cancelled);
        using var elsewhere = new TestFolder();
        await using var test = new TestBroker(elsewhere.Path, options => options.StateFolder = folder.PathOf("state"));
        var failure = await Assert.ThrowsAsync<SparkServerException>(() => test.Broker.GetSessionAsync(cancellationToken: Cancelled));
        Assert.Contains("give each a folder of its own with LogPipeline:Spark:StateFolder", failure.Message, StringComparison.Ordinal);

        await test.Broker.StopAsync();
        Assert.True(Processes.IsRunning(owner.ServerId));
        await owner.KillAsync(Cancelled);
        await Processes.UntilGoneAsync(owner.ServerId, TakenOverWithin, Cancelled);
        Assert.Empty(Processes.With(folder.Path));
    }

    [Fact]
    public async Task A_server_that_does_not_start_says_why_and_is_tried_again_later()
    {
        await using var test = new TestBroker(folder.Path, options =>
        {
            options.Conf["spark.serializer"] = "there.is.no.such.Serializer";
            options.RestartDelay = TimeSpan.FromMinutes(5);
            options.MaxRestartDelay = TimeSpan.FromMinutes(5);
        });
        var failure = await Assert.ThrowsAsync<SparkServerException>(() => test.Broker.GetSessionAsync(cancellationToken: Cancelled));
        Assert.Contains("The Spark server ended with exit code", failure.Message, StringComparison.Ordinal);
        var status = test.Broker.Status;
        Assert.Equal((HealthState.Disconnected, 1), (status.State, status.FailedTries));
        Assert.NotNull(status.NextTryAt);
        var query = await Assert.ThrowsAsync<QueryException>(() => test.ValueAsync("SELECT 1", Cancelled));
        Assert.Equal(SparkErrors.UnavailableClass, query.ErrorClass);
        Assert.Empty(Processes.With(folder.Path));
    }

    [Fact]
    public async Task A_program_gets_the_session_of_its_process_and_stops_it()
    {
        _ = RealSpark.Options();
        Directory.CreateDirectory(folder.PathOf("state"));
        var start = SparkOwner.StartOf(nameof(SparkOwnerChild.Show));
        start.Environment["LOGPIPELINE_HOME"] = folder.Path;
        start.Environment["SPARK_MASTER"] = "local[2]";
        using var program = System.Diagnostics.Process.Start(start)!;
        var said = await program.StandardOutput.ReadToEndAsync(Cancelled);
        await program.WaitForExitAsync(Cancelled);
        Assert.True(program.ExitCode == 0, said);
        Assert.Contains("|    42|", said, StringComparison.Ordinal);
        Assert.Contains("stopped", said, StringComparison.Ordinal);
        Assert.Empty(Processes.With(folder.Path));
    }

    /// <summary>A paused server is still there, with its session: nothing is replaced.</summary>
    private static async Task PauseAsync(TestBroker test, int server, string session)
    {
        Processes.Signal(server, "STOP");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var limit = Task.Delay(TrueWithin, Cancelled).ContinueWith(_ => watch.Elapsed, Cancelled, TaskContinuationOptions.None, TaskScheduler.Default);
        var noticed = await test.UntilAsync(status => status.State == HealthState.Connecting, RealSpark.Patience, Cancelled);
        Assert.Contains("did not answer", test.Broker.Status.Problem, StringComparison.Ordinal);
        Processes.Signal(server, "CONT");
        await test.UntilAsync(status => status.State == HealthState.Connected, RealSpark.Patience, Cancelled);

        // On a busy machine three seconds take longer, for us as for the broker.
        Assert.True(noticed < await limit, $"noticed after {noticed}");
        Assert.Equal((server, session, 0), (test.Broker.Status.ProcessId, test.Broker.Status.SessionId, test.Broker.Status.Restarts));
    }

    private static async Task MakeTableAsync(TestBroker test, string name, string query)
    {
        var spark = await test.Broker.GetSessionAsync(cancellationToken: Cancelled);
        _ = await spark.SqlAsync($"CREATE TABLE delta.`{test.Broker.Lake!.Root}/{name}` USING delta AS {query}", cancellationToken: Cancelled);
    }

    private void AssertRecordIsPrivate()
    {
        var file = folder.PathOf("state/spark.json");
        Assert.True(File.Exists(file));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }
}
