using Apache.Arrow;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Files;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Data files of one append: written, synced, and taken back when the commit is not made.</summary>
internal sealed class AppendFiles(DeltaTable table, ArrowSchema schema, TimeProvider time)
{
    private readonly List<string> paths = [];
    private readonly HashSet<string> folders = new(StringComparer.Ordinal);

    public List<AddFile> Adds { get; } = [];

    public long Rows { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Writes the rows of one day to one file.</summary>
    public void Write(int day, IReadOnlyList<RecordBatch> rows)
    {
        var value = DatedRows.DayText(day);
        var folder = DeltaPath.FolderOf(StreamTable.DateColumn, value);
        var absolute = Path.Combine(table.Root, folder);
        Durable.CreateFolder(absolute);
        folders.Add(absolute);
        using var file = ParquetFile.Of(table.Root, folder, schema, rows);
        paths.Add(file.FullPath);
        var add = file.Finish(new Dictionary<string, string?> { [StreamTable.DateColumn] = value }, time.GetUtcNow(), dataChange: true);
        Adds.Add(add);
        Rows += file.Rows;
        Bytes += add.Size;
    }

    /// <summary>Makes the files and their names durable: the first step of the order that a commit keeps.</summary>
    public void Sync()
    {
        table.Commits.Reached?.Invoke(CommitStep.DataWritten);
        paths.ForEach(Durable.SyncFile);
        foreach (var folder in folders)
        {
            Durable.SyncFolder(folder);
        }

        table.Commits.Reached?.Invoke(CommitStep.DataSynced);
    }

    /// <summary>Removes the files of a commit that is not there.</summary>
    public void Discard()
    {
        foreach (var path in paths)
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // No version names it; vacuum removes it later.
            }
        }
    }
}
