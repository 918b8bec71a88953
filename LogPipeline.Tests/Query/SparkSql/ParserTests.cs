using LogPipeline.Core.Query;
using LogPipeline.Core.Query.SparkSql;
using LogPipeline.Core.Query.SparkSql.Syntax;
using Xunit;

namespace LogPipeline.Tests.Query.SparkSql;

public sealed class ParserTests
{
    private static ExpressionNode Expression(string text) =>
        ((SelectNode)((QueryStatement)Parser.ParseStatement("SELECT " + text)).Query.Body).Items[0].Expression;

    private static string Shape(ExpressionNode node) => node switch
    {
        BinaryNode binary => $"({Shape(binary.Left)} {binary.Operator} {Shape(binary.Right)})",
        UnaryNode unary => $"({unary.Operator} {Shape(unary.Operand)})",
        IsNode test => $"({Shape(test.Operand)} IS {(test.Not ? "NOT " : "")}{test.What})",
        BetweenNode between => $"({Shape(between.Operand)} BETWEEN {Shape(between.Low)} {Shape(between.High)})",
        CastNode cast => $"({Shape(cast.Operand)}::{cast.Type})",
        NameNode name => string.Join('.', name.Parts),
        LiteralNode literal => $"{literal.Value}",
        _ => node.GetType().Name,
    };

    [Theory]
    [InlineData("a OR b AND NOT c", "(a OR (b AND (NOT c)))")]
    [InlineData("NOT a = b", "(NOT (a = b))")]
    [InlineData("a + b * c - d", "((a + (b * c)) - d)")]
    [InlineData("'1' || 2 + 3", "((1 || 2) + 3)")]
    [InlineData("a & b | c ^ d", "((a & b) | (c ^ d))")]
    [InlineData("a = b IS NULL", "((a = b) IS NULL)")]
    [InlineData("a BETWEEN 1 AND 2 AND c", "((a BETWEEN 1 2) AND c)")]
    [InlineData("-a::int", "(- (a::int))")]
    [InlineData("-1 - -2", "(-1 - -2)")]
    [InlineData("a DIV b % c", "((a DIV b) % c)")]
    [InlineData("a == b", "(a = b)")]
    public void Operators_bind_as_in_sparks_grammar(string text, string shape) => Assert.Equal(shape, Shape(Expression(text)));

    [Fact]
    public void Every_node_knows_its_place()
    {
        const string sql = "SELECT upper(level) AS l FROM delta_lake.logs WHERE status >= 400";
        var select = (SelectNode)((QueryStatement)Parser.ParseStatement(sql)).Query.Body;
        string At(Span span) => sql[span.Start..span.End];
        Assert.Equal("upper(level)", At(select.Items[0].Expression.Span));
        Assert.Equal("upper(level) AS l", At(select.Items[0].Span));
        Assert.Equal("delta_lake.logs", At(select.From!.Span));
        Assert.Equal("status >= 400", At(select.Where!.Span));
    }

    [Theory]
    [InlineData("SELEC id FROM t", 0, 1, 1)]
    [InlineData("SELECT id FORM delta_lake.logs", 15, 1, 16)]
    [InlineData("SELECT id\nFROM t WHERE id >", 27, 2, 18)]
    [InlineData("SELECT count(* FROM t", 15, 1, 16)]
    [InlineData("SELECT 'open", 7, 1, 8)]
    [InlineData("SELECT `open", 7, 1, 8)]
    [InlineData("SELECT 1; SELECT 2", 10, 1, 11)]
    [InlineData("EXPLAIN", 7, 1, 8)]
    [InlineData("", 0, 1, 1)]
    public void A_syntax_error_has_its_place(string sql, int start, int line, int column)
    {
        var failure = Assert.Throws<QueryException>(() => SparkSqlFrontEnd.Parse(sql));
        Assert.Equal("PARSE_SYNTAX_ERROR", failure.ErrorClass);
        Assert.Equal((start, line, column), (failure.Start, failure.Line, failure.Column));
    }

    [Theory]
    [InlineData(@"'it''s'", "it's")]
    [InlineData(@"'a\nb'", "a\nb")]
    [InlineData(@"'\u00e9'", "é")]
    [InlineData(@"'\%\_\q'", @"\%\_q")]
    [InlineData(@"r'C:\new'", @"C:\new")]
    [InlineData(@"'x' 'y'", "xy")]
    [InlineData("\"double\"", "double")]
    public void Text_is_unescaped_as_spark_does(string text, string value) => Assert.Equal(value, Assert.IsType<LiteralNode>(Expression(text)).Value);

    [Fact]
    public void Tables_are_found_wherever_they_are_named_but_common_table_expressions_are_not()
    {
        var statement = SparkSqlFrontEnd.Parse("WITH a AS (SELECT * FROM delta_lake.x) SELECT (SELECT max(i) FROM y) FROM a JOIN b.z USING (k) WHERE EXISTS (SELECT 1 FROM A)");
        Assert.Equal(["b.z", "delta_lake.x", "y"], statement.Tables.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("SELECT {0}1", "(")]
    [InlineData("SELECT {0}true", "NOT ")]
    [InlineData("SELECT {0}1", "- ")]
    [InlineData("SELECT 1{0}", " + 1")]
    [InlineData("SELECT true{0}", " OR true")]
    [InlineData("SELECT true{0}", " AND true")]
    [InlineData("SELECT 'a'{0}", " || 'a'")]
    [InlineData("SELECT a{0} FROM t", "[0]")]
    [InlineData("SELECT 1{0}", "::int")]
    [InlineData("SELECT 1{0}", " UNION ALL SELECT 1")]
    [InlineData("SELECT * FROM t{0}", " CROSS JOIN t")]
    [InlineData("SELECT * FROM {0}t", "(SELECT * FROM ")]
    public void Deep_nesting_is_an_error_and_no_crash(string statement, string part)
    {
        var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, statement, string.Concat(Enumerable.Repeat(part, 50_000)));
        Assert.Equal("FAILED_TO_PARSE_TOO_COMPLEX", Assert.Throws<QueryException>(() => SparkSqlFrontEnd.Parse(text)).ErrorClass);
    }
}
