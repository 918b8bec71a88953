using System.Text.RegularExpressions;
using Apache.Arrow;
using LogPipeline.Core.Lake;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Broker;

/// <summary>Makes the lake's tables known to Spark as <c>delta_lake.NAME</c>, and <c>delta_lake</c> the session's schema, so that <c>NAME</c> is enough.</summary>
/// <remarks>
/// The catalog of a Connect server is in memory, so every new server is told again. A folder is registered only once it holds a commit:
/// Spark would make a table of its own in an empty one. The catalog is one for all sessions of a server, so a name may be taken, at any
/// time, by a table of another host's folder: it is refused, because its rows are not ours.
/// </remarks>
/// <param name="catalog">The tables.</param>
/// <param name="isAsked">Whether anybody asks for tables by name. Without it nothing is registered, and no name is taken from others.</param>
/// <param name="events">Where it is told.</param>
/// <param name="time">The clock.</param>
internal sealed partial class SparkLake(ITableCatalog catalog, bool isAsked, SparkEvents events, TimeProvider time) : IDisposable
{
    /// <summary>Schema of the tables.</summary>
    public const string Schema = "delta_lake";

    private static readonly TimeSpan RefusalTime = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim one = new(1);
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Reason, long At)> refused = new(StringComparer.Ordinal);
    private string? session;

    /// <summary>Folder of the tables.</summary>
    public string Root => catalog.Root;

    /// <summary>Why a table cannot be read through Spark, by its name.</summary>
    public IReadOnlyDictionary<string, string> Refused
    {
        get
        {
            lock (refused)
            {
                return refused.ToDictionary(pair => pair.Key, pair => pair.Value.Reason, StringComparer.OrdinalIgnoreCase);
            }
        }
    }

    /// <summary>Tells Spark what it does not know yet. Cheap when there is nothing new.</summary>
    /// <exception cref="SparkException">Spark refuses the schema, or the session is lost.</exception>
    public async Task RegisterAsync(SparkSession spark, CancellationToken cancellationToken)
    {
        if (!isAsked)
        {
            return;
        }

        await one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (session != spark.SessionId)
            {
                await BeginAsync(spark, cancellationToken).ConfigureAwait(false);
            }

            var present = catalog.Tables;
            foreach (var gone in known.Except(present, StringComparer.Ordinal).ToList())
            {
                // The table is external: only its name is dropped.
                _ = await spark.SqlAsync($"DROP TABLE IF EXISTS {Schema}.{Quote(gone)}", cancellationToken: cancellationToken).ConfigureAwait(false);
                known.Remove(gone);
            }

            foreach (var table in present.Where(table => !known.Contains(table) && !IsRefused(table)))
            {
                await RegisterAsync(spark, table, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    private async Task BeginAsync(SparkSession spark, CancellationToken cancellationToken)
    {
        known.Clear();
        lock (refused)
        {
            refused.Clear();
        }

        _ = await spark.SqlAsync($"CREATE SCHEMA IF NOT EXISTS {Schema}", cancellationToken: cancellationToken).ConfigureAwait(false);
        _ = await spark.SqlAsync($"USE {Schema}", cancellationToken: cancellationToken).ConfigureAwait(false);
        session = spark.SessionId;
    }

    private async Task RegisterAsync(SparkSession spark, string table, CancellationToken cancellationToken)
    {
        try
        {
            if (await catalog.FindAsync(table, cancellationToken).ConfigureAwait(false) is not { } snapshot)
            {
                return;
            }

            var name = $"{Schema}.{Quote(table)}";
            _ = await spark.SqlAsync($"CREATE TABLE IF NOT EXISTS {name} USING delta LOCATION '{Escape(snapshot.Root)}'", cancellationToken: cancellationToken).ConfigureAwait(false);
            if (await LocationAsync(spark, name, cancellationToken).ConfigureAwait(false) is { } location && !IsSame(location, snapshot.Root))
            {
                throw new SparkServerException(
                    $"{Schema}.{table} is a table of {location} on this Spark, and this host's is in {snapshot.Root}. Hosts with different tables need a Spark each, or LogPipeline:Query:Engine=Embedded.");
            }

            known.Add(table);
            Forgive(table);
            events.Registered(table);
        }
        catch (Exception failure) when (failure is LakeException or SparkServerException || (failure is SparkException and not SparkSessionLostException and not SparkConnectionException))
        {
            Refuse(table, failure);
        }
    }

    private static async Task<string?> LocationAsync(SparkSession spark, string name, CancellationToken cancellationToken)
    {
        var detail = await spark.SqlAsync($"DESCRIBE DETAIL {name}", cancellationToken: cancellationToken).ConfigureAwait(false);
        await foreach (var batch in detail.CollectAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            return batch.Length > 0 ? ((StringArray)batch.Column("location")).GetString(0) : null;
        }

        return null;
    }

    private bool IsRefused(string table)
    {
        lock (refused)
        {
            return refused.TryGetValue(table, out var one) && time.GetElapsedTime(one.At) < RefusalTime;
        }
    }

    private void Refuse(string table, Exception failure)
    {
        lock (refused)
        {
            var isKnown = refused.TryGetValue(table, out var before) && before.Reason == failure.Message;
            refused[table] = (failure.Message, time.GetTimestamp());
            if (isKnown)
            {
                return;
            }
        }

        events.TableRefused(table, failure);
    }

    private void Forgive(string table)
    {
        lock (refused)
        {
            refused.Remove(table);
        }
    }

    /// <summary>Spark writes a local path as <c>file:/lake/logs</c> or <c>file:///lake/logs</c>, with blanks as they are.</summary>
    private static bool IsSame(string location, string path) =>
        string.Equals(Uri.UnescapeDataString(LocalScheme().Replace(location, "/")).TrimEnd('/'), path.TrimEnd('/'), StringComparison.Ordinal)
        || string.Equals(LocalScheme().Replace(location, "/").TrimEnd('/'), path.TrimEnd('/'), StringComparison.Ordinal);

    private static string Quote(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);

    [GeneratedRegex("^file:/+")]
    private static partial Regex LocalScheme();
}
