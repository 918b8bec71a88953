using LogPipeline.Benchmarks.Spark;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>One figure of BENCHMARKS.md: a whole job, beside its peer in the same run where there is one.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Title">Heading in BENCHMARKS.md.</param>
/// <param name="MeasureAsync">Measures, and gives the section's Markdown.</param>
internal sealed record Figure(string Name, string Title, Func<Workspace, Task<string>> MeasureAsync)
{
    private static readonly IReadOnlyList<Figure> All =
    [
        new("import", "Import JSON events into Delta", ImportFigure.MeasureAsync),
        new("parse", "Parse combined log lines and aggregate", ParseFigure.MeasureAsync),
        new("kafka", "Kafka to parsed Arrow and live metrics", KafkaFigure.MeasureAsync),
        new("backlog", "A backlog in Kafka into Delta by Spark", BacklogFigure.MeasureAsync),
        new("commit", "Produced to committed by Spark at 1,000 events/s", CommitFigure.MeasureAsync),
        new("client", "The Spark Connect client", ClientFigure.MeasureAsync),
        new("screen", "Produced to DOM at 1,000 events/s", ScreenFigure.MeasureAsync),
        new("freshness", "Produced to SELECT at 1,000 events/s", FreshnessFigure.MeasureAsync),
        new("idle", "A demo with one browser open", IdleFigure.MeasureAsync),
    ];

    /// <summary>Measures one figure, or all, and writes them into BENCHMARKS.md.</summary>
    public static async Task<int> RunAsync(string name, TextWriter output)
    {
        var wanted = All.Where(figure => name == "all" || figure.Name == name).ToList();
        if (wanted.Count == 0)
        {
            await output.WriteLineAsync($"There is no figure '{name}': all, micro, {string.Join(", ", All.Select(figure => figure.Name))}");
            return 2;
        }

        foreach (var figure in wanted)
        {
            await output.WriteLineAsync($"== {figure.Title}");
            using var workspace = Workspace.Create(output);
            var section = await figure.MeasureAsync(workspace);
            await output.WriteLineAsync(section);
            BenchmarkReport.Write(figure.Title, section, [.. All.Select(one => one.Title)]);
        }

        return 0;
    }
}
