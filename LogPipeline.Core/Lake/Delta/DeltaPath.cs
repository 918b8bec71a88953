using System.Text;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Paths of data files: from partition values to a folder, from a folder to <c>add.path</c>, and back.</summary>
internal static class DeltaPath
{
    private const string HiveNull = "__HIVE_DEFAULT_PARTITION__";
    private const string HiveEscaped = "\"#%'*/:=?\\{[]^";

    /// <summary>Folder of a partition, such as <c>date=2026-01-02</c>, Hive-escaped.</summary>
    public static string FolderOf(string column, string? value)
    {
        var folder = new StringBuilder();
        HiveEscape(folder, column);
        folder.Append('=');
        if (string.IsNullOrEmpty(value))
        {
            folder.Append(HiveNull);
        }
        else
        {
            HiveEscape(folder, value);
        }

        return folder.ToString();
    }

    /// <summary>The <c>path</c> of an action for a file at a path relative to the table's folder: URI-encoded, with slashes and equals signs kept.</summary>
    public static string Encode(string relative) =>
        string.Join('/', relative.Split('/').Select(Uri.EscapeDataString)).Replace("%3D", "=", StringComparison.Ordinal);

    /// <summary>The same file has one key however a writer encoded its path: decoded, and without a <c>file:</c> scheme.</summary>
    public static string KeyOf(string path)
    {
        var local = path.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? StripFileScheme(path) : path;
        return Decode(local);
    }

    /// <summary>Absolute path of a file, from the <c>path</c> of its action.</summary>
    /// <exception cref="LakeException">The file is on a storage that this release cannot read; the message names the scheme.</exception>
    public static string Resolve(string tableRoot, string path)
    {
        if (path.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            return Decode(StripFileScheme(path));
        }

        if (path.StartsWith('/'))
        {
            return Decode(path);
        }

        var colon = path.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && path.AsSpan(colon).StartsWith("://", StringComparison.Ordinal))
        {
            throw new LakeException($"File '{path}' is on '{path[..colon]}' storage; this release reads local files");
        }

        return Path.Combine(tableRoot, Decode(path).Replace('/', Path.DirectorySeparatorChar));
    }

    /// <summary>Whether a path names a file outside of the table, as in shallow clones.</summary>
    public static bool IsAbsolute(string path) =>
        path.StartsWith('/') || path.Contains("://", StringComparison.Ordinal) || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

    private static string Decode(string path) => path.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(path) : path;

    // file:/a, file:///a and file://host/a all stand for /a here.
    private static string StripFileScheme(string path)
    {
        var rest = path.AsSpan(5);
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var slash = rest[2..].IndexOf('/');
            rest = slash < 0 ? "/" : rest[(2 + slash)..];
        }

        return rest.ToString();
    }

    private static void HiveEscape(StringBuilder into, string text)
    {
        foreach (var character in text)
        {
            if (character < ' ' || character == '\u007f' || HiveEscaped.Contains(character, StringComparison.Ordinal))
            {
                into.Append(System.Globalization.CultureInfo.InvariantCulture, $"%{(int)character:X2}");
            }
            else
            {
                into.Append(character);
            }
        }
    }
}
