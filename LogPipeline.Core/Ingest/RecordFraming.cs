namespace LogPipeline.Core.Ingest;

/// <summary>How the records of an input are told apart.</summary>
internal enum RecordFraming
{
    /// <summary>One record a line: NDJSON and access logs.</summary>
    Lines,

    /// <summary>The elements of one JSON array.</summary>
    JsonArray,

    /// <summary>JSON values one after the other, each over any number of lines: one event that is printed prettily is this.</summary>
    JsonValues,
}
