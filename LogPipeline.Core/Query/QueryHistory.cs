using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Query;

/// <summary>A statement that was run, and what came of it.</summary>
/// <param name="Sql">Its text.</param>
/// <param name="At">When it was asked.</param>
/// <param name="Engine">Which engine ran it.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Rows">Rows given; 0 for an error.</param>
/// <param name="Truncated">Whether there were more rows.</param>
/// <param name="Version">Delta version of the first table read, or null.</param>
/// <param name="ErrorClass">Spark's error class, <c>CANCELLED</c>, or null for an answer.</param>
/// <param name="ErrorLine">Line of the place at fault, from 1; 0 when unknown.</param>
public sealed record QueryHistoryEntry(
    string Sql,
    DateTimeOffset At,
    string Engine,
    double Milliseconds,
    long Rows,
    bool Truncated,
    long? Version,
    string? ErrorClass,
    int ErrorLine);

/// <summary>The statements that were run last, newest first. Survives a restart in a file of one JSON object a line.</summary>
/// <remarks>
/// Safe from any thread. The file is only readable by its owner: statements may name what people look for. It is written whole
/// to a temporary file that then replaces it, so a crash leaves the old or the new one.
/// </remarks>
public sealed class QueryHistory : IDisposable
{
    private const int MaxSqlLength = 100_000;

    private readonly int limit;
    private readonly string? file;
    private readonly QueryEvents events;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim writing = new(1);
    private readonly LinkedList<QueryHistoryEntry> entries = new();
    private int unwritten;

    internal QueryHistory(IOptions<QueryOptions> options, QueryEvents events)
    {
        limit = options.Value.History;
        file = options.Value.HistoryFile;
        this.events = events;
        Load();
    }

    /// <summary>The statements, newest first.</summary>
    public IReadOnlyList<QueryHistoryEntry> Entries
    {
        get
        {
            lock (gate)
            {
                return [.. entries];
            }
        }
    }

    /// <summary>Remembers a statement; the one just before is replaced when its text is the same.</summary>
    public async Task AddAsync(QueryHistoryEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (limit == 0 || entry.Sql.Length > MaxSqlLength)
        {
            return;
        }

        lock (gate)
        {
            if (entries.First is { } last && last.Value.Sql == entry.Sql)
            {
                entries.RemoveFirst();
            }

            entries.AddFirst(entry);
            while (entries.Count > limit)
            {
                entries.RemoveLast();
            }
        }

        await SaveAsync().ConfigureAwait(false);
    }

    /// <summary>Forgets every statement.</summary>
    public async Task ClearAsync()
    {
        lock (gate)
        {
            entries.Clear();
        }

        await SaveAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => writing.Dispose();

    private void Load()
    {
        if (file is null || !File.Exists(file))
        {
            return;
        }

        try
        {
            // Oldest first in the file.
            foreach (var line in File.ReadLines(file))
            {
                if (Parse(line) is { } entry)
                {
                    entries.AddFirst(entry);
                }
            }

            while (entries.Count > limit)
            {
                entries.RemoveLast();
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            events.HistoryLost(file, failure);
        }
    }

    private static QueryHistoryEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<QueryHistoryEntry>(line, JsonSerializerOptions.Web) is { Sql: not null, Engine: not null } entry ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Statements that end while a file is being written are written together by the next one.</summary>
    private async Task SaveAsync()
    {
        if (file is null)
        {
            return;
        }

        Interlocked.Exchange(ref unwritten, 1);
        await writing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Interlocked.Exchange(ref unwritten, 0) == 0)
            {
                return;
            }

            await WriteAsync(file).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            events.HistoryLost(file, failure);
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task WriteAsync(string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        var temporary = string.Create(CultureInfo.InvariantCulture, $"{target}.{Environment.ProcessId}.tmp");
        var mode = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var stream = new FileStream(temporary, mode);
        await using (stream.ConfigureAwait(false))
        {
            foreach (var entry in Entries.Reverse())
            {
                await JsonSerializer.SerializeAsync(stream, entry, JsonSerializerOptions.Web).ConfigureAwait(false);
                stream.WriteByte((byte)'\n');
            }

            await stream.FlushAsync().ConfigureAwait(false);
            RandomAccess.FlushToDisk(stream.SafeFileHandle);
        }

        File.Replace(temporary, Existing(target), null);
    }

    /// <summary>Replacing needs a file to replace.</summary>
    private static string Existing(string target)
    {
        if (!File.Exists(target))
        {
            File.WriteAllBytes(target, []);
        }

        return target;
    }
}
