using System.Globalization;
using Apache.Arrow;

namespace LogPipeline.Tests.Ingest;

/// <summary>Arrow events as texts, for comparing.</summary>
internal static class EventRows
{
    public static IEnumerable<Dictionary<string, string>> Of(RecordBatch events)
    {
        for (var row = 0; row < events.Length; row++)
        {
            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var column = 0; column < events.ColumnCount; column++)
            {
                var name = events.Schema.GetFieldByIndex(column).Name;
                switch (events.Column(column))
                {
                    case StringArray texts when !texts.IsNull(row):
                        fields[name] = texts.GetString(row);
                        break;
                    case Int32Array numbers when !numbers.IsNull(row):
                        fields[name] = numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture);
                        break;
                    case Int64Array numbers when !numbers.IsNull(row):
                        fields[name] = numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture);
                        break;
                    case DoubleArray numbers when !numbers.IsNull(row):
                        fields[name] = numbers.GetValue(row)!.Value.ToString("R", CultureInfo.InvariantCulture);
                        break;
                    case BooleanArray flags when !flags.IsNull(row):
                        fields[name] = flags.GetValue(row)!.Value ? "true" : "false";
                        break;
                    case TimestampArray times when !times.IsNull(row):
                        fields[name] = times.GetTimestamp(row)!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
                        break;
                    case MapArray map when !map.IsNull(row):
                        var keys = (StringArray)map.Keys;
                        var values = (StringArray)map.Values;
                        for (var at = map.ValueOffsets[row]; at < map.ValueOffsets[row + 1]; at++)
                        {
                            fields["attributes." + keys.GetString(at)] = values.GetString(at);
                        }

                        break;
                }
            }

            yield return fields;
        }
    }
}
