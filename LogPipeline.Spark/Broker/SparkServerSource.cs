using System.Diagnostics;
using LogPipeline.Core.DataFolders;

namespace LogPipeline.Spark.Broker;

/// <summary>Finds the Connect server, or starts it: never two of one folder.</summary>
/// <remarks>
/// Whoever gets the lock of the folder starts the server and holds the lock until the server is gone; everybody else attaches to what
/// <c>spark.json</c> says. The kernel gives the lock back when its holder ends in any way, so the next one who looks takes over. Before it
/// starts a server it waits for the one that <c>spark.json</c> names, which its guard ends, and ends it when the guard was killed too.
/// Port and token are kept over a restart where that is possible, so that clients need not learn new ones.
/// </remarks>
internal sealed class SparkServerSource(SparkOptions options, SparkServerFolder folder, string? lake, SparkEvents events, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LeftoverPatience = TimeSpan.FromSeconds(15);

    // Each process computes another's start from the time since boot.
    private static readonly TimeSpan StartTolerance = TimeSpan.FromSeconds(2);

    private readonly SparkMaster master = SparkMaster.Parse(options.Master) ?? throw new SparkServerException($"LogPipeline:Spark:Master is {options.Master}, which is no master of Spark");
    private (int Port, string Token)? last;

    /// <summary>Where Spark computes, without secrets.</summary>
    public string Master => master is SparkMaster.Remote remote ? remote.Address : master.Text;

    /// <summary>A server, perhaps one that does not answer yet.</summary>
    /// <exception cref="SparkServerException">There is none and none can be started.</exception>
    public async Task<SparkServerLink> AcquireAsync(string appName, CancellationToken cancellationToken)
    {
        if (master is SparkMaster.Remote remote)
        {
            return new SparkServerLink.Foreign(remote, options.Token);
        }

        Directory.CreateDirectory(folder.State);
        while (true)
        {
            if (FolderLock.TryTake(folder.Lock) is { } hold)
            {
                try
                {
                    return await StartAsync(hold, appName, cancellationToken).ConfigureAwait(false);
                }
                catch
                {
                    hold.Dispose();
                    throw;
                }
            }

            if (SparkServerRecord.Read(folder.Record) is { } record && FolderLock.IsTaken(folder.Lock))
            {
                if (lake is not null && record.Lake is not null && record.Lake != lake)
                {
                    throw new SparkServerException(
                        $"Process {record.Owner} runs Spark for the tables of {record.Lake}, and this one has its tables in {lake}: give each a folder of its own with LogPipeline:Spark:StateFolder.");
                }

                events.Attaching(record.ToString());
                last = (record.Port, record.Token);
                return new SparkServerLink.Attached(folder, record);
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The port of the last server did not work out: the next one takes another.</summary>
    public void Forget() => last = null;

    private async Task<SparkServerLink> StartAsync(FolderLock hold, string appName, CancellationToken cancellationToken)
    {
        hold.Write(new FolderOwner(Environment.ProcessId, null, null));
        await EndLeftoverAsync(cancellationToken).ConfigureAwait(false);
        var problems = new List<string>();
        var installation = SparkInstallation.Find(options, Environment.GetEnvironmentVariable("PATH"), problems)
            ?? throw new SparkServerException(string.Join(" ", problems));
        var process = SparkServerProcess.Start(options, master, installation, folder, appName, last, OnLine);
        try
        {
            var id = await process.ProcessIdAsync(cancellationToken).ConfigureAwait(false);
            events.Starting(master.Text, id, process.Port);
            last = (process.Port, process.Token);
            var record = new SparkServerRecord(
                options.LocalIp, process.Port, process.Token, id, StartOf(id) ?? time.GetUtcNow(), Environment.ProcessId, lake, installation.SparkVersion, installation.DeltaVersion, process.UiUrl);
            return new SparkServerLink.Owned(folder, hold, process, record);
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for the server of an owner that is gone, and ends it when it stays.</summary>
    private async Task EndLeftoverAsync(CancellationToken cancellationToken)
    {
        if (SparkServerRecord.Read(folder.Record) is { } record)
        {
            last ??= (record.Port, record.Token);
            if (!await IsGoneAsync(record, LeftoverPatience, cancellationToken).ConfigureAwait(false))
            {
                events.EndingLeftover(record.ProcessId);
                try
                {
                    using var process = Process.GetProcessById(record.ProcessId);
                    process.Kill();
                }
                catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    // It ended by itself meanwhile.
                }

                _ = await IsGoneAsync(record, LeftoverPatience, cancellationToken).ConfigureAwait(false);
            }
        }

        File.Delete(folder.Record);
    }

    private async Task<bool> IsGoneAsync(SparkServerRecord record, TimeSpan patience, CancellationToken cancellationToken)
    {
        var waited = time.GetTimestamp();
        while (StartOf(record.ProcessId) is { } start && (start - record.StartedAt).Duration() < StartTolerance)
        {
            if (time.GetElapsedTime(waited) > patience)
            {
                return false;
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>When a process started; null when it does not run.</summary>
    private static DateTimeOffset? StartOf(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.HasExited ? null : new DateTimeOffset(process.StartTime);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private void OnLine(string line)
    {
        if (SparkServerLog.IsError(line))
        {
            events.ServerError(line);
        }
    }
}
