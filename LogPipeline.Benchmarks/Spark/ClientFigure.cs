using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using LogPipeline.Benchmarks.EndToEnd;
using LogPipeline.Spark.Connect;
using LogPipeline.Spark.Connect.Protocol;
using LogPipeline.Spark.Query;

namespace LogPipeline.Benchmarks.Spark;

/// <summary>The Spark Connect client: many rows into Arrow beside the server's own time, and the latency that it adds to a trivial query.</summary>
internal static class ClientFigure
{
    private const int Rows = 1_000_000;
    private const int Rounds = 7;
    private const int Trivial = 300;
    private const string Trifle = "SELECT 1";

    private static string Query { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"SELECT id, id * 7 AS a, CAST(id % 1000 AS INT) AS b, id / 3.0D AS c, concat('endpoint-', id % 200) AS d, concat('session-', id % 20000) AS e, timestamp_micros(id * 1000) AS f, id % 2 = 0 AS g, CAST(id % 90 AS DECIMAL(10,2)) AS h, date_from_unix_date(CAST(id % 20000 AS INT)) AS i FROM range({Rows})");

    public static async Task<string> MeasureAsync(Workspace workspace)
    {
        if (SparkUnderTest.Missing is { } missing)
        {
            return missing;
        }

        await using var spark = await SparkUnderTest.StartAsync(workspace);
        await using var raw = new RawClient(spark.Session.Remote);
        var (noop, drained, client) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var seconds = new[] { await TimeAsync(() => NothingAsync(spark.Session)), await TimeAsync(() => raw.DrainAsync(Query)), await TimeAsync(() => CollectAsync(spark.Session)) };
            workspace.Say($"{Rows:N0} rows: nowhere {seconds[0]:0.00} s, raw gRPC {seconds[1]:0.00} s, client {seconds[2]:0.00} s");
            if (round > 0)
            {
                noop.Add(seconds[0]);
                drained.Add(seconds[1]);
                client.Add(seconds[2]);
            }
        }

        var (direct, ours) = (new List<double>(), new List<double>());
        for (var number = 0; number < Trivial + 50; number++)
        {
            var (one, other) = (await TimeAsync(() => raw.DrainAsync(Trifle)), await TimeAsync(() => OneAsync(spark.Session)));
            if (number >= 50)
            {
                direct.Add(one * 1000);
                ours.Add(other * 1000);
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Rows:N0} rows of 10 columns from `range`, Spark 4, local[2], {Rounds} rounds; the count is asserted.\n\n| | s |\n|---|---|\n| the server alone, into Spark's `noop` sink | {Statistics.Median(noop):0.00} |\n| raw gRPC, Arrow not read | {Statistics.Median(drained):0.00} |\n| LogPipeline's client, into Arrow record batches | {Statistics.Median(client):0.00} |\n\nRatio to the server alone, median of the rounds: **{Ratio(client, noop):0.00}**; to raw gRPC **{Ratio(client, drained):0.00}**.\n\n`{Trifle}`, {Trivial} times in turn: raw gRPC {Statistics.Median(direct):0.0} ms, client {Statistics.Median(ours):0.0} ms: **{Statistics.Median(ours) - Statistics.Median(direct):0.0} ms** more.\n");
    }

    private static double Ratio(List<double> ours, List<double> others) => Statistics.Median(ours.Zip(others, (one, other) => one / other));

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var started = TimeProvider.System.GetTimestamp();
        await work();
        return TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task NothingAsync(SparkSession session)
    {
        var rows = await session.SqlAsync(Query);
        await rows.Write.Format("noop").Mode(SaveMode.Overwrite).SaveAsync("nowhere");
    }

    private static async Task CollectAsync(SparkSession session)
    {
        long rows = 0;
        await foreach (var batch in (await session.SqlAsync(Query)).CollectAsync())
        {
            rows += batch.Length;
            batch.Dispose();
        }

        if (rows != Rows)
        {
            throw new InvalidOperationException($"{rows} rows came, not {Rows}");
        }
    }

    /// <summary>As the product's query engine asks.</summary>
    private static async Task OneAsync(SparkSession session)
    {
        await foreach (var response in session.Execute(RawClient.PlanOf(Trifle), new ExecuteOptions(), CancellationToken.None))
        {
            if (response.ArrowBatch is { } answer)
            {
                foreach (var batch in ArrowResults.Read(answer.Data))
                {
                    batch.Dispose();
                }
            }
        }
    }

    /// <summary>The generated gRPC stub, and nothing else: no reattaching, no retries, no reading.</summary>
    private sealed class RawClient : IAsyncDisposable
    {
        private readonly GrpcChannel channel;
        private readonly SparkConnectService.SparkConnectServiceClient service;
        private readonly Metadata headers = [];
        private readonly string session = Guid.NewGuid().ToString();

        public RawClient(SparkRemote remote)
        {
            channel = GrpcChannel.ForAddress(remote.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
            service = new(channel);
            headers.Add("authorization", $"Bearer {remote.Token}");
        }

        public static Plan PlanOf(string sql) => new() { Root = new Relation { Sql = new SQL { Query = sql } } };

        public async Task DrainAsync(string sql)
        {
            var request = new ExecutePlanRequest { SessionId = session, UserContext = new UserContext { UserId = "raw", UserName = "raw" }, Plan = PlanOf(sql) };
            using var call = service.ExecutePlan(request, headers);
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        }

        public ValueTask DisposeAsync()
        {
            channel.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
