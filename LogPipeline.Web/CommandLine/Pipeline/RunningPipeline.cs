using System.Text.Json;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Streams;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>A running host by what its <c>/health</c> says, once for each stream.</summary>
internal sealed class RunningPipeline : IDisposable
{
    private readonly List<(string Stream, JsonDocument Health)> streams = [];

    private RunningPipeline(FolderOwner owner) => Owner = owner;

    /// <summary>Who owns the data folder.</summary>
    public FolderOwner Owner { get; }

    /// <summary>Each stream and its report, in the order of the configuration.</summary>
    public IEnumerable<(string Stream, JsonElement Health)> Streams => streams.Select(one => (one.Stream, one.Health.RootElement));

    /// <summary>The report of the first stream, which tells of the host, too.</summary>
    public JsonElement Health => streams[0].Health.RootElement;

    /// <summary>The process that answered.</summary>
    public int ProcessId => Health.GetProperty("processId").GetInt32();

    /// <summary>Why a table is not written until a person decides; null when none is refused.</summary>
    public string? Refusal => Streams.Select(one => one.Health.GetProperty("writer"))
        .Where(writer => writer is { ValueKind: JsonValueKind.Object } && writer.GetProperty("state").GetString() == "refused")
        .Select(writer => $"Table '{writer.GetProperty("table").GetString()}' is not written: {writer.GetProperty("problem").GetString()}").FirstOrDefault();

    /// <summary>Whether events are taken in, every table is written, and Spark answers where there is one.</summary>
    public bool IsReady => Streams.All(one =>
        one.Health.GetProperty("kafkaConnected").GetBoolean()
        && one.Health.GetProperty("writer") is { ValueKind: JsonValueKind.Object } writer && writer.GetProperty("state").GetString() == "following"
        && (one.Health.GetProperty("spark") is not { ValueKind: JsonValueKind.Object } spark || spark.GetProperty("state").GetString() == "connected"));

    /// <summary>What is not ready and why, for a person.</summary>
    public string Problems => string.Join(Environment.NewLine, Health.GetProperty("stages").EnumerateArray()
        .Where(stage => stage.GetProperty("state").GetString() is not ("connected" or "off"))
        .Select(stage => $"{stage.GetProperty("name").GetString()}: {stage.GetProperty("problem").GetString() ?? stage.GetProperty("about").GetString()}"));

    /// <summary>Asks a host.</summary>
    /// <exception cref="CommandException">It refused to say.</exception>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    public static async Task<RunningPipeline> ReadAsync(OwnerClient owner, StreamRegistry registry, CancellationToken cancellationToken)
    {
        var result = new RunningPipeline(owner.Owner);
        try
        {
            foreach (var stream in registry.All)
            {
                using var response = await owner.Http.GetAsync(new Uri($"/health?stream={Uri.EscapeDataString(stream.Name)}", UriKind.Relative), cancellationToken);
                var text = await response.Content.ReadAsStringAsync(cancellationToken);

                // A host that is not well answers 503 with its report.
                if (!response.IsSuccessStatusCode && response.StatusCode != System.Net.HttpStatusCode.ServiceUnavailable)
                {
                    throw new CommandException(OwnerClient.Explain(response, text));
                }

                result.streams.Add((stream.Name, JsonDocument.Parse(text)));
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => streams.ForEach(one => one.Health.Dispose());
}
