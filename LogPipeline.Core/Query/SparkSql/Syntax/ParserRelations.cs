namespace LogPipeline.Core.Query.SparkSql.Syntax;

internal sealed partial class Parser
{
    /// <summary>Words that cannot be a table's alias, because a join begins with them.</summary>
    private static readonly HashSet<string> _joinWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "ANTI", "CROSS", "EXCEPT", "FULL", "INNER", "INTERSECT", "JOIN", "LATERAL", "LEFT", "NATURAL", "ON", "RIGHT", "SEMI", "SETMINUS", "MINUS", "UNION", "USING",
    };

    private RelationNode ReadRelations()
    {
        var start = Current.Span;
        var left = ReadJoins();
        while (TryTake(","))
        {
            var right = ReadJoins();
            left = new JoinNode(From(start), "CROSS", left, right);
        }

        if (AtAny("PIVOT", "UNPIVOT") && Ahead().Kind is TokenKind.Symbol or TokenKind.Word)
        {
            throw Unsupported(Current.Span, Current.Text.ToUpperInvariant());
        }

        return left;
    }

    private RelationNode ReadJoins()
    {
        var start = Current.Span;
        var left = ReadRelation();
        while (true)
        {
            var natural = At("NATURAL");
            var mark = _index;
            if (natural)
            {
                Take();
            }

            var kind = ReadJoinKind();
            if (kind is null)
            {
                if (natural)
                {
                    throw Unexpected();
                }

                _index = mark;
                return left;
            }

            if (At("LATERAL"))
            {
                throw Unsupported(Current.Span, "LATERAL");
            }

            var right = ReadRelation();
            var join = new JoinNode(From(start), kind, left, right) { Natural = natural };
            if (!natural && TryTake("ON"))
            {
                join = join with { On = ReadExpression() };
            }
            else if (!natural && TryTake("USING"))
            {
                join = join with { Using = ReadNameList() };
            }

            left = join with { Span = From(start) };
        }
    }

    private string? ReadJoinKind()
    {
        if (TryTake("JOIN") || TryTake("INNER", "JOIN"))
        {
            return "INNER";
        }

        if (TryTake("CROSS", "JOIN"))
        {
            return "CROSS";
        }

        if (TryTake("SEMI", "JOIN"))
        {
            return "SEMI";
        }

        if (TryTake("ANTI", "JOIN"))
        {
            return "ANTI";
        }

        if (AtAny("LEFT", "RIGHT", "FULL"))
        {
            var side = Take().Text.ToUpperInvariant();
            if (side == "LEFT" && (TryTake("SEMI") || At("ANTI")))
            {
                var kind = TryTake("ANTI") ? "ANTI" : "SEMI";
                Expect("JOIN");
                return kind;
            }

            TryTake("OUTER");
            Expect("JOIN");
            return side;
        }

        return null;
    }

    private RelationNode ReadRelation()
    {
        Enter();
        var start = Current.Span;
        RelationNode relation;
        if (At("LATERAL"))
        {
            throw Unsupported(Current.Span, At("LATERAL", "VIEW") ? "LATERAL VIEW" : "LATERAL");
        }

        if (At("VALUES"))
        {
            relation = ReadValues();
            Leave();
            return relation;
        }

        if (At("("))
        {
            relation = ReadParenthesised();
        }
        else if (Current.Kind == TokenKind.Text)
        {
            throw Unexpected();
        }
        else
        {
            var parts = ReadQualifiedName();
            if (At("("))
            {
                relation = ReadTableFunction(start, parts);
            }
            else
            {
                RefuseTimeTravel();
                relation = new TableNode(From(start), parts);
            }
        }

        if (At("TABLESAMPLE"))
        {
            throw Unsupported(Current.Span, "TABLESAMPLE");
        }

        relation = ReadRelationAlias(relation);
        Leave();
        return relation with { Span = From(start) };
    }

    private void RefuseTimeTravel()
    {
        if (At("VERSION", "AS") || At("TIMESTAMP", "AS") || At("FOR", "VERSION") || At("FOR", "SYSTEM_VERSION") || At("FOR", "TIMESTAMP") || At("FOR", "SYSTEM_TIME") || At("@"))
        {
            throw Unsupported(Current.Span, "Time travel");
        }
    }

    private TableFunctionNode ReadTableFunction(Span start, List<string> parts)
    {
        Expect("(");
        var arguments = new List<ExpressionNode>();
        if (!At(")"))
        {
            do
            {
                if (At("TABLE"))
                {
                    throw Unsupported(Current.Span, "A table argument");
                }

                arguments.Add(ReadExpression());
            }
            while (TryTake(","));
        }

        Expect(")");
        return new TableFunctionNode(From(start), string.Join('.', parts), arguments);
    }

    private RelationNode ReadParenthesised()
    {
        var start = Take().Span;
        if (AtAny("SELECT", "WITH", "FROM", "VALUES", "TABLE") || At("("))
        {
            var (mark, depth) = (_index, _depth);
            try
            {
                var query = ReadQuery();
                Expect(")");
                return new DerivedTableNode(From(start), query);
            }
            catch (QueryException) when (_tokens[mark].Is("(") || _tokens[mark].Is("TABLE"))
            {
                (_index, _depth) = (mark, depth);
            }
        }

        var relation = ReadRelations();
        Expect(")");
        return relation;
    }

    private ValuesNode ReadValues()
    {
        var start = Current.Span;
        Expect("VALUES");
        var rows = new List<IReadOnlyList<ExpressionNode>>();
        do
        {
            var item = ReadExpression();
            rows.Add(item is RowNode row ? row.Items : [item]);
        }
        while (TryTake(","));
        var values = new ValuesNode(From(start), rows);
        return (ValuesNode)ReadRelationAlias(values);
    }

    private RelationNode ReadRelationAlias(RelationNode relation)
    {
        if (TryTake("AS"))
        {
            relation = relation with { Alias = ReadName() };
        }
        else if (Current.Kind == TokenKind.QuotedName || (Current.Kind == TokenKind.Word && !_joinWords.Contains(Current.Text) && !StartsClause() && !At("SELECT") && !AtAny("PIVOT", "UNPIVOT", "TABLESAMPLE")))
        {
            relation = relation with { Alias = ReadName() };
        }

        return relation.Alias is not null && At("(") ? relation with { ColumnAliases = ReadNameList() } : relation;
    }
}
