using System.Globalization;
using System.IO.Hashing;
using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Ingest.Files;

/// <summary>Identifies a file by its content, whatever its name.</summary>
/// <remarks>
/// A fingerprint is the length and the hash of the complete lines at a file's begin, at most 64 KiB of them, as they were when
/// the file was first seen: <c>4096:1f0e…</c>. A file that has grown since still begins with those bytes, so it is found again
/// by hashing its begin up to each of its line ends. Two files that agree in those lines are taken for one file and its growth.
/// </remarks>
internal static class FileFingerprint
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>Finds how far a file was taken in before; null when its content is new.</summary>
    public static FileRangeOrigin? Find(ReadOnlySpan<byte> begin, IEventLog log)
    {
        var hash = new XxHash128();
        FileRangeOrigin? found = null;
        var at = 0;
        var head = begin[..Math.Min(begin.Length, MaxBytes)];
        while (at < head.Length)
        {
            var end = head[at..].IndexOf((byte)'\n');
            var next = end < 0 ? head.Length : at + end + 1;
            hash.Append(head[at..next]);
            at = next;

            // The longest match is the one that was made last.
            found = log.FindFile(Text(at, hash)) ?? found;
        }

        return found;
    }

    /// <summary>The fingerprint of content that is seen for the first time; null while it has no complete line.</summary>
    /// <param name="begin">Its first bytes.</param>
    /// <param name="isComplete">Whether nothing will be added, so that a last line without its end counts.</param>
    public static string? Make(ReadOnlySpan<byte> begin, bool isComplete)
    {
        var head = begin[..Math.Min(begin.Length, MaxBytes)];
        var length = head.LastIndexOf((byte)'\n') + 1;
        if (length == 0 || (isComplete && head.Length < MaxBytes))
        {
            length = isComplete || head.Length == MaxBytes ? head.Length : 0;
        }

        if (length == 0)
        {
            return null;
        }

        var hash = new XxHash128();
        hash.Append(head[..length]);
        return Text(length, hash);
    }

    private static string Text(int length, XxHash128 hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{length}:{Convert.ToHexStringLower(hash.GetCurrentHash())}");
}
