using Apache.Arrow;
using Apache.Arrow.Types;
using ArrowField = Apache.Arrow.Field;
using ArrowMapType = Apache.Arrow.Types.MapType;
using ArrowStructType = Apache.Arrow.Types.StructType;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Builds one nullable struct column of a checkpoint, such as <c>add</c>, row by row.</summary>
internal sealed class CheckpointColumn(string name, params CheckpointField[] fields)
{
    private readonly ArrowBuffer.BitmapBuilder present = new();
    private int length;
    private int missing;

    public string Name { get; } = name;

    public ArrowStructType Type { get; } = new([.. fields.Select(field => new ArrowField(field.Name, field.Type, nullable: true))]);

    /// <summary>Starts the next row. Unless <paramref name="isPresent"/>, it is null with every field of it; else each field must be appended to.</summary>
    public void Next(bool isPresent)
    {
        present.Append(isPresent);
        length++;
        if (!isPresent)
        {
            missing++;
            foreach (var field in fields)
            {
                field.AppendNull();
            }
        }
    }

    public StructArray Build() => new(Type, length, [.. fields.Select(field => field.Build())], present.Build(), missing);
}

/// <summary>One field of a <see cref="CheckpointColumn"/>.</summary>
internal abstract class CheckpointField(string name, IArrowType type)
{
    public string Name { get; } = name;

    public IArrowType Type { get; } = type;

    public abstract void AppendNull();

    public abstract IArrowArray Build();
}

internal sealed class TextField(string name) : CheckpointField(name, StringType.Default)
{
    private readonly StringArray.Builder builder = new();

    public void Append(string? value) => _ = value is null ? builder.AppendNull() : builder.Append(value);

    public override void AppendNull() => builder.AppendNull();

    public override IArrowArray Build() => builder.Build();
}

internal sealed class LongField(string name) : CheckpointField(name, Int64Type.Default)
{
    private readonly Int64Array.Builder builder = new();

    public void Append(long? value) => _ = value is { } number ? builder.Append(number) : builder.AppendNull();

    public override void AppendNull() => builder.AppendNull();

    public override IArrowArray Build() => builder.Build();
}

internal sealed class IntField(string name) : CheckpointField(name, Int32Type.Default)
{
    private readonly Int32Array.Builder builder = new();

    public void Append(int value) => builder.Append(value);

    public override void AppendNull() => builder.AppendNull();

    public override IArrowArray Build() => builder.Build();
}

internal sealed class BoolField(string name) : CheckpointField(name, BooleanType.Default)
{
    private readonly BooleanArray.Builder builder = new();

    public void Append(bool value) => builder.Append(value);

    public override void AppendNull() => builder.AppendNull();

    public override IArrowArray Build() => builder.Build();
}

internal sealed class TextsField(string name)
    : CheckpointField(name, new ListType(new ArrowField("element", StringType.Default, nullable: true)))
{
    private readonly StringArray.Builder values = new();
    private readonly ArrowBuffer.Builder<int> offsets = new ArrowBuffer.Builder<int>().Append(0);
    private readonly ArrowBuffer.BitmapBuilder present = new();
    private int length;
    private int missing;

    public void Append(IReadOnlyList<string> texts)
    {
        foreach (var text in texts)
        {
            values.Append(text);
        }

        offsets.Append(values.Length);
        present.Append(true);
        length++;
    }

    public override void AppendNull()
    {
        offsets.Append(values.Length);
        present.Append(false);
        length++;
        missing++;
    }

    public override IArrowArray Build() => new ListArray(Type, length, offsets.Build(), values.Build(), present.Build(), missing);
}

internal sealed class MapField(string name)
    : CheckpointField(name, new ArrowMapType(StringType.Default, StringType.Default))
{
    private readonly MapArray.Builder builder = new(new ArrowMapType(StringType.Default, StringType.Default));

    public void Append(IReadOnlyDictionary<string, string?>? map)
    {
        if (map is null)
        {
            builder.AppendNull();
            return;
        }

        builder.Append();
        var keys = (StringArray.Builder)builder.KeyBuilder;
        var values = (StringArray.Builder)builder.ValueBuilder;
        foreach (var (key, value) in map)
        {
            keys.Append(key);
            _ = value is null ? values.AppendNull() : values.Append(value);
        }
    }

    public override void AppendNull() => builder.AppendNull();

    public override IArrowArray Build() => builder.Build();
}

/// <summary>A struct within a struct: <c>metaData.format</c>.</summary>
internal sealed class NestedField(CheckpointColumn column) : CheckpointField(column.Name, column.Type)
{
    public void Append() => column.Next(isPresent: true);

    public override void AppendNull() => column.Next(isPresent: false);

    public override IArrowArray Build() => column.Build();
}
