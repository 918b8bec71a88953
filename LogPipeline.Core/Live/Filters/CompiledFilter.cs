using LogPipeline.Core.Live.Recent;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Live.Filters;

/// <summary>A filter made ready for the columns of one stream.</summary>
internal sealed class CompiledFilter
{
    private const string AttributePrefix = "attributes.";
    private const string StatusClass = "status_class";
    private readonly RowTest[] tests;

    /// <exception cref="ArgumentException">The regular expression is wrong.</exception>
    public CompiledFilter(EventFilter filter, StreamSchema schema, ColumnPlaces places)
    {
        var made = filter.Terms.GroupBy(term => term.Field).Select(terms => Test(terms.Key, new TermValues(terms), schema, places)).ToList();
        if (!string.IsNullOrEmpty(filter.Text))
        {
            made.Add(new TextTest(TextColumns(schema, places), Utf8Matcher.Of(filter.Text, filter.IsRegex, filter.MatchCase)));
        }

        tests = [.. made.OrderBy(test => test.Cost)];
    }

    public bool IsEmpty => tests.Length == 0;

    public bool Passes(RingChunk chunk, int row)
    {
        foreach (var test in tests)
        {
            if (!test.Passes(chunk, row))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A field that is no column is an attribute, with or without the prefix.</summary>
    private static RowTest Test(string field, TermValues values, StreamSchema schema, ColumnPlaces places)
    {
        var column = schema.IndexOf(field);
        if (column < 0)
        {
            return field == StatusClass ? new StatusClassTest(places.Status, values)
                : new AttributeTest(field.StartsWith(AttributePrefix, StringComparison.Ordinal) ? field[AttributePrefix.Length..] : field, values);
        }

        return schema.Columns[column].Type.Name switch
        {
            "string" => new StringTest(column, values, ignoreCase: column == places.Level || column == places.Method),
            "int" => new NumberTest<int>(column, values, FilterNumbers.Int),
            "double" => new NumberTest<double>(column, values, FilterNumbers.Double),
            "boolean" => new BooleanTest(column, values),
            "timestamp" => new NumberTest<long>(column, values, FilterNumbers.Micros),
            _ => new NumberTest<long>(column, values, FilterNumbers.Long),
        };
    }

    /// <summary>Message, endpoint and source; every string of a stream that has none of them.</summary>
    private static int[] TextColumns(StreamSchema schema, ColumnPlaces places)
    {
        int[] named = [.. new[] { places.Message, places.Endpoint, places.Source }.Where(column => column >= 0)];
        return named.Length > 0 ? named : [.. Enumerable.Range(0, schema.Columns.Count).Where(column => schema.Columns[column].Type.Name == "string")];
    }
}
