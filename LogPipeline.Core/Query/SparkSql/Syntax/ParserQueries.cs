namespace LogPipeline.Core.Query.SparkSql.Syntax;

internal sealed partial class Parser
{
    private QueryNode ReadQuery()
    {
        Enter();
        var start = Current.Span;
        var commonTables = TryTake("WITH") ? ReadCommonTables() : [];
        var body = ReadBody(0);
        var query = ReadQueryEnd(new QueryNode(start, commonTables, body));
        if (At("|>"))
        {
            throw Unsupported(Current.Span, "The pipe operator |>");
        }

        Leave();
        return query with { Span = From(start) };
    }

    private List<CommonTableNode> ReadCommonTables()
    {
        if (At("RECURSIVE") && !Ahead().Is("AS") && !Ahead().Is("("))
        {
            throw Unsupported(Current.Span, "WITH RECURSIVE");
        }

        var tables = new List<CommonTableNode>();
        do
        {
            var start = Current.Span;
            var name = ReadName();
            var columns = At("(") ? ReadNameList() : [];
            TryTake("AS");
            Expect("(");
            var query = ReadQuery();
            Expect(")");
            tables.Add(new CommonTableNode(From(start), name, columns, query));
        }
        while (TryTake(","));
        return tables;
    }

    private QueryNode ReadQueryEnd(QueryNode query)
    {
        if (TryTake("ORDER", "BY"))
        {
            var all = At("ALL") && (Ahead().Kind == TokenKind.End || Ahead().Is("ASC") || Ahead().Is("DESC") || Ahead().Is("NULLS") || Ahead().Is("LIMIT") || Ahead().Is("OFFSET") || Ahead().Is(")") || Ahead().Is(";"));
            var items = ReadSortItems();
            query = all
                ? query with { OrderAll = true, OrderAllItem = items[0] }
                : query with { Order = items };
        }

        if (AtAny("SORT", "CLUSTER", "DISTRIBUTE") && Ahead().Is("BY"))
        {
            throw Unsupported(Current.Span, $"{Current.Text.ToUpperInvariant()} BY");
        }

        if (At("WINDOW"))
        {
            throw Unsupported(Current.Span, "WINDOW after a set operation");
        }

        if (TryTake("LIMIT"))
        {
            var all = At("ALL") && !Ahead().Is("(");
            if (all)
            {
                Take();
            }
            else
            {
                query = query with { Limit = ReadExpression() };
            }
        }

        return TryTake("OFFSET") ? query with { Offset = ReadExpression() } : query;
    }

    private List<SortNode> ReadSortItems()
    {
        var items = new List<SortNode>();
        do
        {
            var start = Current.Span;
            var expression = ReadExpression();
            var descending = TryTake("DESC") || (TryTake("ASC") && false);
            bool? nullsFirst = null;
            if (TryTake("NULLS"))
            {
                nullsFirst = TryTake("FIRST");
                if (nullsFirst == false)
                {
                    Expect("LAST");
                }
            }

            items.Add(new SortNode(From(start), expression, descending, nullsFirst));
        }
        while (TryTake(","));
        return items;
    }

    /// <summary>Set operations: INTERSECT binds tighter than UNION and EXCEPT.</summary>
    private BodyNode ReadBody(int least)
    {
        var start = Current.Span;
        var left = ReadBodyItem();
        while (true)
        {
            var binding = At("INTERSECT") ? 2 : AtAny("UNION", "EXCEPT", "MINUS", "SETMINUS") ? 1 : 0;
            if (binding == 0 || binding <= least)
            {
                return left;
            }

            var kind = Take().Text.ToUpperInvariant();
            kind = kind is "MINUS" or "SETMINUS" ? "EXCEPT" : kind;
            var all = TryTake("ALL");
            if (!all)
            {
                TryTake("DISTINCT");
            }

            var right = ReadBody(binding);
            left = new SetNode(From(start), kind, all, left, right);
        }
    }

    private BodyNode ReadBodyItem()
    {
        var start = Current.Span;
        if (TryTake("("))
        {
            var query = ReadQuery();
            Expect(")");
            return new NestedQueryNode(From(start), query);
        }

        if (At("SELECT"))
        {
            return ReadSelect(null);
        }

        if (TryTake("FROM"))
        {
            var from = ReadRelations();
            if (At("SELECT"))
            {
                return ReadSelect(from);
            }

            return At("|>") ? throw Unsupported(Current.Span, "The pipe operator |>") : throw Unexpected();
        }

        if (At("VALUES"))
        {
            var values = ReadValues();
            return new RelationBodyNode(From(start), values);
        }

        if (TryTake("TABLE"))
        {
            var table = ReadTableName();
            return new RelationBodyNode(From(start), table);
        }

        if (AtAny("MAP", "REDUCE") && Ahead().Kind == TokenKind.Word)
        {
            throw Unsupported(Current.Span, "TRANSFORM");
        }

        throw Unexpected();
    }

    private SelectNode ReadSelect(RelationNode? from)
    {
        var start = Current.Span;
        Expect("SELECT");
        var distinct = false;
        if (At("DISTINCT") && !EndsItem(Ahead()))
        {
            Take();
            distinct = true;
        }
        else if (At("ALL") && !EndsItem(Ahead()))
        {
            Take();
        }

        if (At("TRANSFORM", "(") && LooksLikeScript())
        {
            throw Unsupported(Current.Span, "TRANSFORM with a script");
        }

        var items = ReadSelectItems();
        if (from is null && TryTake("FROM"))
        {
            from = ReadRelations();
        }

        var select = new SelectNode(start, distinct, items, from);
        if (At("LATERAL", "VIEW"))
        {
            throw Unsupported(Current.Span, "LATERAL VIEW");
        }

        if (TryTake("WHERE"))
        {
            select = select with { Where = ReadExpression() };
        }

        if (At("GROUP", "BY"))
        {
            select = ReadGroupBy(select);
        }

        if (TryTake("HAVING"))
        {
            if (Current.Kind == TokenKind.End)
            {
                throw SqlError.Syntax(_sql, new Token(TokenKind.Word, "HAVING", Previous), "extra input 'HAVING'");
            }

            select = select with { Having = ReadExpression() };
        }

        if (At("WINDOW"))
        {
            Take();
            var windows = new List<(string, WindowNode)>();
            do
            {
                var name = ReadName();
                Expect("AS");
                windows.Add((name, ReadWindow()));
            }
            while (TryTake(","));
            select = select with { Windows = windows };
        }

        if (TryTake("QUALIFY"))
        {
            select = select with { Qualify = ReadExpression() };
        }

        return select with { Span = From(start) };
    }

    /// <summary>Hive's <c>TRANSFORM (a, b) USING 'script'</c>, which looks like the function until USING.</summary>
    private bool LooksLikeScript()
    {
        var depth = 0;
        for (var ahead = 1; Ahead(ahead).Kind != TokenKind.End; ahead++)
        {
            depth += Ahead(ahead).Is("(") ? 1 : Ahead(ahead).Is(")") ? -1 : 0;
            if (depth == 0)
            {
                return Ahead(ahead + 1).Is("USING");
            }
        }

        return false;
    }

    private static bool EndsItem(Token token) =>
        token.Kind == TokenKind.End || token.Is(",") || token.Is("FROM") || token.Is(")") || token.Is(".") || token.Is("AS");

    private List<SelectItemNode> ReadSelectItems()
    {
        var items = new List<SelectItemNode>();
        do
        {
            var start = Current.Span;
            var expression = ReadExpression();
            string? alias = null;
            if (TryTake("AS"))
            {
                if (At("("))
                {
                    throw Unsupported(Current.Span, "A list of aliases");
                }

                alias = ReadName();
            }
            else if (Current.Kind == TokenKind.QuotedName || (Current.Kind == TokenKind.Word && !StartsClause()))
            {
                alias = ReadName();
            }

            items.Add(new SelectItemNode(From(start), expression, alias));
        }
        while (TryTake(","));
        return items;
    }

    /// <summary>Whether the word here begins the next clause of a SELECT rather than being an alias.</summary>
    private bool StartsClause() =>
        AtAny("FROM", "UNION", "EXCEPT", "INTERSECT", "MINUS", "SETMINUS", "LIMIT", "QUALIFY") && Current.Kind == TokenKind.Word
        || (AtAny("WHERE", "HAVING") && Ahead().Kind != TokenKind.End && !Ahead().Is(")") && !Ahead().Is(","))
        || (AtAny("GROUP", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE") && Ahead().Is("BY"))
        || At("LATERAL", "VIEW")
        || (At("WINDOW") && Ahead(2).Is("AS"))
        || (At("OFFSET") && Ahead().Kind == TokenKind.Integer);

    private SelectNode ReadGroupBy(SelectNode select)
    {
        var start = Current.Span;
        Take();
        Take();
        if (At("ALL") && (Ahead().Kind == TokenKind.End || Ahead().Is("ORDER") || Ahead().Is("HAVING") || Ahead().Is("LIMIT") || Ahead().Is(")") || Ahead().Is("UNION") || Ahead().Is("QUALIFY") || Ahead().Is("WINDOW") || Ahead().Is("INTERSECT") || Ahead().Is("EXCEPT") || Ahead().Is(";")))
        {
            Take();
            return select with { GroupByAll = true, GroupBySpan = From(start) };
        }

        if (At("GROUPING", "SETS") || (AtAny("ROLLUP", "CUBE") && Ahead().Is("(")))
        {
            throw Unsupported(Current.Span, $"GROUP BY {(At("GROUPING") ? "GROUPING SETS" : Current.Text.ToUpperInvariant())}");
        }

        var keys = new List<ExpressionNode>();
        do
        {
            if (At("GROUPING", "SETS") || (AtAny("ROLLUP", "CUBE") && Ahead().Is("(")))
            {
                throw Unsupported(Current.Span, "Grouping analytics");
            }

            keys.Add(ReadExpression());
        }
        while (TryTake(","));
        if (At("WITH", "ROLLUP") || At("WITH", "CUBE") || At("GROUPING", "SETS"))
        {
            throw Unsupported(From(Current.Span), $"GROUP BY … {Current.Text.ToUpperInvariant()} {Ahead().Text.ToUpperInvariant()}");
        }

        return select with { GroupBy = keys, GroupBySpan = From(start) };
    }
}
