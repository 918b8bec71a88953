using Apache.Arrow;
using ArrowStructType = Apache.Arrow.Types.StructType;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Reads fields of a struct column by name, whatever width a writer gave to its numbers. A missing field is null.</summary>
internal sealed class StructColumn
{
    private readonly StructArray array;
    private readonly ArrowStructType type;

    private StructColumn(StructArray array)
    {
        this.array = array;
        type = (ArrowStructType)array.Data.DataType;
    }

    public static StructColumn? Of(RecordBatch batch, string name)
    {
        var index = batch.Schema.GetFieldIndex(name, StringComparer.Ordinal);
        return index >= 0 && batch.Column(index) is StructArray found ? new StructColumn(found) : null;
    }

    public StructColumn? Struct(string name) => Field(name) is StructArray found ? new StructColumn(found) : null;

    public string? Text(string name, int row) => array.IsNull(row) ? null : (Field(name) as StringArray)?.GetString(row);

    public bool? Bool(string name, int row) => array.IsNull(row) ? null : (Field(name) as BooleanArray)?.GetValue(row);

    public long? Long(string name, int row) => array.IsNull(row)
        ? null
        : Field(name) switch
        {
            Int64Array wide => wide.GetValue(row),
            Int32Array narrow => narrow.GetValue(row),
            _ => null,
        };

    public List<string>? Texts(string name, int row)
    {
        if (array.IsNull(row) || Field(name) is not ListArray list || list.IsNull(row))
        {
            return null;
        }

        var values = (StringArray)list.Values;
        var texts = new List<string>();
        for (var index = list.ValueOffsets[row]; index < list.ValueOffsets[row + 1]; index++)
        {
            texts.Add(values.GetString(index) ?? "");
        }

        return texts;
    }

    public Dictionary<string, string?>? Map(string name, int row)
    {
        if (array.IsNull(row) || Field(name) is not MapArray map || map.IsNull(row))
        {
            return null;
        }

        var keys = (StringArray)map.Keys;
        var values = (StringArray)map.Values;
        var result = new Dictionary<string, string?>(StringComparer.Ordinal);
        for (var index = map.ValueOffsets[row]; index < map.ValueOffsets[row + 1]; index++)
        {
            result[keys.GetString(index) ?? ""] = values.GetString(index);
        }

        return result;
    }

    private IArrowArray? Field(string name)
    {
        var index = type.GetFieldIndex(name, StringComparer.Ordinal);
        return index < 0 ? null : array.Fields[index];
    }
}
