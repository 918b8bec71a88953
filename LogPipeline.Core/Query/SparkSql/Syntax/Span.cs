namespace LogPipeline.Core.Query.SparkSql.Syntax;

/// <summary>A place in the text: from <paramref name="Start"/> up to but without <paramref name="End"/>.</summary>
internal readonly record struct Span(int Start, int End)
{
    public int Length => End - Start;

    public static Span Between(Span first, Span last) => new(first.Start, last.End);
}
