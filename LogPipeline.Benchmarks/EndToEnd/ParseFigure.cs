namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>Combined log lines, parsed and folded into every live metric, beside GoAccess making its report of the same file.</summary>
internal static class ParseFigure
{
    public static Task<string> MeasureAsync(Workspace workspace) => throw new NotSupportedException(workspace.Folder);
}
