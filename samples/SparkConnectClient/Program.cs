// dotnet run --project samples/SparkConnectClient -- "sc://localhost:15002/;token=…" /path/to/a/delta/table
using LogPipeline.Spark.Connect;

var remote = args.Length > 0 ? args[0] : "sc://localhost:15002";
var path = args.Length > 1 ? args[1] : Path.Combine(Path.GetTempPath(), "spark-connect-sample");
try
{
    await using var spark = await SparkSession.Builder().Remote(remote).AppName("sample").GetOrCreateAsync();
    Console.WriteLine($"Spark {spark.Version} at {spark.Remote}");

    if (args.Length < 2)
    {
        var numbers = await spark.SqlAsync("SELECT id, id % 3 AS remainder FROM range(:n)", new Dictionary<string, object?> { ["n"] = 1_000 });
        await numbers.Write.Format("delta").Mode(SaveMode.Overwrite).SaveAsync(path);
    }

    var table = spark.Read.Format("delta").Load(path);
    await table.ShowAsync(rows: 5);
    Console.WriteLine($"{(await table.SchemaAsync()).ToDdl()}: {await table.CountAsync()} rows");

    await foreach (var batch in table.Limit(100_000).CollectAsync())
    {
        Console.WriteLine($"An Arrow batch of {batch.Length} rows and {batch.ColumnCount} columns");
    }

    return 0;
}
catch (SparkException error)
{
    await Console.Error.WriteLineAsync($"{error.ErrorClass ?? "Spark"}: {error.Message}");
    return 1;
}
