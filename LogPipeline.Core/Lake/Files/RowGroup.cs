using Apache.Arrow;
using Apache.Arrow.Types;
using ParquetSharp.Arrow;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Lake.Files;

/// <summary>Rows of one row group, written a column at a time.</summary>
internal sealed class RowGroup : IDisposable
{
    private readonly ArrowSchema schema;
    private readonly List<RecordBatch> batches = [];
    private readonly TextDictionary?[] dictionaries;
    private readonly HashSet<int> plainTexts = [];
    private bool searched;
    private int rows;

    private RowGroup(ArrowSchema schema)
    {
        this.schema = schema;
        dictionaries = new TextDictionary?[schema.FieldsList.Count];
    }

    /// <summary>Text columns whose values hardly repeat; known once dictionaries were searched for.</summary>
    public IReadOnlySet<int> PlainTexts => plainTexts;

    /// <summary>Groups of at most so many rows, unless one batch alone has more.</summary>
    public static List<RowGroup> Split(ArrowSchema schema, IReadOnlyList<RecordBatch> rows, int most)
    {
        var groups = new List<RowGroup>();
        foreach (var batch in rows)
        {
            if (groups.Count == 0 || groups[^1].rows + batch.Length > most)
            {
                groups.Add(new RowGroup(schema));
            }

            groups[^1].batches.Add(batch);
            groups[^1].rows += batch.Length;
        }

        return groups;
    }

    /// <summary>Makes the dictionaries of the text columns, if they are not made yet.</summary>
    public void FindDictionaries()
    {
        if (searched)
        {
            return;
        }

        searched = true;
        for (var column = 0; column < dictionaries.Length; column++)
        {
            if (schema.FieldsList[column].DataType is StringType)
            {
                dictionaries[column] = Find(column);
                if (dictionaries[column] is null)
                {
                    plainTexts.Add(column);
                }
            }
        }
    }

    /// <summary>Writes the group as the file's next.</summary>
    public void WriteTo(FileWriter writer)
    {
        writer.NewRowGroup();
        for (var column = 0; column < dictionaries.Length; column++)
        {
            if (dictionaries[column] is { } dictionary)
            {
                writer.WriteColumnChunk(dictionary.ToArray());
            }
            else
            {
                writer.WriteColumnChunk(new ChunkedArray([.. batches.Select(batch => batch.Column(column))]));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var column = 0; column < dictionaries.Length; column++)
        {
            dictionaries[column]?.Dispose();
            dictionaries[column] = null;
        }
    }

    private TextDictionary? Find(int column)
    {
        var dictionary = new TextDictionary(rows);
        foreach (var batch in batches)
        {
            if (!dictionary.TryAdd(batch.Column(column).Data))
            {
                dictionary.Dispose();
                return null;
            }
        }

        return dictionary;
    }
}
