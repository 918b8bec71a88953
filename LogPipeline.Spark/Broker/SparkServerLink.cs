using System.Globalization;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Health;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Broker;

/// <summary>A Connect server that this process may use, however it came by it.</summary>
internal abstract class SparkServerLink : IAsyncDisposable
{
    /// <summary>Address for the client, with the token.</summary>
    public abstract string Remote { get; }

    /// <summary>Who ends it.</summary>
    public abstract EngineOwner Owner { get; }

    /// <summary>Address for people, without the token.</summary>
    public string Address => SparkRemote.Parse(Remote) is var remote ? string.Create(CultureInfo.InvariantCulture, $"sc://{remote.Host}:{remote.Port}") : "";

    /// <summary>What is known of it.</summary>
    public virtual SparkServerRecord? Record => null;

    /// <summary>The last lines that it wrote, if this process sees them.</summary>
    public virtual IReadOnlyList<string> RecentLines => [];

    /// <summary>Ends, with the reason, once the server is known to be gone. A server that only does not answer is not gone.</summary>
    public abstract Task<string> Gone { get; }

    /// <summary>Tells other processes that the server can be used.</summary>
    public virtual void Publish()
    {
    }

    /// <summary>Looks whether the server is gone, for links that nobody tells.</summary>
    public virtual void Look()
    {
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    private static string RemoteOf(SparkServerRecord record) => string.Create(
        CultureInfo.InvariantCulture,
        $"sc://{(record.Host.Contains(':', StringComparison.Ordinal) ? $"[{record.Host}]" : record.Host)}:{record.Port}/;token={Uri.EscapeDataString(record.Token)};use_ssl=false");

    /// <summary>A server that others run.</summary>
    public sealed class Foreign(SparkMaster.Remote master, string? token) : SparkServerLink
    {
        private readonly TaskCompletionSource<string> never = new();

        public override string Remote => token is null || master.Text.Contains("token=", StringComparison.Ordinal)
            ? master.Text
            : $"{master.Text.TrimEnd('/', ';')}{(master.Text.Contains(';', StringComparison.Ordinal) ? ";" : "/;")}token={Uri.EscapeDataString(token)}";

        public override EngineOwner Owner => EngineOwner.Others;

        public override Task<string> Gone => never.Task;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>A server that another process of this machine started: gone when that one ends, or has started another server.</summary>
    public sealed class Attached(SparkServerFolder folder, SparkServerRecord record) : SparkServerLink
    {
        private readonly TaskCompletionSource<string> gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override string Remote => RemoteOf(record);

        public override EngineOwner Owner => EngineOwner.AnotherHost;

        public override SparkServerRecord Record => record;

        public override Task<string> Gone => gone.Task;

        public override void Look()
        {
            if (!FolderLock.IsTaken(folder.Lock))
            {
                gone.TrySetResult($"Process {record.Owner}, which had started Spark, has ended.");
            }
            else if (SparkServerRecord.Read(folder.Record) != record)
            {
                gone.TrySetResult($"Process {record.Owner} has stopped its Spark.");
            }
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>A server that this process started. Invariant: whoever holds the lock is the only one who starts or ends a server of the folder.</summary>
    public sealed class Owned : SparkServerLink
    {
        private readonly SparkServerFolder folder;
        private readonly FolderLock hold;
        private readonly SparkServerProcess process;

        public Owned(SparkServerFolder folder, FolderLock hold, SparkServerProcess process, SparkServerRecord record)
        {
            this.folder = folder;
            this.hold = hold;
            this.process = process;
            Record = record;
            Gone = GoneAsync();
        }

        public override string Remote => RemoteOf(Record);

        public override EngineOwner Owner => EngineOwner.ThisHost;

        public override SparkServerRecord Record { get; }

        public override Task<string> Gone { get; }

        public override IReadOnlyList<string> RecentLines => process.Log.Last;

        public override void Publish() => Record.Write(folder.Record);

        public override async ValueTask DisposeAsync()
        {
            File.Delete(folder.Record);
            await process.DisposeAsync().ConfigureAwait(false);
            hold.Dispose();
        }

        private async Task<string> GoneAsync()
        {
            var code = await process.Exited.ConfigureAwait(false);
            var last = process.Log.Last.LastOrDefault(line => !char.IsWhiteSpace(line.FirstOrDefault(' ')));
            return string.Create(CultureInfo.InvariantCulture, $"The Spark server ended with exit code {code}{(code > 128 ? $" (signal {code - 128})" : "")}. Its log is {folder.Log}{(last is null ? "" : $"; the last line: {last}")}");
        }
    }
}
