namespace LogPipeline.Core.Query.SparkSql.Syntax;

internal sealed partial class Parser
{
    private ExpressionNode ReadExpression()
    {
        Enter();
        var expression = TryReadLambda() ?? ReadOr();
        Leave();
        return expression;
    }

    private ExpressionNode ReadOr()
    {
        var left = ReadAnd();
        while (At("OR"))
        {
            Take();
            var right = ReadAnd();
            left = new BinaryNode(From(left.Span), "OR", left, right);
        }

        return left;
    }

    private ExpressionNode ReadAnd()
    {
        var left = ReadNot();
        while (At("AND"))
        {
            Take();
            var right = ReadNot();
            left = new BinaryNode(From(left.Span), "AND", left, right);
        }

        return left;
    }

    private ExpressionNode ReadNot()
    {
        if ((At("NOT") || At("!")) && !(At("NOT") && EndsItem(Ahead())))
        {
            Enter();
            var start = Take().Span;
            var operand = ReadNot();
            Leave();
            return new UnaryNode(From(start), "NOT", operand);
        }

        return ReadPredicate();
    }

    private ExpressionNode ReadPredicate()
    {
        var left = ReadBinary(1);
        var not = At("NOT") && (Ahead().Is("BETWEEN") || Ahead().Is("IN") || Ahead().Is("LIKE") || Ahead().Is("ILIKE") || Ahead().Is("RLIKE") || Ahead().Is("REGEXP"));
        if (not)
        {
            Take();
        }

        if (TryTake("BETWEEN"))
        {
            var low = ReadBinary(1);
            Expect("AND");
            var high = ReadBinary(1);
            return new BetweenNode(From(left.Span), left, low, high, not);
        }

        if (At("IN", "("))
        {
            Take();
            return ReadIn(left, not);
        }

        if (AtAny("LIKE", "ILIKE", "RLIKE", "REGEXP") && !EndsItem(Ahead()))
        {
            return ReadLike(left, not);
        }

        return At("IS") && !EndsItem(Ahead()) ? ReadIs(left) : left;
    }

    private ExpressionNode ReadIn(ExpressionNode left, bool not)
    {
        Expect("(");
        if (AtAny("SELECT", "WITH", "FROM", "VALUES") || At("TABLE"))
        {
            var query = ReadQuery();
            Expect(")");
            return new InQueryNode(From(left.Span), left, query, not);
        }

        var items = ReadExpressions();
        Expect(")");
        return new InListNode(From(left.Span), left, items, not);
    }

    private List<ExpressionNode> ReadExpressions()
    {
        var items = new List<ExpressionNode>();
        do
        {
            items.Add(ReadExpression());
        }
        while (TryTake(","));
        return items;
    }

    private LikeNode ReadLike(ExpressionNode left, bool not)
    {
        var kind = Take().Text.ToUpperInvariant();
        kind = kind == "REGEXP" ? "RLIKE" : kind;
        if (AtAny("ANY", "SOME", "ALL") && Ahead().Is("("))
        {
            var quantifier = Take().Is("ALL") ? "ALL" : "ANY";
            Expect("(");
            var patterns = ReadExpressions();
            Expect(")");
            return new LikeNode(From(left.Span), kind, left, patterns, quantifier, null, not);
        }

        var pattern = ReadBinary(1);
        var escape = TryTake("ESCAPE") ? ReadBinary(1) : null;
        return new LikeNode(From(left.Span), kind, left, [pattern], null, escape, not);
    }

    private ExpressionNode ReadIs(ExpressionNode left)
    {
        Take();
        var not = TryTake("NOT");
        if (TryTake("DISTINCT"))
        {
            Expect("FROM");
            var right = ReadBinary(1);
            return new IsDistinctNode(From(left.Span), left, right, not);
        }

        if (!AtAny("NULL", "TRUE", "FALSE", "UNKNOWN"))
        {
            throw Unexpected();
        }

        var what = Take().Text.ToUpperInvariant();
        return new IsNode(From(left.Span), left, what, not);
    }

    /// <summary>How tight an operator binds; 0 for none. Comparison, |, ^, &amp;, shifts, addition, multiplication.</summary>
    private int Binding()
    {
        if (Current.Kind == TokenKind.Word)
        {
            return At("DIV") && !EndsItem(Ahead()) ? 7 : 0;
        }

        return Current.Kind != TokenKind.Symbol ? 0 : Current.Text switch
        {
            "=" or "==" or "<>" or "!=" or "<" or "<=" or ">" or ">=" or "<=>" => 1,
            "|" => 2,
            "^" => 3,
            "&" => 4,
            "<<" or ">>" or ">>>" => 5,
            "+" or "-" or "||" => 6,
            "*" or "/" or "%" => 7,
            _ => 0,
        };
    }

    private ExpressionNode ReadBinary(int least)
    {
        var left = ReadUnary();
        while (true)
        {
            var binding = Binding();
            if (binding < least || binding == 0)
            {
                return left;
            }

            var symbol = Take().Text.ToUpperInvariant();
            symbol = symbol switch { "==" => "=", "!=" => "<>", _ => symbol };
            var right = ReadBinary(binding + 1);
            left = new BinaryNode(From(left.Span), symbol, left, right);
        }
    }

    private ExpressionNode ReadUnary()
    {
        if (At("-") && Ahead().Kind is TokenKind.Integer or TokenKind.Decimal or TokenKind.Exponent or TokenKind.Suffixed)
        {
            var start = Take().Span;
            var number = ReadNumber(negative: true);
            return ReadPostfix(number with { Span = From(start) });
        }

        if (AtAny("-", "+", "~"))
        {
            Enter();
            var sign = Take();
            var operand = ReadUnary();
            Leave();
            return new UnaryNode(From(sign.Span), sign.Text, operand);
        }

        return ReadPostfix(ReadPrimary());
    }

    private ExpressionNode ReadPostfix(ExpressionNode operand)
    {
        while (true)
        {
            if (TryTake("["))
            {
                var index = ReadExpression();
                Expect("]");
                operand = new SubscriptNode(From(operand.Span), operand, index);
            }
            else if (TryTake("::"))
            {
                var type = ReadType();
                operand = new CastNode(From(operand.Span), operand, type, Try: false);
            }
            else if (At(".") && operand is not NameNode && Ahead().Kind is TokenKind.Word or TokenKind.QuotedName)
            {
                Take();
                var name = ReadName();
                operand = new FieldNode(From(operand.Span), operand, name);
            }
            else if (At(".") && Ahead().Is("*") && operand is NameNode name)
            {
                Take();
                Take();
                operand = ReadStarEnd(operand.Span, name.Parts);
            }
            else if (At("COLLATE") && Ahead().Kind == TokenKind.Word)
            {
                throw Unsupported(Current.Span, "COLLATE");
            }
            else
            {
                return operand;
            }
        }
    }

    private StarNode ReadStarEnd(Span start, IReadOnlyList<string> target)
    {
        var except = new List<NameNode>();
        if (At("EXCEPT", "(") && Ahead(2).Kind is TokenKind.Word or TokenKind.QuotedName && !Ahead(2).Is("SELECT"))
        {
            Take();
            Expect("(");
            do
            {
                var at = Current.Span;
                var parts = ReadQualifiedName();
                except.Add(new NameNode(From(at), parts));
            }
            while (TryTake(","));
            Expect(")");
        }

        return new StarNode(From(start), target, except);
    }

    private LambdaNode? TryReadLambda()
    {
        var start = Current.Span;
        if (Current.Kind is TokenKind.Word or TokenKind.QuotedName && Ahead().Is("->"))
        {
            var name = ReadName();
            Take();
            var body = ReadExpression();
            return new LambdaNode(From(start), [name], body);
        }

        if (!At("("))
        {
            return null;
        }

        var ahead = 1;
        while (Ahead(ahead).Kind is TokenKind.Word or TokenKind.QuotedName && Ahead(ahead + 1).Is(","))
        {
            ahead += 2;
        }

        if (Ahead(ahead).Kind is not (TokenKind.Word or TokenKind.QuotedName) || !Ahead(ahead + 1).Is(")") || !Ahead(ahead + 2).Is("->"))
        {
            return null;
        }

        var names = ReadNameList();
        Take();
        var lambda = ReadExpression();
        return new LambdaNode(From(start), names, lambda);
    }
}
