namespace LogPipeline.Core.Lake.Delta;

/// <summary>Which tables this release reads and writes; everything else is refused by name.</summary>
internal static class ProtocolRules
{
    public const int ReaderVersion = 1;
    public const int WriterVersion = 2;
    private const string ColumnMappingMode = "delta.columnMapping.mode";

    // Columns that writers above version 2 fill or check; a table at version 2 cannot have them.
    private static readonly string[] ColumnRules = ["delta.invariants", "delta.generationExpression", "delta.identity.start", "CURRENT_DEFAULT"];

    /// <summary>Reader features whose tables read as plain ones once the checks of <see cref="CheckReadable"/> and of replay have passed.</summary>
    private static readonly HashSet<string> Readable = new(StringComparer.Ordinal)
    {
        "columnMapping", "deletionVectors", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck",
    };

    /// <summary>Refuses what would be read wrongly.</summary>
    /// <exception cref="LakeException">A feature is not supported; the message names it.</exception>
    public static void CheckReadable(string table, ProtocolAction protocol, MetadataAction metadata)
    {
        if (protocol.MinReaderVersion is < 1 or > 3)
        {
            throw new LakeException($"Table '{table}' needs Delta reader version {protocol.MinReaderVersion}; this release reads versions 1 to 3");
        }

        var unknown = protocol.MinReaderVersion == 3
            ? (protocol.ReaderFeatures ?? []).Where(feature => !Readable.Contains(feature)).ToList()
            : [];
        if (unknown.Count > 0)
        {
            throw new LakeException($"Table '{table}' uses the Delta reader feature {string.Join(", ", unknown)}, which this release cannot read; Spark can");
        }

        if (protocol.MinReaderVersion >= 2 && metadata.Configuration.GetValueOrDefault(ColumnMappingMode) is { } mode && mode != "none")
        {
            throw new LakeException($"Table '{table}' uses the Delta feature columnMapping (mode {mode}), which this release cannot read; Spark can");
        }

        if (!string.Equals(metadata.Provider, "parquet", StringComparison.OrdinalIgnoreCase))
        {
            throw new LakeException($"Table '{table}' stores its files as {metadata.Provider}; this release reads Parquet");
        }
    }

    /// <summary>Refuses to write to a table with rules that this writer does not keep.</summary>
    /// <exception cref="LakeException">The message names the feature.</exception>
    public static void CheckWritable(string table, ProtocolAction protocol, MetadataAction metadata)
    {
        if (protocol.MinReaderVersion > ReaderVersion || protocol.MinWriterVersion > WriterVersion)
        {
            var features = (protocol.WriterFeatures ?? []).Concat(protocol.ReaderFeatures ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            var names = features.Count > 0 ? $" (features {string.Join(", ", features)})" : "";
            throw new LakeException(
                $"Table '{table}' is at Delta protocol ({protocol.MinReaderVersion}, {protocol.MinWriterVersion}){names}; this writer writes tables at ({ReaderVersion}, {WriterVersion})");
        }

        var keys = SchemaJson.MetadataKeys(metadata.SchemaString);
        if (ColumnRules.FirstOrDefault(keys.Contains) is { } rule)
        {
            throw new LakeException($"Table '{table}' has a column with {rule}, which this writer cannot evaluate");
        }
    }

    /// <summary>Whether rows may be removed.</summary>
    public static bool IsAppendOnly(MetadataAction metadata) =>
        string.Equals(metadata.Configuration.GetValueOrDefault("delta.appendOnly"), "true", StringComparison.OrdinalIgnoreCase);
}
