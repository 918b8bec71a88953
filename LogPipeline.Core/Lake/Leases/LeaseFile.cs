using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;

namespace LogPipeline.Core.Lake.Leases;

/// <summary>What a lease says: one file for each time that the writer of a table changed, <c>_logpipeline/lease-00000000000000000007.json</c>.</summary>
/// <remarks>
/// Delta ignores the folder because of its underscore. The file with the greatest epoch counts. It is put in place only if the name is free, so of
/// two that take a lease over one wins; and it is rewritten by its holder alone, so a holder that slept through its end harms nobody's lease but its own.
/// </remarks>
/// <param name="Epoch">Counts the holders, from 1.</param>
/// <param name="Holder">The process.</param>
/// <param name="Engine">What writes.</param>
/// <param name="Beat">Grows with every renewal.</param>
/// <param name="AcquiredAt">When it was taken.</param>
/// <param name="ExpiresAt">When it ends unless it is renewed, by the holder's clock.</param>
/// <param name="Released">Whether the holder gave it up.</param>
/// <param name="EarlierMayWrite">Whether an earlier holder, or what it left running in Spark, may still write: that one must be shut out before anything is stored.</param>
internal sealed record LeaseFile(
    long Epoch,
    ProcessIdentity Holder,
    [property: JsonConverter(typeof(JsonStringEnumConverter<EngineKind>))] EngineKind Engine,
    long Beat,
    DateTimeOffset AcquiredAt,
    DateTimeOffset ExpiresAt,
    bool Released,
    bool EarlierMayWrite)
{
    /// <summary>Folder within the table's.</summary>
    public const string FolderName = "_logpipeline";

    private const string Prefix = "lease-";
    private const string Ending = ".json";

    /// <summary>Name of the file of an epoch.</summary>
    public static string NameOf(long epoch) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{epoch:D20}{Ending}");

    /// <summary>The greatest epoch in a folder; 0 for none.</summary>
    public static long LatestEpoch(string folder) => Epochs(folder).DefaultIfEmpty(0).Max();

    /// <summary>The lease that counts; null when there never was one.</summary>
    /// <exception cref="LakeException">It is damaged.</exception>
    public static LeaseFile? ReadLatest(string folder)
    {
        while (LatestEpoch(folder) is > 0 and var epoch)
        {
            var path = Path.Combine(folder, NameOf(epoch));
            try
            {
                return JsonSerializer.Deserialize<LeaseFile>(File.ReadAllBytes(path)) ?? throw new JsonException("it is empty");
            }
            catch (FileNotFoundException)
            {
                // A later holder removed it meanwhile.
            }
            catch (JsonException error)
            {
                throw new LakeException($"The lease {path} is damaged: {error.Message}. If no host writes the table, delete the file", error);
            }
        }

        return null;
    }

    /// <summary>Whether this holder, or one before it, may still write although its lease is over.</summary>
    public bool LeavesWriters() => EarlierMayWrite || (!Released && (Engine == EngineKind.Spark || !Holder.IsGone));

    /// <summary>The file's content.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Replaces the file of this epoch, which only its holder does.</summary>
    public void Rewrite(string folder) => DurableFiles.Write(Path.Combine(folder, NameOf(Epoch)), ToBytes());

    /// <summary>Removes the files of earlier epochs.</summary>
    public void RemoveEarlier(string folder)
    {
        foreach (var epoch in Epochs(folder).Where(epoch => epoch < Epoch).ToList())
        {
            File.Delete(Path.Combine(folder, NameOf(epoch)));
        }
    }

    private static IEnumerable<long> Epochs(string folder)
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var path in Directory.EnumerateFiles(folder, Prefix + "*" + Ending))
        {
            if (long.TryParse(Path.GetFileName(path.AsSpan())[Prefix.Length..^Ending.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch))
            {
                yield return epoch;
            }
        }
    }
}
