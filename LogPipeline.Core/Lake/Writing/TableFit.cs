using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Fits a table that exists to the rows that are to come.</summary>
internal static class TableFit
{
    /// <summary>Makes sure that a table can take rows of some columns; those that it lacks are added at its end.</summary>
    /// <exception cref="LakeException">A column has another type, the table is partitioned in another way, or has rules that this writer cannot keep.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public static void Ensure(DeltaTable table, StructType wanted)
    {
        while (true)
        {
            var metadata = WritableMetadata(table);
            if (Reconcile(table.Name, metadata, wanted) is not { } widened)
            {
                return;
            }

            if (table.Commit(new CommitRequest("ADD COLUMNS") { Metadata = widened, BasedOn = metadata }) is CommitOutcome.Unavailable(var reason))
            {
                throw new IOException(reason);
            }
        }
    }

    /// <summary>Whether a table could take rows of some columns, as <see cref="Ensure"/> would find it; nothing is changed.</summary>
    /// <exception cref="LakeException">It could not.</exception>
    public static void Check(DeltaTable table, StructType wanted) => _ = Reconcile(table.Name, WritableMetadata(table), wanted);

    private static MetadataAction WritableMetadata(DeltaTable table) => table.Read(state =>
    {
        ProtocolRules.CheckWritable(table.Name, state.Protocol!, state.Metadata!);
        return state.Metadata!;
    });

    /// <summary>Whether a table that exists can take the rows.</summary>
    /// <returns>New metadata to commit, or null when the table fits as it is.</returns>
    /// <exception cref="LakeException">A column has another type, or the table is partitioned in another way.</exception>
    public static MetadataAction? Reconcile(string table, MetadataAction metadata, StructType wanted)
    {
        if (metadata.PartitionColumns is not [StreamTable.DateColumn])
        {
            throw new LakeException($"Table '{table}' is partitioned by ({string.Join(", ", metadata.PartitionColumns)}), not by {StreamTable.DateColumn}; give the stream another table");
        }

        var present = SchemaJson.Parse(metadata.SchemaString);
        var missing = new List<StructField>();
        foreach (var field in wanted.Fields)
        {
            var index = present.IndexOf(field.Name);
            if (index < 0)
            {
                missing.Add(field with { Nullable = true });
            }
            else if (present.Fields[index].Type.SimpleString != field.Type.SimpleString)
            {
                throw new LakeException(
                    $"Column '{field.Name}' of table '{table}' is {present.Fields[index].Type}, and the stream has {field.Type}; give the stream another table or change its schema");
            }
        }

        if (present.Fields.FirstOrDefault(field => !field.Nullable && wanted.IndexOf(field.Name) < 0) is { } required)
        {
            throw new LakeException($"Column '{required.Name}' of table '{table}' must not be null, and the stream does not have it");
        }

        return missing.Count == 0 ? null : metadata with { SchemaString = SchemaJson.Append(metadata.SchemaString, missing) };
    }
}
