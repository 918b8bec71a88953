using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>DuckDB's numbers of the types that functions take and give.</summary>
internal enum SqlType
{
    Boolean = 1,
    TinyInt = 2,
    SmallInt = 3,
    Integer = 4,
    BigInt = 5,
    Float = 10,
    Double = 11,
    HugeInt = 16,
    Varchar = 17,
    Blob = 18,

    /// <summary>A list of VARCHAR; no number of DuckDB's.</summary>
    VarcharList = -1,
}

/// <summary>Computes one row, none of whose arguments is null.</summary>
internal delegate void RowBody(in FunctionCall call, int row);

/// <summary>The arguments and the result of one call over a chunk of rows.</summary>
internal unsafe ref struct FunctionCall(nint chunk, nint result, int arguments)
{
    private readonly int count = arguments;
    private InputSlots inputs = Slots(chunk, arguments);
    private OutputVector output = new(result);

    public readonly int Rows { get; } = (int)Native.ChunkSize(chunk);

    public readonly InputVector this[int argument] => inputs[argument];

    /// <summary>The state of a call changes while rows are written, although bodies take it by <c>in</c>.</summary>
    [UnscopedRef]
    public readonly ref OutputVector Result => ref Unsafe.AsRef(in output);

    public readonly bool AnyNull(int row)
    {
        for (var argument = 0; argument < count; argument++)
        {
            if (inputs[argument].IsNull(row))
            {
                return true;
            }
        }

        return false;
    }

    public readonly void SetTexts(int row, IReadOnlyList<string> texts) => Result.SetTexts(row, texts);

    private static InputSlots Slots(nint chunk, int arguments)
    {
        var slots = default(InputSlots);
        for (var argument = 0; argument < arguments; argument++)
        {
            slots[argument] = new InputVector(Native.ChunkVector(chunk, (ulong)argument));
        }

        return slots;
    }

    [InlineArray(4)]
    private struct InputSlots
    {
        private InputVector first;
    }
}

/// <summary>A function of SQL that is written in C#. A null argument gives null.</summary>
/// <param name="Name">Name in generated SQL, from <see cref="SparkFunctionNames"/>.</param>
/// <param name="Parameters">Types of its arguments, at most four.</param>
/// <param name="Result">Type of its value.</param>
/// <param name="Body">Its meaning for a row without nulls.</param>
internal sealed record ScalarFunction(string Name, SqlType[] Parameters, SqlType Result, RowBody Body)
{
    /// <summary>
    /// Whether a value may make it fail. DuckDB takes functions for infallible and computes them over whole dictionaries of a
    /// Parquet file, values of filtered rows among them; only a function that it takes for volatile is computed row by row.
    /// </summary>
    public bool CanFail { get; init; }

    /// <summary>Computes the rows of a chunk.</summary>
    public void Invoke(nint chunk, nint result)
    {
        var call = new FunctionCall(chunk, result, Parameters.Length);
        for (var row = 0; row < call.Rows; row++)
        {
            if (call.AnyNull(row))
            {
                call.Result.SetNull(row);
            }
            else
            {
                Body(in call, row);
            }
        }
    }
}
