namespace LogPipeline.Core.Query.Results;

/// <summary>How a result is written as text.</summary>
public enum ResultFormat
{
    /// <summary>Aligned columns between lines, for people.</summary>
    Table,

    /// <summary>RFC 4180: a line of names, then a line a row; null is empty, an empty text is <c>""</c>.</summary>
    Csv,

    /// <summary>One array of objects.</summary>
    Json,

    /// <summary>One object a line.</summary>
    Ndjson,
}
