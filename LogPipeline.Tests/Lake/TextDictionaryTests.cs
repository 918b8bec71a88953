using Apache.Arrow;
using CsCheck;
using LogPipeline.Core.Lake.Files;
using ParquetSharp;
using ParquetSharp.Arrow;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>Dictionaries of text columns, and files that are written with them.</summary>
public sealed class TextDictionaryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Any_texts_come_back_in_their_order()
    {
        // Few letters, so that texts repeat and begin alike; lengths on both sides of a vector's.
        var text = Gen.Frequency((1, Gen.Const((string?)null)), (5, Gen.Char['a', 'c'].Array[0, 3].Select(one => (string?)new string(one))), (2, Gen.Char['a', 'b'].Array[28, 40].Select(one => (string?)("same start " + new string(one)))));
        Gen.Select(text.Array[1, 400], Gen.Int[0, 20], Gen.Int[1, 5]).Sample((texts, skip, parts) =>
        {
            var all = ToArray(texts);
            skip = Math.Min(skip, texts.Length - 1);
            using var dictionary = new TextDictionary(texts.Length - skip);
            var step = ((texts.Length - skip) / parts) + 1;
            for (var start = skip; start < texts.Length; start += step)
            {
                Assert.True(dictionary.TryAdd(all.Slice(start, Math.Min(step, texts.Length - start)).Data));
            }

            var keys = dictionary.ToArray();
            var values = (StringArray)keys.Dictionary;
            var indices = (Int32Array)keys.Indices;
            Assert.Equal(texts.Skip(skip), Enumerable.Range(0, indices.Length).Select(row => indices.IsNull(row) ? null : values.GetString(indices.Values[row])));
            Assert.Equal(values.Length, Enumerable.Range(0, values.Length).Select(row => values.GetString(row)).Distinct(StringComparer.Ordinal).Count());
        });
    }

    [Fact]
    public void Texts_that_hardly_repeat_get_no_dictionary()
    {
        using var dictionary = new TextDictionary(4000);
        Assert.False(dictionary.TryAdd(ToArray([.. Enumerable.Range(0, 4000).Select(number => $"text {number}")]).Data));
        using var large = new TextDictionary(4000);
        Assert.False(large.TryAdd(ToArray([.. Enumerable.Range(0, 4000).Select(number => $"{number % 1500} {new string('x', 1000)}")]).Data));
    }

    [Fact]
    public async Task A_file_holds_the_rows_that_it_was_given_with_dictionaries_where_texts_repeat()
    {
        List<RecordBatch> rows = [Some.Rows(3000, Some.Midnight), Some.Rows(2500, Some.Midnight + Some.Day, seed: 2).Slice(300, 1999), Some.Rows(7, Some.Midnight, seed: 3)];
        using var file = ParquetFile.Of(folder.Path, "", rows[0].Schema, rows);
        var add = file.Finish(new Dictionary<string, string?>(), DateTimeOffset.UnixEpoch, dataChange: true);
        Assert.Contains("\"numRecords\":5006", add.Stats, StringComparison.Ordinal);

        using (var footer = new ParquetFileReader(file.FullPath))
        {
            Assert.Equal(1, footer.FileMetaData.NumRowGroups);
            using var group = footer.RowGroup(0);
            Assert.Contains(Encoding.RleDictionary, group.MetaData.GetColumnChunkMetaData(rows[0].Schema.GetFieldIndex("endpoint")).Encodings);
            Assert.DoesNotContain(Encoding.RleDictionary, group.MetaData.GetColumnChunkMetaData(rows[0].Schema.GetFieldIndex("trace_id")).Encodings);
        }

        using var reader = new FileReader(file.FullPath);
        using var batches = reader.GetRecordBatchReader();
        var read = new List<string>();
        while (await batches.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken) is { } batch)
        {
            using (batch)
            {
                read.AddRange(Ingest.EventRows.Of(batch).Select(Line));
            }
        }

        Assert.Equal(rows.SelectMany(Ingest.EventRows.Of).Select(Line), read);
    }

    private static string Line(Dictionary<string, string> row) => string.Join(';', row.Select(one => $"{one.Key}={one.Value}"));

    private static StringArray ToArray(IReadOnlyList<string?> texts)
    {
        var builder = new StringArray.Builder();
        foreach (var text in texts)
        {
            _ = text is null ? builder.AppendNull() : builder.Append(text);
        }

        return builder.Build();
    }
}
