using System.Globalization;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>Every schema that entries of a log were written with: one IPC schema message in <c>schema-&lt;fingerprint&gt;.arrow</c>.</summary>
internal sealed class SchemaStore
{
    private readonly Dictionary<ulong, byte[]> messages = [];

    /// <summary>Loads what is there and keeps the present schema before any entry needs it.</summary>
    public SchemaStore(string folder, StreamSchema present)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "schema-*.arrow"))
        {
            var name = Path.GetFileNameWithoutExtension(path)["schema-".Length..];
            if (ulong.TryParse(name, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var fingerprint))
            {
                messages[fingerprint] = File.ReadAllBytes(path);
            }
        }

        if (!messages.ContainsKey(present.Fingerprint))
        {
            var message = EntryWriter.EncodeSchema(present.Arrow);
            DurableFiles.Write(Path.Combine(folder, FormattableString.Invariant($"schema-{present.Fingerprint:x16}.arrow")), message);
            messages[present.Fingerprint] = message;
        }
    }

    /// <summary>Length of the longest message, rounded up to a multiple of 8.</summary>
    public int LongestBytes => EntryHeader.Padded(messages.Values.Max(message => message.Length));

    public byte[]? Find(ulong fingerprint) => messages.GetValueOrDefault(fingerprint);
}
