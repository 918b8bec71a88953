using LogPipeline.Core.Query.SparkSql.Editor;
using Xunit;

namespace LogPipeline.Tests.Query.SparkSql;

public sealed class SqlEditorServiceTests
{
    private static IReadOnlyList<CompletionItem> Complete(string marked)
    {
        var caret = marked.IndexOf('|', StringComparison.Ordinal);
        return SqlEditorService.Complete(marked.Remove(caret, 1), caret, SampleTable.Catalog);
    }

    [Fact]
    public void After_from_come_tables() => Assert.Equal(["delta_lake.logs"], Complete("SELECT * FROM lo|").Select(item => item.Label));

    [Fact]
    public void A_prefix_brings_columns_with_types_and_functions_with_signatures()
    {
        var items = Complete("SELECT st| FROM delta_lake.logs");
        Assert.Contains(items, item => item is { Label: "status", Kind: "column", Detail: "int" });
        Assert.Contains(items, item => item is { Label: "startswith", Kind: "function" } && item.Detail.StartsWith("startswith(", StringComparison.Ordinal));
        Assert.All(items, item => Assert.StartsWith("st", item.Label, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void After_an_alias_and_a_point_come_its_columns() =>
        Assert.Equal(["response_time", "referrer"], Complete("SELECT l.re| FROM delta_lake.logs AS l").Select(item => item.Label));

    [Fact]
    public void An_unfinished_text_still_completes() => Assert.Contains(Complete("SELECT id FROM delta_lake.logs WHERE level = 'x' AND stat|"), item => item.Label == "status");

    [Fact]
    public void A_fault_is_shown_at_its_place_with_a_repair()
    {
        var fault = Assert.Single(SqlEditorService.Diagnose("SELECT id,\n  statuss FROM delta_lake.logs", SampleTable.Catalog));
        Assert.Equal((2, 3, 7), (fault.Line, fault.Column, fault.Length));
        Assert.Equal("status", fault.Suggestions[0]);
        Assert.False(fault.IsUnsupported);
    }

    [Fact]
    public void A_right_statement_has_no_fault_and_what_only_spark_answers_is_marked_so()
    {
        Assert.Empty(SqlEditorService.Diagnose("SELECT count(*) FROM delta_lake.logs", SampleTable.Catalog));
        Assert.Empty(SqlEditorService.Diagnose("  ", SampleTable.Catalog));
        Assert.True(Assert.Single(SqlEditorService.Diagnose("SELECT rand()", SampleTable.Catalog)).IsUnsupported);
    }

    [Fact]
    public void Hover_tells_types_and_signatures()
    {
        const string sql = "SELECT upper(level) FROM delta_lake.logs";
        Assert.Equal("level: string", SqlEditorService.Hover(sql, 14, SampleTable.Catalog)?.Title);
        Assert.Equal("upper(text)", SqlEditorService.Hover(sql, 8, SampleTable.Catalog)?.Title);
        Assert.Equal("delta_lake.logs", SqlEditorService.Hover(sql, 37, SampleTable.Catalog)?.Title);
        Assert.Null(SqlEditorService.Hover(sql, 6, SampleTable.Catalog));
    }

    [Fact]
    public void Formatting_puts_one_clause_on_a_line() => Assert.Equal(
        "SELECT level, count(*) AS n\nFROM delta_lake.logs\nWHERE status >= 400\nGROUP BY level\nORDER BY n desc\nLIMIT 5",
        SqlEditorService.Format("select level, count(*) as n from delta_lake.logs where status >= 400 group by level order by n desc limit 5"));
}
