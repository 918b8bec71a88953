using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Syntax;

internal sealed partial class Parser
{
    private ExpressionNode ReadPrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Integer or TokenKind.Decimal or TokenKind.Exponent or TokenKind.Suffixed:
                return ReadNumber(negative: false);
            case TokenKind.Text:
                return ReadTexts();
            case TokenKind.Binary:
                Take();
                return ReadBinaryLiteral(token);
            case TokenKind.QuotedName:
                return ReadNameOrCall();
            case TokenKind.Word:
                return ReadWord();
            case TokenKind.Symbol when token.Text == "(":
                return ReadParentheses();
            case TokenKind.Symbol when token.Text == "*":
                Take();
                return ReadStarEnd(token.Span, []);
            case TokenKind.Symbol when token.Text is "?" || (token.Text == ":" && Ahead().Kind == TokenKind.Word):
                throw Unsupported(token.Span, "A parameter");
            default:
                throw Unexpected();
        }
    }

    private LiteralNode ReadTexts()
    {
        var start = Current.Span;
        var text = Take().Text;
        while (Current.Kind == TokenKind.Text)
        {
            text += Take().Text;
        }

        return new LiteralNode(From(start), DataTypes.String, text);
    }

    private ExpressionNode ReadParentheses()
    {
        var start = Take().Span;
        if (AtAny("SELECT", "WITH", "FROM", "VALUES") || (At("TABLE") && Ahead().Kind == TokenKind.Word))
        {
            var query = ReadQuery();
            Expect(")");
            return new ScalarQueryNode(From(start), query);
        }

        var items = ReadExpressions();
        Expect(")");
        return items.Count == 1 ? items[0] : new RowNode(From(start), items);
    }

    private ExpressionNode ReadWord()
    {
        var token = Current;
        var next = Ahead();
        switch (token.Text.ToUpperInvariant())
        {
            case "NULL":
                Take();
                return new LiteralNode(token.Span, DataTypes.Null, null);
            case "TRUE":
                Take();
                return new LiteralNode(token.Span, DataTypes.Boolean, true);
            case "FALSE":
                Take();
                return new LiteralNode(token.Span, DataTypes.Boolean, false);
            case "CASE" when !EndsItem(next):
                return ReadCase();
            case "CAST" or "TRY_CAST" when next.Is("("):
                return ReadCast();
            case "EXISTS" when next.Is("(") && (Ahead(2).Is("SELECT") || Ahead(2).Is("WITH") || Ahead(2).Is("FROM") || Ahead(2).Is("VALUES")):
                return ReadExists();
            case "INTERVAL" when next.Kind is TokenKind.Text or TokenKind.Integer or TokenKind.Decimal || next.Is("-") || next.Is("+"):
                return ReadInterval();
            case "DATE" or "TIMESTAMP" or "TIMESTAMP_NTZ" or "TIMESTAMP_LTZ" when next.Kind == TokenKind.Text:
                return ReadTypedLiteral();
            case "EXTRACT" when next.Is("("):
                return ReadExtract();
            case "SUBSTRING" or "SUBSTR" when next.Is("("):
                return ReadSubstring();
            case "TRIM" when next.Is("("):
                return ReadTrim();
            case "POSITION" when next.Is("("):
                return ReadPosition();
            case "OVERLAY" or "COLLATE" or "TIMESTAMPDIFF_" when next.Is("("):
                throw Unsupported(token.Span, $"The function {token.Text.ToLowerInvariant()}");
            default:
                return ReadNameOrCall();
        }
    }

    private CaseNode ReadCase()
    {
        var start = Take().Span;
        var operand = At("WHEN") ? null : ReadExpression();
        var branches = new List<(ExpressionNode, ExpressionNode)>();
        while (TryTake("WHEN"))
        {
            var condition = ReadExpression();
            Expect("THEN");
            branches.Add((condition, ReadExpression()));
        }

        if (branches.Count == 0)
        {
            throw Unexpected();
        }

        var otherwise = TryTake("ELSE") ? ReadExpression() : null;
        Expect("END");
        return new CaseNode(From(start), operand, branches, otherwise);
    }

    private CastNode ReadCast()
    {
        var start = Current.Span;
        var isTry = Take().Is("TRY_CAST");
        Expect("(");
        var operand = ReadExpression();
        Expect("AS");
        var type = ReadType();
        Expect(")");
        return new CastNode(From(start), operand, type, isTry);
    }

    private ExistsNode ReadExists()
    {
        var start = Take().Span;
        Expect("(");
        var query = ReadQuery();
        Expect(")");
        return new ExistsNode(From(start), query);
    }

    private FunctionNode Call(Span start, string name, params IReadOnlyList<ExpressionNode> arguments) => new(From(start), start, name, arguments);

    private FunctionNode ReadExtract()
    {
        var start = Take().Span;
        Expect("(");
        var at = Current.Span;
        var field = new LiteralNode(at, DataTypes.String, ReadName());
        Expect("FROM");
        var source = ReadExpression();
        Expect(")");
        return Call(start, "extract", field, source);
    }

    private FunctionNode ReadSubstring()
    {
        var start = Current.Span;
        var name = Take().Text;
        Expect("(");
        var arguments = new List<ExpressionNode> { ReadExpression() };
        if (TryTake("FROM"))
        {
            arguments.Add(ReadExpression());
            if (TryTake("FOR"))
            {
                arguments.Add(ReadExpression());
            }
        }

        while (TryTake(","))
        {
            arguments.Add(ReadExpression());
        }

        Expect(")");
        return Call(start, name, arguments);
    }

    private FunctionNode ReadTrim()
    {
        var start = Take().Span;
        Expect("(");
        if (AtAny("BOTH", "LEADING", "TRAILING") && !Ahead().Is(",") && !Ahead().Is(")"))
        {
            var name = Take().Text.ToUpperInvariant() switch { "LEADING" => "ltrim", "TRAILING" => "rtrim", _ => "trim" };
            var characters = At("FROM") ? null : ReadExpression();
            Expect("FROM");
            var source = ReadExpression();
            Expect(")");
            return characters is null ? Call(start, name, source) : Call(start, name + " from", characters, source);
        }

        var first = ReadExpression();
        if (TryTake("FROM"))
        {
            var source = ReadExpression();
            Expect(")");
            return Call(start, "trim from", first, source);
        }

        var arguments = new List<ExpressionNode> { first };
        while (TryTake(","))
        {
            arguments.Add(ReadExpression());
        }

        Expect(")");
        return Call(start, "trim", arguments);
    }

    private FunctionNode ReadPosition()
    {
        var start = Take().Span;
        Expect("(");
        var arguments = new List<ExpressionNode> { ReadBinary(1) };
        if (TryTake("IN"))
        {
            arguments.Add(ReadBinary(1));
        }

        while (TryTake(","))
        {
            arguments.Add(ReadExpression());
        }

        Expect(")");
        return Call(start, "position", arguments);
    }

    private ExpressionNode ReadNameOrCall()
    {
        var start = Current.Span;
        var parts = new List<string> { ReadName() };
        if (At("("))
        {
            return ReadCall(start, parts[0]);
        }

        while (At(".") && Ahead().Kind is TokenKind.Word or TokenKind.QuotedName)
        {
            Take();
            parts.Add(ReadName());
        }

        if (At("(") && parts.Count > 1)
        {
            return parts is ["system" or "SYSTEM", "builtin" or "BUILTIN", var last] ? ReadCall(start, last) : throw Unsupported(From(start), $"The function {string.Join('.', parts)}");
        }

        return new NameNode(From(start), parts);
    }

    private FunctionNode ReadCall(Span start, string name)
    {
        Expect("(");
        var distinct = false;
        if (AtAny("DISTINCT", "ALL") && !Ahead().Is(")") && !Ahead().Is(","))
        {
            distinct = Take().Is("DISTINCT");
        }

        var arguments = At(")") ? [] : ReadArguments(string.Equals(name, "struct", StringComparison.OrdinalIgnoreCase));
        var call = new FunctionNode(start, start, name, arguments) { Distinct = distinct };
        if (TryTake("IGNORE", "NULLS"))
        {
            call = call with { IgnoreNulls = true };
        }

        Expect(")");
        if (TryTake("WITHIN", "GROUP"))
        {
            Expect("(");
            Expect("ORDER");
            Expect("BY");
            call = call with { WithinGroup = ReadSortItems() };
            Expect(")");
        }

        if (At("FILTER", "("))
        {
            Take();
            Expect("(");
            Expect("WHERE");
            call = call with { Filter = ReadExpression() };
            Expect(")");
        }

        if (TryTake("IGNORE", "NULLS"))
        {
            call = call with { IgnoreNulls = true };
        }
        else if (TryTake("RESPECT", "NULLS"))
        {
            call = call with { IgnoreNulls = false };
        }

        if (At("OVER") && (Ahead().Is("(") || Ahead().Kind is TokenKind.Word or TokenKind.QuotedName))
        {
            Take();
            call = call with { Over = ReadWindow() };
        }

        return call with { Span = From(start) };
    }

    private List<ExpressionNode> ReadArguments(bool named)
    {
        var arguments = new List<ExpressionNode>();
        do
        {
            if (Current.Kind == TokenKind.Word && Ahead().Is("=>"))
            {
                throw Unsupported(Current.Span, "A named argument");
            }

            var argument = ReadExpression();
            if (named && TryTake("AS"))
            {
                var alias = ReadName();
                argument = new NamedNode(From(argument.Span), argument, alias);
            }

            arguments.Add(argument);
        }
        while (TryTake(","));
        return arguments;
    }

    private WindowNode ReadWindow()
    {
        var start = Current.Span;
        if (!At("("))
        {
            var name = ReadName();
            return new WindowNode(From(start), name, [], [], null);
        }

        Expect("(");
        if (Current.Kind is TokenKind.Word or TokenKind.QuotedName && Ahead().Is(")"))
        {
            var name = ReadName();
            Expect(")");
            return new WindowNode(From(start), name, [], [], null);
        }

        var partition = new List<ExpressionNode>();
        if (AtAny("PARTITION", "DISTRIBUTE") && Ahead().Is("BY"))
        {
            Take();
            Take();
            partition = ReadExpressions();
        }

        var order = new List<SortNode>();
        if (AtAny("ORDER", "SORT") && Ahead().Is("BY"))
        {
            Take();
            Take();
            order = ReadSortItems();
        }

        var frame = AtAny("ROWS", "RANGE") ? ReadFrame() : null;
        Expect(")");
        return new WindowNode(From(start), null, partition, order, frame);
    }

    private FrameNode ReadFrame()
    {
        var start = Current.Span;
        var rows = Take().Is("ROWS");
        if (TryTake("BETWEEN"))
        {
            var low = ReadBound();
            Expect("AND");
            var high = ReadBound();
            return new FrameNode(From(start), rows, low, high);
        }

        var bound = ReadBound();
        return new FrameNode(From(start), rows, bound, new BoundNode(bound.Span, "CURRENT ROW", null));
    }

    private BoundNode ReadBound()
    {
        var start = Current.Span;
        if (TryTake("CURRENT", "ROW"))
        {
            return new BoundNode(From(start), "CURRENT ROW", null);
        }

        var offset = TryTake("UNBOUNDED") ? null : ReadExpression();
        var kind = At("PRECEDING") || At("FOLLOWING") ? Take().Text.ToUpperInvariant() : throw Unexpected();
        return new BoundNode(From(start), offset is null ? "UNBOUNDED " + kind : kind, offset);
    }
}
