using System.Text;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Parts of JSON texts; malformed text gives null.</summary>
internal static class JsonFunctions
{
    private static readonly Remembered<JsonPath> Paths = new(JsonPath.Read);

    public static IReadOnlyList<ScalarFunction> All { get; } =
    [
        new(SparkFunctionNames.GetJsonObject, [SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, Find(call[0].Utf8(row), Paths.Get(call[1].Utf8(row)).Steps))),
        new(SparkFunctionNames.JsonArrayLength, [SqlType.Varchar], SqlType.Integer, static (in call, row) =>
        {
            if (ArrayLength(call[0].Utf8(row)) is { } length)
            {
                call.Result.Set(row, length);
            }
            else
            {
                call.Result.SetNull(row);
            }
        }),
    ];

    private static string? Find(ReadOnlySpan<byte> json, IReadOnlyList<object>? steps)
    {
        if (steps is null)
        {
            return null;
        }

        try
        {
            var cursor = new JsonCursor(json);
            return cursor.Peek() == 0 ? null : Find(ref cursor, steps, 0);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The first value at the path, and the rest of its object or array is read to see that it is whole.</summary>
    private static string? Find(ref JsonCursor cursor, IReadOnlyList<object> steps, int step)
    {
        if (step == steps.Count)
        {
            if (cursor.Peek() is (byte)'"' or (byte)'\'')
            {
                return cursor.Text();
            }

            var output = new StringBuilder();
            cursor.Copy(output);
            return output.ToString();
        }

        string? found = null;
        switch (steps[step])
        {
            case string name when cursor.Peek() == '{':
                if (cursor.Enter('{', '}'))
                {
                    do
                    {
                        Element(ref cursor, cursor.FieldName() == name, ref found);
                    }
                    while (cursor.Continue('}'));
                }

                break;
            case int place when cursor.Peek() == '[':
                if (cursor.Enter('[', ']'))
                {
                    var index = 0;
                    do
                    {
                        Element(ref cursor, index++ == place, ref found);
                    }
                    while (cursor.Continue(']'));
                }

                break;
            default:
                cursor.Skip();
                break;
        }

        return found;

        void Element(ref JsonCursor element, bool wanted, ref string? value)
        {
            if (wanted && value is null && element.Peek() != 'n')
            {
                value = Find(ref element, steps, step + 1);
            }
            else
            {
                element.Skip();
            }
        }
    }

    private static int? ArrayLength(ReadOnlySpan<byte> json)
    {
        try
        {
            var cursor = new JsonCursor(json);
            if (cursor.Peek() != '[')
            {
                return null;
            }

            var length = 0;
            if (cursor.Enter('[', ']'))
            {
                do
                {
                    cursor.Skip();
                    length++;
                }
                while (cursor.Continue(']'));
            }

            return length;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
