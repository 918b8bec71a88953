using LogPipeline.Web.Components.Format;

namespace LogPipeline.Web.Components.Health;

/// <summary>Sizes of files with their unit: 4,619 MB · 0.33 MB · 7 KB.</summary>
internal static class FileSize
{
    public static string Text(long bytes) => bytes switch
    {
        0 => "0\u00A0MB",
        < 100_000 => Numbers.Count((bytes + 999) / 1000) + "\u00A0KB",
        _ => Numbers.Megabytes(bytes) + "\u00A0MB",
    };
}
