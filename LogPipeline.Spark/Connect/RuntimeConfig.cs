using LogPipeline.Spark.Connect.Protocol;

namespace LogPipeline.Spark.Connect;

/// <summary>Configuration of a session at run time.</summary>
public sealed class RuntimeConfig
{
    private readonly SparkSession _session;

    internal RuntimeConfig(SparkSession session) => _session = session;

    /// <summary>Sets a value, until the session ends or is re-created.</summary>
    /// <exception cref="SparkException">The key cannot be set, or not to this value.</exception>
    public Task SetAsync(string key, string value, CancellationToken cancellationToken = default) =>
        SetAsync(_session.Client, _session.Handle, new Dictionary<string, string> { [key] = value }, cancellationToken);

    /// <summary>A value, its default if it is not set, or null if there is neither.</summary>
    public async Task<string?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        var get = new ConfigRequest.Types.GetOption();
        get.Keys.Add(key);
        var response = await AskAsync(new ConfigRequest.Types.Operation { GetOption = get }, cancellationToken);
        return response.Pairs is [{ HasValue: true } pair, ..] ? pair.Value : null;
    }

    /// <summary>All values that are set, with keys that start with a prefix, if one is given.</summary>
    public async Task<IReadOnlyDictionary<string, string>> GetAllAsync(string? prefix = null, CancellationToken cancellationToken = default)
    {
        var all = new ConfigRequest.Types.GetAll();
        if (prefix is not null)
        {
            all.Prefix = prefix;
        }

        var response = await AskAsync(new ConfigRequest.Types.Operation { GetAll = all }, cancellationToken);
        return response.Pairs.ToDictionary(pair => (prefix ?? "") + pair.Key, pair => pair.Value, StringComparer.Ordinal);
    }

    /// <summary>Takes a value back.</summary>
    public Task UnsetAsync(string key, CancellationToken cancellationToken = default)
    {
        var unset = new ConfigRequest.Types.Unset();
        unset.Keys.Add(key);
        return AskAsync(new ConfigRequest.Types.Operation { Unset = unset }, cancellationToken);
    }

    internal static async Task SetAsync(ConnectClient client, SessionHandle session, IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        if (values.Count == 0)
        {
            return;
        }

        var set = new ConfigRequest.Types.Set();
        set.Pairs.AddRange(values.Select(pair => new KeyValue { Key = pair.Key, Value = pair.Value }));
        await client.ConfigAsync(session, new ConfigRequest { Operation = new ConfigRequest.Types.Operation { Set = set } }, cancellationToken);
    }

    private Task<ConfigResponse> AskAsync(ConfigRequest.Types.Operation operation, CancellationToken cancellationToken) =>
        _session.Client.ConfigAsync(_session.Handle, new ConfigRequest { Operation = operation }, cancellationToken);
}
