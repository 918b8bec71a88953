using LogPipeline.Core.EventLog;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Ingest.Files;

/// <summary>Follows every file of a folder, those that come later among them; packed ones are taken in once. Folders in it are left alone.</summary>
/// <remarks>
/// A file that gets another name belongs to the follower of its first one, which reads it to its end: two followers of one file would
/// both take its last lines. Names that begin with a dot or an underscore are somebody's work in progress.
/// </remarks>
public sealed class FolderFollower(FileFollower files, FileImport import, IOptions<IngestOptions> options, IngestEvents events, TimeProvider time)
{
    /// <summary>Follows until cancelled.</summary>
    /// <param name="log">Log of the stream that the files belong to.</param>
    /// <param name="folder">The folder, which may be away for a while.</param>
    /// <param name="format">As in <see cref="IngestRequest.Format"/>; null to find out for each file.</param>
    /// <param name="cancellationToken">Stops after the batches that are being appended.</param>
    public async Task FollowAsync(IEventLog log, string folder, string? format, CancellationToken cancellationToken)
    {
        var followed = new Dictionary<string, Task>(StringComparer.Ordinal);
        var names = new FileNames();
        string? problem = null;
        using var timer = new PeriodicTimer(options.Value.FilePollInterval, time);
        try
        {
            do
            {
                try
                {
                    foreach (var path in names.Look(NamesIn(folder)).Where(path => !followed.ContainsKey(path)))
                    {
                        followed[path] = IsPacked(path) ? ImportAsync(log, path, format, cancellationToken) : files.FollowAsync(log, path, format, cancellationToken);
                    }

                    problem = null;
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    if (problem != error.Message)
                    {
                        problem = error.Message;
                        events.FileFailed(folder, error.Message);
                    }
                }

                // A format that nobody knows ends the command, as it does for one file.
                await Task.WhenAll(followed.Values.Where(one => one.IsFaulted));
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The followers end with their last batch.
        }

        await Task.WhenAll(followed.Values);
    }

    private static List<string> NamesIn(string folder) =>
        [.. Directory.EnumerateFiles(folder).Where(path => Path.GetFileName(path)[0] is not ('.' or '_')).Order(StringComparer.Ordinal)];

    private static bool IsPacked(string path) => Path.GetExtension(path).Equals(".gz", StringComparison.OrdinalIgnoreCase);

    private async Task ImportAsync(IEventLog log, string path, string? format, CancellationToken cancellationToken)
    {
        try
        {
            await UntilQuietAsync(path, cancellationToken);
            events.FileOpened(path, 0);
            var report = await import.ImportAsync(log, path, new FileImportRequest(format), null, cancellationToken);
            if (report.Report.Problem is { } problem)
            {
                events.FileFailed(path, problem);
            }
        }
        catch (Exception error) when (error is IngestException or IOException)
        {
            events.FileFailed(path, error.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was taken in is known; the next start goes on behind it.
        }
    }

    /// <summary>Waits until nobody copies or packs it any more: an import takes the end of a file for the end of a line.</summary>
    private async Task UntilQuietAsync(string path, CancellationToken cancellationToken)
    {
        long length;
        do
        {
            length = new FileInfo(path).Length;
            await Task.Delay(options.Value.RotatedFileWait, time, cancellationToken);
        }
        while (length != new FileInfo(path).Length);
    }
}
