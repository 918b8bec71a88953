using System.Globalization;
using LogPipeline.Core.Query.SparkSql.Values;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Syntax;

internal sealed partial class Parser
{
    private LiteralNode ReadNumber(bool negative)
    {
        var token = Take();
        var sign = negative ? "-" : "";
        var text = sign + token.Text;
        switch (token.Kind)
        {
            case TokenKind.Integer:
                if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
                {
                    return new LiteralNode(token.Span, whole is >= int.MinValue and <= int.MaxValue ? DataTypes.Integer : DataTypes.Long, whole);
                }

                return ReadDecimal(token, text);
            case TokenKind.Decimal:
                return ReadDecimal(token, text);
            case TokenKind.Exponent:
                return new LiteralNode(token.Span, DataTypes.Double, double.Parse(text, CultureInfo.InvariantCulture));
            default:
                return ReadSuffixed(token, text);
        }
    }

    private LiteralNode ReadSuffixed(Token token, string text)
    {
        if (text.EndsWith("BD", StringComparison.Ordinal))
        {
            return ReadDecimal(token, text[..^2]);
        }

        var digits = text[..^1];
        switch (text[^1])
        {
            case 'D':
                return new LiteralNode(token.Span, DataTypes.Double, double.Parse(digits, CultureInfo.InvariantCulture));
            case 'F':
                return new LiteralNode(token.Span, DataTypes.Float, (double)float.Parse(digits, CultureInfo.InvariantCulture));
            default:
                var (type, low, high) = text[^1] switch
                {
                    'L' => (DataTypes.Long, long.MinValue, long.MaxValue),
                    'S' => (DataTypes.Short, short.MinValue, short.MaxValue),
                    _ => (DataTypes.Byte, (long)sbyte.MinValue, (long)sbyte.MaxValue),
                };
                return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high
                    ? new LiteralNode(token.Span, type, value)
                    : throw SqlError.At(_sql, token.Span, "INVALID_NUMERIC_LITERAL_RANGE", "22003", $"Numeric literal {digits} is outside the valid range for {type.Name} with minimum value of {SqlError.Number(low)} and maximum value of {SqlError.Number(high)}. Please adjust the value accordingly.");
        }
    }

    private LiteralNode ReadDecimal(Token token, string text)
    {
        if (!SparkDecimal.TryParse(text, out var value))
        {
            throw SqlError.Syntax(_sql, token);
        }

        return value.Precision <= 38
            ? new LiteralNode(token.Span, new DecimalType(value.Precision, value.Scale), value)
            : throw SqlError.At(_sql, token.Span, "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "22003", $"Decimal precision {SqlError.Number(value.Precision)} exceeds max precision 38.");
    }

    private LiteralNode ReadBinaryLiteral(Token token)
    {
        var text = token.Text.Length % 2 == 0 ? token.Text : "0" + token.Text;
        return text.All(char.IsAsciiHexDigit)
            ? new LiteralNode(token.Span, DataTypes.Binary, Convert.FromHexString(text))
            : throw SqlError.At(_sql, token.Span, "INVALID_TYPED_LITERAL", "42604", $"The value of the typed literal \"X\" is invalid: '{token.Text}'.");
    }

    private LiteralNode ReadTypedLiteral()
    {
        var start = Current.Span;
        var kind = Take().Text.ToUpperInvariant();
        var text = Take().Text;
        object? value = null;
        var type = DataTypes.Timestamp;
        switch (kind)
        {
            case "DATE":
                type = DataTypes.Date;
                value = SparkDates.ParseDate(text) is { } day ? (long)day : null;
                break;
            case "TIMESTAMP_NTZ":
                type = DataTypes.TimestampNtz;
                value = SparkDates.ParseTimestamp(text, out var zoned) is { } wall && !zoned ? wall : null;
                break;
            default:
                value = SparkDates.ParseTimestamp(text, out _);
                break;
        }

        return value is null
            ? throw SqlError.At(_sql, From(start), "INVALID_TYPED_LITERAL", "42604", $"The value of the typed literal \"{kind}\" is invalid: '{text}'.")
            : new LiteralNode(From(start), type, value);
    }

    private LiteralNode ReadInterval()
    {
        var start = Take().Span;
        var parts = new List<(string Value, string Unit)>();
        if (Current.Kind == TokenKind.Text && IntervalText.UnitOf(Ahead().Text) is { } single && Ahead().Kind == TokenKind.Word)
        {
            if (Ahead(2).Is("TO"))
            {
                var text = Take().Text;
                Take();
                Take();
                var to = ReadName();
                return IntervalText.ParseRange(text, single, to) is { } range
                    ? new LiteralNode(From(start), range.Type, range.Value)
                    : throw Unsupported(From(start), "This interval");
            }
        }
        else if (Current.Kind == TokenKind.Text)
        {
            var text = Take();
            var words = text.Text.Trim().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            for (var at = 0; at + 1 < words.Length; at += 2)
            {
                parts.Add((words[at], words[at + 1]));
            }

            if (words.Length % 2 != 0 || parts.Count == 0)
            {
                throw Unsupported(From(start), "This interval");
            }
        }

        while (parts.Count == 0 || Current.Kind is TokenKind.Text or TokenKind.Integer or TokenKind.Decimal || ((At("-") || At("+")) && Ahead(2).Kind == TokenKind.Word && IntervalText.UnitOf(Ahead(2).Text) is not null))
        {
            var sign = TryTake("-") ? "-" : TryTake("+") ? "" : "";
            if (Current.Kind is not (TokenKind.Text or TokenKind.Integer or TokenKind.Decimal) || Ahead().Kind != TokenKind.Word || IntervalText.UnitOf(Ahead().Text) is null)
            {
                throw Unexpected();
            }

            parts.Add((sign + Take().Text.Trim(), Take().Text));
        }

        return IntervalText.Parse(parts, out var bad) is { } interval
            ? new LiteralNode(From(start), interval.Type, interval.Value)
            : throw (bad is null
                ? Unsupported(From(start), "An interval of both months and time")
                : SqlError.At(_sql, From(start), "_LEGACY_ERROR_TEMP_0026", null, $"Can only use numbers in the interval value part for multiple unit value pairs interval form, but got invalid value: {bad}."));
    }

    private DataType ReadType()
    {
        var start = Current.Span;
        var name = ReadName().ToUpperInvariant();
        switch (name)
        {
            case "BOOLEAN":
                return DataTypes.Boolean;
            case "TINYINT" or "BYTE":
                return DataTypes.Byte;
            case "SMALLINT" or "SHORT":
                return DataTypes.Short;
            case "INT" or "INTEGER":
                return DataTypes.Integer;
            case "BIGINT" or "LONG":
                return DataTypes.Long;
            case "FLOAT" or "REAL":
                return DataTypes.Float;
            case "DOUBLE":
                return DataTypes.Double;
            case "STRING":
                return DataTypes.String;
            case "BINARY":
                return DataTypes.Binary;
            case "DATE":
                return DataTypes.Date;
            case "TIMESTAMP" or "TIMESTAMP_LTZ":
                return DataTypes.Timestamp;
            case "TIMESTAMP_NTZ":
                return DataTypes.TimestampNtz;
            case "VOID":
                return DataTypes.Null;
            case "DECIMAL" or "DEC" or "NUMERIC":
                return ReadDecimalType(start);
            case "ARRAY" when At("<"):
                Take();
                var element = ReadType();
                CloseAngle();
                return new ArrayType(element);
            case "MAP" when At("<"):
                Take();
                var key = ReadType();
                Expect(",");
                var value = ReadType();
                CloseAngle();
                return new MapType(key, value);
            case "STRUCT" when At("<"):
                return ReadStructType();
            case "INTERVAL" or "VARCHAR" or "CHAR" or "CHARACTER" or "VARIANT" or "TIME" or "GEOMETRY" or "GEOGRAPHY":
                throw Unsupported(start, $"The type {name}");
            default:
                throw SqlError.At(_sql, start, "UNSUPPORTED_DATATYPE", "0A000", $"Unsupported data type \"{name}\".");
        }
    }

    private DecimalType ReadDecimalType(Span start)
    {
        var precision = 10;
        var scale = 0;
        if (TryTake("("))
        {
            precision = ReadTypeNumber();
            scale = TryTake(",") ? ReadTypeNumber() : 0;
            Expect(")");
        }

        return precision is >= 1 and <= 38 && scale <= precision
            ? new DecimalType(precision, scale)
            : throw SqlError.At(_sql, From(start), precision > 38 ? "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION" : "PARSE_SYNTAX_ERROR", "42601", "A decimal has 1 to 38 digits, and not more of them after the point.");
    }

    private int ReadTypeNumber() =>
        Current.Kind == TokenKind.Integer && int.TryParse(Current.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Take().Kind == TokenKind.Integer ? number : throw Unexpected();

    private StructType ReadStructType()
    {
        Take();
        var fields = new List<StructField>();
        do
        {
            var name = ReadName();
            TryTake(":");
            fields.Add(new StructField(name, ReadType()));
        }
        while (TryTake(","));
        CloseAngle();
        return new StructType(fields);
    }

    /// <summary>Takes one <c>&gt;</c>, also from the front of <c>&gt;&gt;</c> that closes two types.</summary>
    private void CloseAngle()
    {
        var token = Current;
        if (token.Kind == TokenKind.Symbol && token.Text is ">>" or ">>>")
        {
            _tokens[_index] = new Token(TokenKind.Symbol, token.Text[1..], new Span(token.Span.Start + 1, token.Span.End));
            return;
        }

        Expect(">");
    }
}
