using System.Globalization;
using LogPipeline.Core.Query.Values;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Casts of texts, and texts of floating-point numbers.</summary>
internal static class CastFunctions
{
    private delegate bool Parse<T>(ReadOnlySpan<byte> utf8, out T value);

    public static IReadOnlyList<ScalarFunction> All { get; } =
    [
        .. Cast<sbyte>(SparkFunctionNames.CastTinyint, SparkFunctionNames.TryCastTinyint, SqlType.TinyInt, "TINYINT", Narrow<sbyte>),
        .. Cast<short>(SparkFunctionNames.CastSmallint, SparkFunctionNames.TryCastSmallint, SqlType.SmallInt, "SMALLINT", Narrow<short>),
        .. Cast<int>(SparkFunctionNames.CastInt, SparkFunctionNames.TryCastInt, SqlType.Integer, "INT", Narrow<int>),
        .. Cast<long>(SparkFunctionNames.CastBigint, SparkFunctionNames.TryCastBigint, SqlType.BigInt, "BIGINT", NumberText.TryInteger),
        .. Cast<float>(SparkFunctionNames.CastFloat, SparkFunctionNames.TryCastFloat, SqlType.Float, "FLOAT", NumberText.TryFloat),
        .. Cast<double>(SparkFunctionNames.CastDouble, SparkFunctionNames.TryCastDouble, SqlType.Double, "DOUBLE", NumberText.TryDouble),
        .. Cast<bool>(SparkFunctionNames.CastBoolean, SparkFunctionNames.TryCastBoolean, SqlType.Boolean, "BOOLEAN", TryBoolean),
        .. Cast<int>(SparkFunctionNames.CastDate, SparkFunctionNames.TryCastDate, SqlType.Integer, "DATE", TimeText.TryDate),
        .. Cast<long>(SparkFunctionNames.CastTimestamp, SparkFunctionNames.TryCastTimestamp, SqlType.BigInt, "TIMESTAMP", TimeText.TryTimestamp),
        new(SparkFunctionNames.CastDecimal, [SqlType.Varchar, SqlType.Integer, SqlType.Integer], SqlType.Varchar, static (in call, row) => ToDecimal(in call, row, orNull: false)) { CanFail = true },
        new(SparkFunctionNames.TryCastDecimal, [SqlType.Varchar, SqlType.Integer, SqlType.Integer], SqlType.Varchar, static (in call, row) => ToDecimal(in call, row, orNull: true)),
        new(SparkFunctionNames.DoubleToString, [SqlType.Double], SqlType.Varchar, static (in call, row) => call.Result.Set(row, JavaNumber.Print(call[0].Get<double>(row)))),
        new(SparkFunctionNames.FloatToString, [SqlType.Float], SqlType.Varchar, static (in call, row) => call.Result.Set(row, JavaNumber.Print(call[0].Get<float>(row)))),
    ];

    private static IEnumerable<ScalarFunction> Cast<T>(string name, string tryName, SqlType result, string type, Parse<T> parse)
        where T : unmanaged
    {
        yield return new(name, [SqlType.Varchar], result, (in call, row) =>
        {
            if (!parse(call[0].Utf8(row), out var value))
            {
                throw SparkFailure.Cast(call[0].Text(row), type);
            }

            call.Result.Set(row, value);
        })
        {
            CanFail = true,
        };
        yield return new(tryName, [SqlType.Varchar], result, (in call, row) =>
        {
            if (parse(call[0].Utf8(row), out var value))
            {
                call.Result.Set(row, value);
            }
            else
            {
                call.Result.SetNull(row);
            }
        });
    }

    private static bool Narrow<T>(ReadOnlySpan<byte> utf8, out T value)
        where T : struct, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T>
    {
        value = default;
        if (!NumberText.TryInteger(utf8, out var number) || number < long.CreateChecked(T.MinValue) || number > long.CreateChecked(T.MaxValue))
        {
            return false;
        }

        value = T.CreateTruncating(number);
        return true;
    }

    private static bool TryBoolean(ReadOnlySpan<byte> utf8, out bool value)
    {
        var text = NumberText.Trim(utf8);
        Span<byte> lower = stackalloc byte[5];
        value = false;
        if (text.Length is 0 or > 5 || System.Text.Ascii.ToLower(text, lower, out var length) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        lower = lower[..length];
        value = lower.SequenceEqual("t"u8) || lower.SequenceEqual("true"u8) || lower.SequenceEqual("y"u8) || lower.SequenceEqual("yes"u8) || lower.SequenceEqual("1"u8);
        return value || lower.SequenceEqual("f"u8) || lower.SequenceEqual("false"u8) || lower.SequenceEqual("n"u8) || lower.SequenceEqual("no"u8) || lower.SequenceEqual("0"u8);
    }

    private static void ToDecimal(in FunctionCall call, int row, bool orNull)
    {
        var precision = call[1].Get<int>(row);
        var scale = call[2].Get<int>(row);
        var type = string.Create(CultureInfo.InvariantCulture, $"DECIMAL({precision},{scale})");
        if (!ExactNumber.TryParse(call[0].Text(row), out var number))
        {
            if (!orNull)
            {
                throw SparkFailure.Cast(call[0].Text(row), type);
            }

            call.Result.SetNull(row);
            return;
        }

        if (number.TryRound(scale, halfEven: false, precision, out var unscaled))
        {
            call.Result.Set(row, ExactNumber.Print(unscaled, scale));
        }
        else if (orNull)
        {
            call.Result.SetNull(row);
        }
        else
        {
            throw SparkFailure.Of(
                "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
                "22003",
                string.Create(CultureInfo.InvariantCulture, $"The {call[0].Text(row).Trim()} rounded half up from cannot be represented as Decimal({precision}, {scale}). If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error, and return NULL instead."));
        }
    }
}
